"""Letters on their way: every minute those that are due, every morning one to each who wants a letter a day.

A letter whose sending was not noted (the program died in between) is sent again under the same Message-ID.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

from server.jobs import actions as jobs
from server.jobs.kinds import Arguments, JobKind, Progress, Save, Schedule
from server.jobs.model import Job, NewJob, Shard
from server.notify import store
from server.notify.actions import told
from server.notify.engine import letter, lines_of, next_try
from server.notify.model import WORDS, Notice
from server.notify.providers.mail import mail_line
from server.settings import MailSettings
from server.storage import UnitOfWork, portions

AT_ONCE, SHARD = 1_000, 50
NEWS = timedelta(days=1)
"""A letter that could not go for longer is no news any more: the notice stays in the app."""
DIGEST_NOTICES = 20
NOBODYS = "post"
"""The permission of these jobs, which nobody has: a list of long work with one for each minute would help nobody."""

AddressBook = Callable[[UnitOfWork, Collection[int]], Mapping[int, str]]
"""Mail addresses by person, of those who have one."""


class Waits(Protocol):
    """What waits for somebody, for the daily letter: (text, facts, address), as notices have them."""

    def __call__(self, uow: UnitOfWork, person_id: int, now: datetime) -> Iterable[tuple[str, Mapping[str, object], str]]: ...


class Post:
    """Writes letters in the company's language and hands them to its mail server."""

    def __init__(self, settings: MailSettings, company: str, tell: Callable[..., str], book: AddressBook, waits: Sequence[Waits]) -> None:
        self.settings, self.company, self.tell, self.book, self.waits = settings, company, tell, book, waits

    @property
    def kinds(self) -> tuple[JobKind, ...]:
        return (JobKind("letters", _split_due, self._send_due), JobKind("daily-letters", _split_daily, self._send_daily))

    def schedules(self, zone: str) -> list[Schedule]:
        """What is done by the company's clock."""
        ask_daily = partial(_ask_daily, ZoneInfo(zone))
        return [Schedule("letters", "* * * * *", zone, _ask_due), Schedule("daily-letters", "0 8 * * *", zone, ask_daily)]

    def _send_due(self, uow: UnitOfWork, _job: Job, arguments: Arguments, progress: Progress) -> Save:
        due = store.letters(uow, arguments["letters"])
        addresses = self.book(uow, {one.notice.person_id for one in due})
        tries: dict[int, datetime | None] = {}
        now = datetime.now(UTC)
        with mail_line(self.settings) as send:
            for number, one in enumerate(due, 1):
                receiver = addresses.get(one.notice.person_id)
                lines = lines_of([one.notice], self._told, self.settings.pages)
                sent = receiver is None or send(self._letter(receiver, lines, f"notice-{one.notice.id}", now))
                tries[one.notice.id] = None if sent else next_try(one.attempts, now)
                progress(number)
        return lambda writing: store.settle_letters(writing, tries)

    def _send_daily(self, uow: UnitOfWork, _job: Job, arguments: Arguments, progress: Progress) -> Save:
        people, day, now = arguments["people"], date.fromisoformat(arguments["day"]), datetime.now(UTC)
        addresses = self.book(uow, people)
        done: list[int] = []
        with mail_line(self.settings) as send:
            for number, person in enumerate(people, 1):
                lines = list(self._waiting(uow, person, now)) if person in addresses else []
                if not lines or send(self._letter(addresses[person], lines, f"daily-{person}-{day}", now)):
                    done.append(person)
                progress(number)
        return lambda writing: store.note_digest(writing, done, day)

    def _waiting(self, uow: UnitOfWork, person: int, now: datetime) -> Iterator[tuple[str, str]]:
        base = self.settings.pages
        for waits in self.waits:
            for text, facts, address in waits(uow, person, now):
                words = {name: self.tell(value) if name in WORDS else value for name, value in facts.items()}
                yield self.tell(text, **words), f"{base}{address}" if base and address else ""
        unread = [one for one in store.page(uow, person, limit=DIGEST_NOTICES) if one.read_at is None]
        yield from lines_of(unread, self._told, base)

    def _told(self, one: Notice) -> str:
        return told(one, self.tell)

    def _letter(self, receiver: str, lines: Sequence[tuple[str, str]], key: str, now: datetime) -> EmailMessage:
        return letter(self.settings.sender, receiver, self.company, lines, self.tell, key, now)


def _ask_due(uow: UnitOfWork, at: datetime) -> None:
    now = at.astimezone(UTC)
    store.drop_old_letters(uow, now - NEWS)
    if store.letters_due(uow, now, 1):
        jobs.enqueue(uow, NewJob("letters", f"letters-{now:%Y%m%d%H%M}", "Letters", NOBODYS), "clock", now)


def _split_due(uow: UnitOfWork, _arguments: Arguments) -> Sequence[Shard]:
    due = [one.notice.id for one in store.letters_due(uow, datetime.now(UTC), AT_ONCE)]
    return [Shard(len(some), {"letters": some}) for some in portions(due, SHARD)]


def _ask_daily(zone: ZoneInfo, uow: UnitOfWork, at: datetime) -> None:
    day = at.astimezone(zone).date().isoformat()
    jobs.enqueue(uow, NewJob("daily-letters", f"daily-letters-{day}", "Letters", NOBODYS, {"day": day}), "clock", at.astimezone(UTC))


def _split_daily(uow: UnitOfWork, arguments: Arguments) -> Sequence[Shard]:
    people = store.wanting_digest(uow, date.fromisoformat(arguments["day"]))
    return [Shard(len(some), {"people": some, "day": arguments["day"]}) for some in portions(people, SHARD)]
