"""What can go wrong at an edge.

EdgeError
  SettingsError        what was configured cannot be used; `findings` says all of it at once
  VaultError           the key of what is hidden at rest is missing, wrong or cannot be used; a person must put it back
  EnrolmentError       this box cannot be made an edge now; a person must do what it says
  OutboxError
    OutboxFullError    transient; the outbox takes no row until some were released: stop reading terminals, try again later
    OutboxLockedError  another agent works with this outbox; a person must decide which one
    OutboxDamagedError the file cannot be trusted; reopening the outbox moves it aside and saves what can be read
    OutboxDiskError    transient or a dying disk: the operation did not happen
    OutboxForeignError the file belongs to an edge of another name; a person must choose another folder
    OutboxNewerError   the file was written by a later release; a person must install that one

Every message stands in English and Chinese and says what to do next; neither holds names or numbers of people.
"""

from collections.abc import Sequence


class EdgeError(Exception):
    """Anything that keeps an edge from its work."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.english = english
        self.chinese = chinese

    def told(self, *, chinese: bool) -> str:
        """The message in the language of the person who reads it."""
        return self.chinese if chinese else self.english


class SettingsError(EdgeError):
    """Settings that cannot be used; one (English, Chinese) pair for each finding."""

    def __init__(self, findings: Sequence[tuple[str, str]]) -> None:
        super().__init__("\n".join(english for english, _ in findings), "\n".join(chinese for _, chinese in findings))
        self.findings = tuple(findings)


class VaultError(EdgeError):
    """Something hidden cannot be shown."""


class EnrolmentError(EdgeError):
    """This box was not enrolled, or its certificate not renewed; nothing has changed here."""


class OutboxError(EdgeError):
    """Anything that keeps the outbox from its work."""


class OutboxFullError(OutboxError):
    """No room; nothing of what was offered has been appended."""


class OutboxLockedError(OutboxError):
    """Another process holds the outbox."""


class OutboxDamagedError(OutboxError):
    """The file contradicts itself; `reason` is for the log and for the note beside the file."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The outbox is damaged ({reason}). It is moved aside and what can be read is saved when the agent starts again.",
            f"待发队列文件已损坏（{reason}）。程序重新启动时会把它移到一边，并抢救其中可读的数据。",
        )
        self.reason = reason


class OutboxDiskError(OutboxError):
    """The disk failed an operation; what was offered has not been appended."""


class OutboxForeignError(OutboxError):
    """A file of another edge."""


class OutboxNewerError(OutboxError):
    """A file of a later release."""
