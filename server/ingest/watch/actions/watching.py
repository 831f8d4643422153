"""Looking at the alarms once a minute: which began, last or are over, and who is told."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from server.access import actions as access
from server.access.model import Role
from server.errors import NotFoundError
from server.fleet import actions as fleet_actions
from server.ingest.actions import read_fleet
from server.ingest.alarms import Alarm, alarms
from server.ingest.overview import Fleet
from server.ingest.watch import store
from server.ingest.watch.engine import fits, next_step, receivers_of
from server.ingest.watch.model import Episode, Receiver, ReceiverKind, Rule, Step, Told
from server.notify import actions as notify
from server.notify.model import Message, NoticeKind
from server.storage import UnitOfWork

KEPT = timedelta(days=400)
NEWS = timedelta(hours=12)
"""An end that nobody could be told of for longer (quiet hours, a weekend) is no news."""
SINGLE_NOTICES = 3
"""More at once are one notice that leads to the list."""
HEADINGS = {
    Step.BEGAN: "Alarm",
    Step.LASTS: "The alarm lasts",
    Step.ESCALATED: "Nobody has taken this alarm on",
    Step.OVER: "The alarm is over",
}


@dataclass(frozen=True, slots=True)
class Office:
    """Who speaks. tell: the words of the company's language. zone: its clock, for alarms of no site. pages: the address of ours, or ""."""

    company: str
    tell: Callable[..., str]
    zone: ZoneInfo
    pages: str


@dataclass(frozen=True, slots=True)
class Item:
    """A step of an episode that is told now."""

    episode: Episode
    step: Step


def watch(uow: UnitOfWork, office: Office, at: datetime) -> int:
    """Look and tell; returns how many steps were told. Called twice for a moment it is done once."""
    if not store.take_turn(uow, at):
        return 0
    fleet = read_fleet(uow)
    episodes = follow(uow, fleet, alarms(fleet, at), at)
    zones = {one.id: ZoneInfo(one.time_zone) for one in fleet_actions.list_sites(uow)}
    told = store.told(uow, [one.id for one in episodes])
    muted = {one.key for one in store.mutes(uow, at)}
    count = 0
    for rule in store.rules(uow):
        if not rule.is_on:
            continue
        due: dict[Receiver, list[Item]] = defaultdict(list)
        for episode in episodes:
            own = [one for _, one in told[episode.id] if one.rule_id == rule.id]
            step = (
                next_step(rule, episode, own, zones.get(episode.site_id or 0, office.zone), at, muted)
                if fits(rule.terms, episode)
                else None
            )
            if step is not None:
                count += 1
                store.add_told(uow, [Told(episode.id, rule.id, step, at)])
                for receiver in receivers_of(rule.terms, step, own):
                    due[receiver].append(Item(episode, step))
        for receiver, items in due.items():
            deliver(uow, office, rule, receiver, items, at)
    return count


def follow(uow: UnitOfWork, fleet: Fleet, found: Sequence[Alarm], at: datetime) -> list[Episode]:
    """Bring the episodes to what the alarms say now; returns those that last, and those that ended lately."""
    had = {one.key: one for one in store.open_episodes(uow)}
    now_said = {one.key: one for one in found}
    sites = _sites(fleet)
    new = [_row(one, sites.get(one.href), at) for key, one in now_said.items() if key not in had]
    store.add_episodes(uow, new)
    for key, episode in had.items():
        if key in now_said:
            store.change_episode(uow, episode.id, **_said(now_said[key]), seen_at=at)
    store.end_episodes(uow, [one.id for key, one in had.items() if key not in now_said], at)
    return store.open_episodes(uow) + store.ended_since(uow, at - NEWS)


def deliver(uow: UnitOfWork, office: Office, rule: Rule, receiver: Receiver, items: Sequence[Item], at: datetime) -> None:
    """Put it in the outbox of notices, for one receiver."""
    if receiver.kind in {ReceiverKind.ROLE, ReceiverKind.ACCOUNT}:
        _notify(uow, people_of(uow, [receiver]), items, at)
        return
    message, about = message_of(office, rule.terms.name, items, at), f"rule-{rule.id}"
    if receiver.kind is ReceiverKind.MAIL:
        notify.post_mail(uow, receiver.value, about, message, at)
    elif any(str(one.id) == receiver.value for one in notify.list_webhooks(uow)):
        notify.post_hook(uow, int(receiver.value), about, message, at)


def people_of(uow: UnitOfWork, receivers: Iterable[Receiver]) -> set[int]:
    """The persons that roles and accounts stand for; an account that is nobody's has no place to be told at."""
    found: set[int] = set()
    for one in receivers:
        if one.kind is ReceiverKind.ROLE:
            found |= set(access.people_with_role(uow, Role(one.value)))
        elif one.kind is ReceiverKind.ACCOUNT:
            try:
                person = access.find_account(uow, one.value).person_id
            except NotFoundError:
                continue
            found |= {person} if person else set()
    return found


def message_of(office: Office, rule: str, items: Sequence[Item], at: datetime) -> Message:
    """What goes outside, for people and for programs."""
    tell, first = office.tell, items[0]
    heading = tell(HEADINGS[first.step]) + ": " + _sentence(tell, first.episode)
    if len(items) > 1:
        heading = tell("{company}: {n} {n:alarm|alarms}", company=office.company, n=len(items))
    lines = tuple(
        (f"{tell(HEADINGS[one.step])}: {_sentence(tell, one.episode)} {tell(one.episode.advice, **one.episode.facts)}", _page(office, one))
        for one in items
    )
    listed = [
        {
            "step": one.step.value,
            "kind": one.episode.kind,
            "severity": one.episode.severity,
            "subject": one.episode.subject,
            "since": one.episode.begun_at.isoformat(),
            "until": one.episode.ended_at.isoformat() if one.episode.ended_at else None,
            "text": _sentence(tell, one.episode),
            "advice": tell(one.episode.advice, **one.episode.facts),
            "page": _page(office, one) or one.episode.href,
        }
        for one in items
    ]
    return Message(heading, lines, {"company": office.company, "rule": rule, "at": at.isoformat(), "alarms": listed})


def tidy(uow: UnitOfWork, now: datetime) -> int:
    """Forget what was over long ago; returns how many."""
    return store.forget(uow, now - KEPT)


def _notify(uow: UnitOfWork, people: Collection[int], items: Sequence[Item], at: datetime) -> None:
    if len(items) > SINGLE_NOTICES:
        notify.notify(uow, people, NoticeKind.ALARM, "{n} {n:alarm|alarms}", at, facts={"n": len(items)}, address="/alarms")
        return
    for one in items:
        is_over = one.step is Step.OVER
        text = "The alarm about {subject} is over." if is_over else one.episode.text
        facts = {"subject": one.episode.subject} if is_over else one.episode.facts
        notify.notify(uow, people, NoticeKind.ALARM, text, at, facts=facts, address=one.episode.href)


def _sentence(tell: Callable[..., str], episode: Episode) -> str:
    return tell(episode.text, **episode.facts)


def _page(office: Office, item: Item) -> str:
    return f"{office.pages}{item.episode.href}" if office.pages else ""


def _sites(fleet: Fleet) -> Mapping[str, int]:
    """The site of each page that alarms lead to."""
    edges = {f"/edges/{one.name}": one.overview.site.id for one in fleet.edges}
    return edges | {f"/terminals/{one.overview.terminal.id}": one.overview.site.id for one in fleet.terminals}


def _row(alarm: Alarm, site_id: int | None, at: datetime) -> dict[str, Any]:
    values = {"key": alarm.key, "open_key": alarm.key, "kind": alarm.kind.value, "site_id": site_id, "begun_at": at, "seen_at": at}
    rest = {"ended_at": None, "taken_at": None, "taken_by": "", "note": ""}
    return {**values, **rest, **_said(alarm)}


def _said(alarm: Alarm) -> dict[str, Any]:
    values = {"severity": alarm.severity.value, "urgent": alarm.cannot_wait, "subject": alarm.subject, "href": alarm.href}
    return {**values, "text": alarm.text, "advice": alarm.advice, "facts": dict(alarm.facts)}


def sample(rule: Rule, at: datetime) -> Item:
    """What a rule's test tells."""
    text = "This is a test of the rule “{rule}”. Nothing is wrong."
    made = Episode(
        0, "test", "test", "attention", False, rule.terms.name, "/alarms/rules", None, text, "Nothing has to be done.",
        {"rule": rule.terms.name}, at, at, None, None, "", "",
    )  # fmt: skip
    return Item(replace(made), Step.BEGAN)
