"""What a person can be told when the server cannot do what was asked.

ServerError                     carries an HTTP status, a code for programs and the facts for the sentence
  NotFoundError          404    there is no such thing, or this person may not know of it
  RefusedError           409    what was asked cannot be in the present state; areas derive their own
  InvalidInputError      422    a value cannot be used; names the field
  NoSuchValueError       422    no database keeps such a value; raised by `server.storage`, wherever it came from
  NotAllowedError        403    the account lacks the permission
  StorageError           503    in `server.storage.errors`: the database failed; some are transient

A class's `message` is the English text and at once the key of the translation (Babel); `{names}` in it are facts. It is rendered
once, at the rim: by the web in the reader's language (`told`), by the command line with `str()`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

OURS = ("what", "field", "permission", "why")
"""Facts that are words of ours, which have a translation. Others are a user's, and stay as they are."""


_WORD_BY_NUMBER = re.compile(r"\{(\w+):([^{}|]*)\|([^{}|]*)\}")


def filled(text: str, facts: Mapping[str, object]) -> str:
    """A text with its facts in it: `{n}` is the fact, `{n:day|days}` the first word where n is 1, else the second.

    Only English needs the second form: "{n} {n:day is|days are} provisional". A text without facts stays as it is.
    """
    if not facts:
        return text
    return _WORD_BY_NUMBER.sub(lambda found: found[2] if str(facts[found[1]]) == "1" else found[3], text).format(**facts)


class ServerError(Exception):
    """Base of all; raised with facts as keywords, which appear in the message where it names them."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "server-error"
    message: ClassVar[str] = "The server could not do this."

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.told(_in_english))

    def told(self, tell: Callable[..., str]) -> str:
        """The sentence in the words of `tell`. A `reason` is a text of ours, too, and may name the other facts."""
        facts = {name: tell(value) if name in OURS else value for name, value in self.facts.items()}
        if "reason" in facts:
            facts["reason"] = tell(facts.pop("reason"), **facts)
        return tell(self.message, **facts)


class NotFoundError(ServerError):
    """`what` is the kind of thing in words, `name` how it was asked for."""

    status = 404
    code = "not-found"
    message = "There is no {what} {name}."


class RefusedError(ServerError):
    """`reason` is a whole sentence, in which other facts may be named."""

    status = 409
    code = "refused"
    message = "{reason}"


class InvalidInputError(ServerError):
    """`field` names the input, `reason` says what is wrong and what would be right; other facts may be named in it."""

    status = 422
    code = "invalid-input"
    message = "{field}: {reason}"


class NoSuchValueError(ServerError):
    """No row can have it, so nothing was found and nothing was changed."""

    status = 422
    code = "no-such-value"
    message = "The address or form has a value that nothing here can have: a number that is too large, or a character that is none."


class NotAllowedError(ServerError):
    """`permission` is the one that is missing."""

    status = 403
    code = "not-allowed"
    message = "Your account lacks the permission {permission}. Ask an administrator for it."


def _in_english(text: str, **facts: object) -> str:
    return filled(text, facts)
