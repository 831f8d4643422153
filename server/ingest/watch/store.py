"""Reading and writing what is watched."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import Row, Select, delete, insert, select, update

from server.ingest.watch.model import Episode, Mute, Passes, Quiet, Receiver, ReceiverKind, Rule, RuleTerms, Step, Told
from server.ingest.watch.tables import alarm_episode, alarm_mute, alarm_receiver, alarm_rule, alarm_told, alarm_watch
from server.storage import UnitOfWork, insert_ignoring, portions

PAGE = 100
PLACE = "alarm-receiver"


def rules(uow: UnitOfWork) -> list[Rule]:
    """Those that were not removed, by name."""
    receivers: dict[tuple[int, bool], list[Receiver]] = defaultdict(list)
    for row in uow.fetch_all(select(alarm_receiver).order_by(alarm_receiver.c.id)):
        value = uow.vault.open(row.sealed, PLACE) if row.sealed else row.value
        receivers[row.rule_id, row.escalation].append(Receiver(ReceiverKind(row.kind), value))
    query = select(alarm_rule).where(alarm_rule.c.removed_at.is_(None)).order_by(alarm_rule.c.name, alarm_rule.c.id)
    return [Rule(row.id, _terms(row, receivers[row.id, False], receivers[row.id, True]), row.is_on) for row in uow.fetch_all(query)]


def rule_names(uow: UnitOfWork) -> dict[int, str]:
    """Also of those that were removed."""
    return {row.id: row.name for row in uow.fetch_all(select(alarm_rule.c.id, alarm_rule.c.name))}


def put_rule(uow: UnitOfWork, rule_id: int | None, terms: RuleTerms, *, is_on: bool) -> int:
    """Add one, or bring one to these terms; returns its id."""
    values = {"name": terms.name, "is_on": is_on, "terms": _packed(terms)}
    if rule_id is None:
        rule_id = int(uow.scalar(insert(alarm_rule).values(values).returning(alarm_rule.c.id)))
    else:
        uow.execute(update(alarm_rule).where(alarm_rule.c.id == rule_id).values(values))
        uow.execute(delete(alarm_receiver).where(alarm_receiver.c.rule_id == rule_id))
    both = [(False, one) for one in terms.receivers] + [(True, one) for one in terms.escalation]
    rows = [{"rule_id": rule_id, "escalation": is_second, "kind": one.kind.value, **_held(uow, one)} for is_second, one in both]
    if rows:
        uow.execute(insert(alarm_receiver), rows)
    return rule_id


def switch_rule(uow: UnitOfWork, rule_id: int, *, is_on: bool) -> None:
    uow.execute(update(alarm_rule).where(alarm_rule.c.id == rule_id).values(is_on=is_on))


def remove_rule(uow: UnitOfWork, rule_id: int, now: datetime) -> None:
    """Whom it told is forgotten, that it told stays."""
    uow.execute(update(alarm_rule).where(alarm_rule.c.id == rule_id).values(removed_at=now, is_on=False))
    uow.execute(delete(alarm_receiver).where(alarm_receiver.c.rule_id == rule_id))


def drop_receivers(uow: UnitOfWork, kind: ReceiverKind, value: str) -> None:
    """Somebody is told by no rule any more."""
    uow.execute(delete(alarm_receiver).where(alarm_receiver.c.kind == kind.value, alarm_receiver.c.value == value))


def open_episodes(uow: UnitOfWork) -> list[Episode]:
    return _episodes(uow, select(alarm_episode).where(alarm_episode.c.open_key.is_not(None)))


def add_episodes(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Those whose `open_key` is not open yet."""
    insert_ignoring(uow, alarm_episode, rows, ["open_key"])


def change_episode(uow: UnitOfWork, episode_id: int, **values: Any) -> None:
    uow.execute(update(alarm_episode).where(alarm_episode.c.id == episode_id).values(**values))


def end_episodes(uow: UnitOfWork, ids: Collection[int], now: datetime) -> None:
    if ids:
        uow.execute(update(alarm_episode).where(alarm_episode.c.id.in_(list(ids))).values(ended_at=now, open_key=None))


def ended_since(uow: UnitOfWork, since: datetime) -> list[Episode]:
    return _episodes(uow, select(alarm_episode).where(alarm_episode.c.ended_at >= since))


def history(uow: UnitOfWork, *, href: str = "", kind: str = "", below: int | None = None) -> list[Episode]:
    """The latest first, one more than a page."""
    query = select(alarm_episode).order_by(alarm_episode.c.id.desc()).limit(PAGE + 1)
    if href:
        query = query.where(alarm_episode.c.href == href)
    if kind:
        query = query.where(alarm_episode.c.kind == kind)
    return _episodes(uow, query if below is None else query.where(alarm_episode.c.id < below))


def told(uow: UnitOfWork, episode_ids: Collection[int]) -> dict[int, list[tuple[int, Told]]]:
    """(number of the row, what was told) by episode, in order."""
    found: dict[int, list[tuple[int, Told]]] = defaultdict(list)
    for some in portions(episode_ids):
        query = select(alarm_told).where(alarm_told.c.episode_id.in_(some)).order_by(alarm_told.c.id)
        for row in uow.fetch_all(query):
            found[row.episode_id].append((row.id, Told(row.episode_id, row.rule_id, Step(row.step), row.at)))
    return found


def add_told(uow: UnitOfWork, rows: Sequence[Told]) -> None:
    values = [{"episode_id": one.episode_id, "rule_id": one.rule_id, "step": one.step.value, "at": one.at} for one in rows]
    if values:
        uow.execute(insert(alarm_told), values)


def mutes(uow: UnitOfWork, now: datetime) -> list[Mute]:
    """Those in force."""
    rows = uow.fetch_all(select(alarm_mute).where(alarm_mute.c.until > now).order_by(alarm_mute.c.id))
    return [Mute(**row._mapping) for row in rows]  # noqa: SLF001 - a documented name


def add_mute(uow: UnitOfWork, key: str, until: datetime, reason: str, by: str, now: datetime) -> None:
    uow.execute(insert(alarm_mute).values(key=key, until=until, reason=reason, by=by, at=now))


def end_mutes(uow: UnitOfWork, key: str, now: datetime) -> int:
    """Returns how many were in force."""
    return uow.execute(update(alarm_mute).where(alarm_mute.c.key == key, alarm_mute.c.until > now).values(until=now)).rowcount


def take_turn(uow: UnitOfWork, at: datetime) -> bool:
    """Whether this caller is the first who looks for this moment; others wait here until it has committed."""
    insert_ignoring(uow, alarm_watch, [{"id": 1, "looked_at": datetime.fromtimestamp(0, at.tzinfo)}], ["id"])
    return uow.execute(update(alarm_watch).where(alarm_watch.c.looked_at < at).values(looked_at=at)).rowcount == 1


def looked_at(uow: UnitOfWork) -> datetime | None:
    found: datetime | None = uow.scalar(select(alarm_watch.c.looked_at))
    return found


def forget(uow: UnitOfWork, before: datetime) -> int:
    """Episodes that ended before, with what was told of them, and mutes that ran out."""
    old = select(alarm_episode.c.id).where(alarm_episode.c.ended_at < before)
    uow.execute(delete(alarm_told).where(alarm_told.c.episode_id.in_(old)))
    uow.execute(delete(alarm_mute).where(alarm_mute.c.until < before))
    return uow.execute(delete(alarm_episode).where(alarm_episode.c.ended_at < before)).rowcount


def _episodes(uow: UnitOfWork, query: Select[Any]) -> list[Episode]:
    return [Episode(**{name: value for name, value in row._mapping.items() if name != "open_key"}) for row in uow.fetch_all(query)]  # noqa: SLF001 - as above


def _held(uow: UnitOfWork, one: Receiver) -> dict[str, Any]:
    if one.kind is ReceiverKind.MAIL:
        return {"value": "", "sealed": uow.vault.seal(one.value, PLACE)}
    return {"value": one.value, "sealed": None}


def _packed(terms: RuleTerms) -> dict[str, Any]:
    quiet = terms.quiet
    return {
        "kinds": sorted(terms.kinds),
        "sites": sorted(terms.sites),
        "only_wrong": terms.only_wrong,
        "wait_minutes": terms.wait_minutes,
        "repeat_minutes": terms.repeat_minutes,
        "escalate_minutes": terms.escalate_minutes,
        "quiet": quiet and [quiet.since and quiet.since.isoformat(), quiet.until and quiet.until.isoformat(), quiet.weekends],
        "passes": terms.passes.value,
        "tells_end": terms.tells_end,
    }


def _terms(row: Row[Any], receivers: Sequence[Receiver], escalation: Sequence[Receiver]) -> RuleTerms:
    kept = dict(row.terms)
    quiet = kept["quiet"]
    since, until = (one and time.fromisoformat(one) for one in quiet[:2]) if quiet else (None, None)
    return RuleTerms(
        name=row.name,
        kinds=frozenset(kept["kinds"]),
        sites=frozenset(kept["sites"]),
        only_wrong=kept["only_wrong"],
        receivers=tuple(receivers),
        wait_minutes=kept["wait_minutes"],
        repeat_minutes=kept["repeat_minutes"],
        escalate_minutes=kept["escalate_minutes"],
        escalation=tuple(escalation),
        quiet=Quiet(since, until, quiet[2]) if quiet else None,
        passes=Passes(kept["passes"]),
        tells_end=kept["tells_end"],
    )
