"""Areas: adding, changing, looking first at who would come and go, taking the last change back, removing."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from server.audit.actions import record
from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.tables import department, person, position
from server.dispatch.areas.engine import area_of, belongs, going
from server.dispatch.areas.model import Area, Going, Rule
from server.dispatch.areas.store import areas as store, facts, marks
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet.tables import legal_entity, site, terminal
from server.storage import UnitOfWork

LONGEST_NAME, LONGEST_CODE, LONGEST_WORD = 100, 64, 16
MOST_RULES = 200
KEYS = {
    "site_id": site.c.id,
    "department_id": department.c.id,
    "position_id": position.c.id,
    "legal_entity_id": legal_entity.c.id,
    "person_id": person.c.id,
}
DAY = timedelta(days=1)


def list_areas(uow: UnitOfWork) -> list[Area]:
    """All areas that were not removed, by code."""
    return store.areas(uow)


def find_area(uow: UnitOfWork, area_id: int) -> Area:
    """Also one that was removed; raises NotFoundError."""
    found = next((one for one in store.all_areas(uow) if one.id == area_id), None)
    if found is None:
        raise NotFoundError(what="area", name=area_id)
    return found


def add_area(uow: UnitOfWork, wanted: Area, by: Actor, now: datetime) -> Area:
    """Add an area; its id is not looked at. Raises InvalidInputError, or RefusedError where its code is taken."""
    made = _checked(uow, replace(wanted, id=0, removed_at=None))
    if not 1 <= len(made.code) <= LONGEST_CODE or any(letter.isspace() for letter in made.code):
        raise InvalidInputError(field="code", reason="use 1 to 64 characters without spaces")
    if any(one.code == made.code for one in store.all_areas(uow)):
        raise RefusedError(reason="There is an area {code} already; choose another code.", code=made.code)
    made = replace(made, id=store.add_area(uow, made, by.name, now))
    _mark(uow, [made], now)
    record(uow, by, "area.add", "area", made.code, at=now, after=_shown(uow, made), people=_named(made))
    return made


def change_area(uow: UnitOfWork, wanted: Area, by: Actor, now: datetime, reason: str = "") -> Area:
    """Let an area be this; its code stays. Raises NotFoundError, InvalidInputError."""
    held = find_area(uow, wanted.id)
    changed = _checked(uow, replace(wanted, code=held.code))
    if changed == held:
        return held
    store.write_area(uow, changed, held, by.name, now)
    _mark(uow, [held, changed], now)
    before, after = _shown(uow, held), _shown(uow, changed)
    told = {key for key in after if before[key] != after[key]}
    record(
        uow, by, "area.change", "area", held.code, at=now, before={key: before[key] for key in sorted(told)},
        after={key: after[key] for key in sorted(told)}, reason=reason, people=_named(held, changed) if "rules" in told else (),
    )  # fmt: skip
    return changed


def remove_area(uow: UnitOfWork, area_id: int, by: Actor, now: datetime) -> None:
    """Nobody is on its terminals because of it any more; what it was stays, so that it can be taken back. Raises NotFoundError."""
    held = find_area(uow, area_id)
    if held.removed_at is None:
        store.write_area(uow, replace(held, removed_at=now), held, by.name, now)
        _mark(uow, [held], now)
        record(uow, by, "area.remove", "area", held.code, at=now, before=_shown(uow, held), people=_named(held))


def last_change(uow: UnitOfWork, area: Area) -> tuple[Area, str, datetime] | None:
    """What an area was before its last change, who changed it and when; None where nobody did."""
    return store.before_last_change(uow, area)


def undo_change(uow: UnitOfWork, area_id: int, by: Actor, now: datetime) -> Area:
    """Take the last change of an area back, its removal too; taking back is a change itself. Raises NotFoundError, RefusedError."""
    held = find_area(uow, area_id)
    found = store.before_last_change(uow, held)
    if found is None:
        raise RefusedError(reason="Nothing of this area was changed yet.")
    earlier = found[0]
    store.write_area(uow, earlier, held, by.name, now)
    _mark(uow, [held, earlier], now)
    record(
        uow, by, "area.undo", "area", held.code, at=now, before=_shown(uow, held), after=_shown(uow, earlier), people=_named(held, earlier)
    )
    return earlier


def preview(uow: UnitOfWork, wanted: Area, now: datetime) -> Going:
    """Who would come to which terminal, and who would go, if an area were this. Raises InvalidInputError."""
    there = store.areas(uow)
    points, below = facts.points(uow, now), facts.below(uow)
    people = facts.placed(uow, directory.today_of(uow, now) - DAY)
    days = {key: point.day for key, point in points.items()}
    come, go = going(people, there, area_of(there, _checked(uow, wanted)), days, below)
    return Going(come, go)


def _mark(uow: UnitOfWork, shapes: Sequence[Area], now: datetime) -> None:
    """Everybody whom one of these shapes of an area means is worked out again."""
    below, today = facts.below(uow), directory.today_of(uow, now)
    rules = [rule for one in shapes for rule in one.rules]
    people = [who for who in facts.placed(uow, today - DAY) if any(belongs(who, rules, day, below) for day in (today - DAY, today))]
    marks.mark(uow, {who.person_id for who in people}, now)


def _checked(uow: UnitOfWork, wanted: Area) -> Area:
    """Tidied; raises InvalidInputError."""
    name, group, verify = wanted.name.strip(), wanted.group.strip(), wanted.verify.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidInputError(field="name", reason="use 1 to {most} characters", most=LONGEST_NAME)
    check_word(group, "group")
    check_word(verify, "verify")
    rules = tuple(dict.fromkeys(wanted.rules))
    if len(rules) > MOST_RULES:
        raise InvalidInputError(field="rules", reason="use at most {most} lines; a department counts with those below it", most=MOST_RULES)
    if any(rule.says_nothing for rule in rules):
        raise InvalidInputError(field="rules", reason="a line that names nothing would mean everybody; choose something in it")
    for field, column in KEYS.items():
        _check_keys(uow, column, {getattr(rule, field) for rule in rules} - {None}, "rules")
    _check_keys(uow, terminal.c.id, wanted.terminals, "terminals")
    return replace(wanted, code=wanted.code.strip(), name=name, group=group, verify=verify, rules=rules)


def check_word(word: str, field: str) -> None:
    """Groups and ways of proving oneself are numbers of the terminals. Raises InvalidInputError."""
    if word and not (word.isascii() and word.isdigit() and len(word) <= LONGEST_WORD):
        raise InvalidInputError(field=field, reason="use a number as the terminal has it, or leave it empty")


def _check_keys(uow: UnitOfWork, column: Any, keys: set[int] | frozenset[int], field: str) -> None:
    found = {row[0] for row in uow.fetch_all(select(column).where(column.in_(sorted(keys))))} if keys else set()
    if found != set(keys):
        raise InvalidInputError(field=field, reason="choose one that the list offers")


def _shown(uow: UnitOfWork, area: Area) -> dict[str, Any]:
    """An area as the trail tells it: codes and numbers, and nobody's name."""
    serials = {row.id: row.serial for row in uow.fetch_all(select(terminal.c.id, terminal.c.serial))} if area.terminals else {}
    return {
        "name": area.name,
        "terminals": sorted(serials[key] for key in area.terminals),
        "rules": [_told(rule) for rule in area.rules],
        "verify": area.verify,
        "group": area.group,
        "carries_faces": area.carries_faces,
        "removed": area.removed_at is not None,
    }


def _named(*shapes: Area) -> set[int]:
    """People whom these shapes of an area name one by one."""
    return {rule.person_id for one in shapes for rule in one.rules if rule.person_id is not None}


def _told(rule: Rule) -> dict[str, int]:
    return {name: key for name, key in asdict(rule).items() if key is not None}
