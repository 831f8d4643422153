"""What people do with alarms: take one on, mute it for a while, look back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError
from server.ingest.actions import read_fleet
from server.ingest.alarms import alarms
from server.ingest.watch import store
from server.ingest.watch.actions.watching import follow
from server.ingest.watch.model import Episode, Mute, Step
from server.storage import UnitOfWork

LONGEST_MUTE = timedelta(days=90)
LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class TakenOn:
    """What somebody has said about alarms that last: episodes that were taken on, and mutes in force, by the alarms' keys."""

    taken: Mapping[str, Episode]
    muted: Mapping[str, Mute]
    looked_at: datetime | None

    def __contains__(self, key: object) -> bool:
        return key in self.taken or key in self.muted


@dataclass(frozen=True, slots=True)
class Past:
    """An episode with what was told of it: (step, when, the rule's name)."""

    episode: Episode
    told: tuple[tuple[Step, datetime, str], ...]


def taken_on(uow: UnitOfWork, now: datetime) -> TakenOn:
    """What needs nobody else now."""
    taken = {one.key: one for one in store.open_episodes(uow) if one.taken_at is not None}
    return TakenOn(taken, {one.key: one for one in store.mutes(uow, now)}, store.looked_at(uow))


def take_on(uow: UnitOfWork, key: str, note: str, by: Actor, now: datetime) -> None:
    """Somebody looks after it: it is not repeated and not escalated, until it is over. Raises NotFoundError for one that does not last."""
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise InvalidInputError(field="note", reason="keep the note below 500 characters")
    episode = _lasting(uow, key, now)
    store.change_episode(uow, episode.id, taken_at=now, taken_by=by.name, note=note)
    record(uow, by, "alarm.take-on", "alarm", episode.subject, at=now, after={"alarm": episode.kind}, reason=note)


def mute(uow: UnitOfWork, key: str, until: datetime, reason: str, by: Actor, now: datetime) -> None:
    """Nobody is told of it until then, also when it ends and comes again. Raises InvalidInputError, NotFoundError."""
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_NOTE:
        raise InvalidInputError(field="reason", reason="say why nobody shall be told, in at most 500 characters")
    if not now < until <= now + LONGEST_MUTE:
        raise InvalidInputError(field="until", reason="give a moment within the next 90 days")
    episode = _lasting(uow, key, now)
    store.add_mute(uow, key, until, reason, by.name, now)
    record(uow, by, "alarm.mute", "alarm", episode.subject, at=now, after={"alarm": episode.kind, "until": until}, reason=reason)


def unmute(uow: UnitOfWork, key: str, by: Actor, now: datetime) -> None:
    """It is told of again. Raises NotFoundError where it is not muted."""
    if not store.end_mutes(uow, key, now):
        raise NotFoundError(what="mute", name=key)
    record(uow, by, "alarm.unmute", "alarm", key, at=now)


def history_of(uow: UnitOfWork, *, href: str = "", kind: str = "", below: int | None = None) -> list[Past]:
    """Alarms from the latest on, one more than a page: when each began and ended, who took it on, who was told."""
    found = store.history(uow, href=href, kind=kind, below=below)
    told, names = store.told(uow, [one.id for one in found]), store.rule_names(uow)
    return [Past(one, tuple((row.step, row.at, names.get(row.rule_id, "")) for _, row in told[one.id])) for one in found]


def _lasting(uow: UnitOfWork, key: str, now: datetime) -> Episode:
    """The episode of an alarm that lasts, begun now where nobody has looked since."""
    fleet = read_fleet(uow)
    found = follow(uow, fleet, alarms(fleet, now), now)
    episode = next((one for one in found if one.key == key and one.ended_at is None), None)
    if episode is None:
        raise NotFoundError(what="alarm", name=key)
    return episode
