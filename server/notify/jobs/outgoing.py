"""What goes outside is carried: within a second of when it was asked for, and again after a fault, later each time.

What was sent and not noted (the program died in between) is sent again under the same number, so its reader can know it as one.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

import structlog

from server.jobs.kinds import Arguments, JobKind, Progress, Save, Schedule
from server.jobs.model import Job, Shard
from server.notify.actions.outgoing import KIND, ask
from server.notify.engine import letter, next_try, posting_of
from server.notify.providers.hooks import HookError, post
from server.notify.providers.mail import mail_line
from server.notify.store import outgoing
from server.notify.store.outgoing import DueSending
from server.settings import MailSettings
from server.storage import UnitOfWork, portions

AT_ONCE, SHARD = 500, 20
Outcome = tuple[datetime | None, datetime | None, str, str]
"""When it is tried again, when it was sent, why not, and the code of that."""


class Carrier:
    """Sends in the company's language by its mail server, and to webhooks. named: hosts inside our network that may be told."""

    def __init__(self, mail: MailSettings, company: str, tell: Callable[..., str], named: Collection[str]) -> None:
        self.mail, self.company, self.tell, self.named = mail, company, tell, frozenset(one.lower() for one in named)

    @property
    def kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, _split, self._send),)

    def schedules(self, zone: str) -> list[Schedule]:
        """What was not taken is tried again."""
        return [Schedule(KIND, "* * * * *", zone, _ask_due)]

    def _send(self, uow: UnitOfWork, _job: Job, arguments: Arguments, progress: Progress) -> Save:
        outcomes: dict[int, Outcome] = {}
        for number, one in enumerate(outgoing.due(uow, arguments["sendings"]), 1):
            outcomes[one.id] = self._tried(one, datetime.now(UTC))
            progress(number)

        def save(writing: UnitOfWork) -> None:
            for sending_id, (due_at, sent_at, fault, code) in outcomes.items():
                outgoing.settle(writing, sending_id, due_at, sent_at, fault, code)

        return save

    def _tried(self, one: DueSending, now: datetime) -> Outcome:
        try:
            self._mailed(one, now) if one.way == "mail" else self._posted(one, now)
        except HookError as error:
            again = next_try(one.attempts, now)
            structlog.get_logger().warning("something could not be sent outside", way=one.way, number=one.id, code=error.code, again=again)
            return again, None, error.fault, error.code
        return None, now, "", ""

    def _mailed(self, one: DueSending, now: datetime) -> None:
        if not self.mail.host:
            raise HookError("The server has no mail server: set one under [mail] in its settings.")
        lines = [(one.message.heading, ""), *one.message.lines]
        message = letter(self.mail.sender, one.address, self.company, lines, self.tell, f"sending-{one.id}", now)
        message.replace_header("Subject", " ".join(one.message.heading.split())[:150])
        with mail_line(self.mail) as send:
            if not send(message):
                raise HookError("The mail server did not take it.")

    def _posted(self, one: DueSending, now: datetime) -> None:
        hook = one.webhook
        if hook is None or not hook.is_on:
            raise HookError("The webhook is switched off.")
        post(posting_of(hook.form, hook.url, one.secret, one.message, f"sending-{one.id}", now), hook.form, self.named)


def _ask_due(uow: UnitOfWork, at: datetime) -> None:
    now = at.astimezone(UTC)
    if outgoing.due_ids(uow, now, 1):
        ask(uow, now)


def _split(uow: UnitOfWork, _arguments: Arguments) -> Sequence[Shard]:
    due = outgoing.due_ids(uow, datetime.now(UTC), AT_ONCE)
    return [Shard(len(some), {"sendings": some}) for some in portions(due, SHARD)]
