"""Whose rows a scope reaches, on which days."""

from datetime import UTC, date, datetime
from time import perf_counter

import pytest
from sqlalchemy import insert, select

from server.access.model import Scope
from server.directory.actions import (
    NewEvent,
    add_department,
    add_event,
    add_person,
    days_within,
    is_within,
    people_within,
    require_within,
    set_head,
)
from server.directory.model import EventKind, LeavingGround
from server.directory.tables import employment, employment_span, person
from server.errors import NotFoundError
from server.fleet.actions import add_legal_entity
from tests.support.company import NOW, TESTER

HIRED = date(2026, 1, 1)
MOVED = date(2026, 11, 10)
BEFORE, AFTER = date(2026, 11, 9), date(2026, 11, 10)


@pytest.fixture
def people(database) -> dict[str, int]:
    """boss > head > worker until the 9th; from the 10th on the worker has another manager, who is below nobody."""
    found: dict[str, int] = {}
    with database.writing() as uow:
        for name, manager in (("boss", None), ("head", "boss"), ("worker", "head"), ("other", None)):
            found[name] = add_person(uow, name, name, TESTER, NOW, hired_on=HIRED).id
            if manager:
                move(uow, found[name], HIRED, found[manager])
        move(uow, found["worker"], MOVED, found["other"])
    return found


def move(uow, person_id, day, manager):
    add_event(uow, person_id, NewEvent(EventKind.TRANSFER, day, {"manager_id": manager}), TESTER, NOW)


def seen(database, scope, day, last_day=None):
    limit = people_within(scope, day, last_day)
    with database.reading() as uow:
        return {row.name for row in uow.fetch_all(select(person.c.name).where(person.c.id.in_(limit)))}


class TestTree:
    def test_a_supervisor_reaches_who_is_below_however_deep_on_that_day_and_not_themselves(self, database, people):
        boss, other = Scope(tree_of=people["boss"]), Scope(tree_of=people["other"])

        assert seen(database, boss, BEFORE) == {"head", "worker"}
        assert seen(database, boss, AFTER) == {"head"}
        assert (seen(database, other, BEFORE), seen(database, other, AFTER)) == (set(), {"worker"})
        assert seen(database, Scope(tree_of=people["worker"]), BEFORE) == set()

    def test_given_a_span_of_days_then_people_of_any_of_them_are_reached_and_each_row_on_its_own_day(self, database, people):
        boss = Scope(tree_of=people["boss"])

        assert seen(database, boss, BEFORE, AFTER) == {"head", "worker"}
        with database.reading() as uow:
            within = days_within(uow, boss, BEFORE, AFTER)
        assert [within(people["worker"], day) for day in (BEFORE, AFTER)] == [True, False]
        assert [within(people["head"], day) for day in (BEFORE, AFTER)] == [True, True]
        assert not within(people["other"], BEFORE)

    def test_given_a_manager_who_was_not_above_at_the_time_then_days_before_are_not_theirs(self, database, people):
        with database.writing() as uow:
            move(uow, people["other"], date(2026, 11, 20), people["head"])

        assert "worker" not in seen(database, Scope(tree_of=people["head"]), date(2026, 11, 19))
        assert "worker" in seen(database, Scope(tree_of=people["head"]), date(2026, 11, 20))


class TestHeads:
    """sales (headed by boss from the 10th) > east (headed by head) with worker and other in it; nobody has a manager."""

    @pytest.fixture
    def people(self, database) -> dict[str, int]:
        found: dict[str, int] = {}
        with database.writing() as uow:
            sales = add_department(uow, "S", "Sales", TESTER, NOW).id
            east = add_department(uow, "E", "East", TESTER, NOW, parent_id=sales).id
            for name, unit in (("boss", None), ("head", east), ("worker", east), ("other", None), ("clerk", sales)):
                found[name] = add_person(uow, name, name, TESTER, NOW, department_id=unit, hired_on=HIRED).id
            move(uow, found["other"], MOVED, found["worker"])
            set_head(uow, east, found["head"], HIRED, TESTER, NOW)
            set_head(uow, sales, found["boss"], MOVED, TESTER, NOW)
        return found

    def test_a_head_reaches_the_department_and_those_below_it_while_being_its_head(self, database, people):
        assert seen(database, Scope(tree_of=people["head"]), BEFORE) == {"worker"}
        assert seen(database, Scope(tree_of=people["boss"]), BEFORE) == set()

    def test_heads_and_managers_are_one_tree_whoever_is_above_by_either(self, database, people):
        assert seen(database, Scope(tree_of=people["head"]), AFTER) == {"worker", "other"}
        assert seen(database, Scope(tree_of=people["boss"]), AFTER) == {"head", "worker", "other", "clerk"}

    def test_a_head_who_has_left_is_above_nobody(self, database, people):
        with database.writing() as uow:
            left = NewEvent(EventKind.LEAVING, BEFORE, {"ground": LeavingGround.RESIGNED.value})
            add_event(uow, people["head"], left, TESTER, NOW)

        assert seen(database, Scope(tree_of=people["head"]), BEFORE) == {"worker"}
        assert seen(database, Scope(tree_of=people["head"]), AFTER) == set()


class TestLegalEntities:
    @pytest.fixture
    def entities(self, database) -> dict[str, int]:
        """mover: of A, from the 10th on of B; leaver: of A until the 9th; comer: of B from the 10th on; free: of none."""
        with database.writing() as uow:
            keys = {code: add_legal_entity(uow, code, code, TESTER, NOW).id for code in ("A", "B")}
            people = {name: add_person(uow, name, name, TESTER, NOW, hired_on=HIRED).id for name in ("mover", "leaver", "free")}
            people["comer"] = add_person(uow, "comer", "comer", TESTER, NOW, hired_on=MOVED).id
            for name, day, code in (("mover", HIRED, "A"), ("mover", MOVED, "B"), ("leaver", HIRED, "A"), ("comer", MOVED, "B")):
                add_event(uow, people[name], NewEvent(EventKind.TRANSFER, day, {"legal_entity_id": keys[code]}), TESTER, NOW)
            left = NewEvent(EventKind.LEAVING, BEFORE, {"ground": LeavingGround.RESIGNED.value})
            add_event(uow, people["leaver"], left, TESTER, NOW)
        return keys

    def test_people_belong_to_the_legal_entity_of_the_day_the_last_or_the_first_one(self, database, entities):
        a, b = Scope(entities=frozenset({entities["A"]})), Scope(entities=frozenset({entities["B"]}))

        assert (seen(database, a, BEFORE), seen(database, b, BEFORE)) == ({"mover", "leaver"}, {"comer"})
        assert (seen(database, a, AFTER), seen(database, b, AFTER)) == ({"leaver"}, {"mover", "comer"})
        assert seen(database, a, BEFORE, AFTER) == {"mover", "leaver"}
        assert seen(database, Scope(entities=frozenset(entities.values())), AFTER) == {"mover", "leaver", "comer"}


class TestOthers:
    def test_own_is_oneself_nothing_is_nobody_and_everybody_has_no_limit(self, database, people):
        assert seen(database, Scope(own=people["worker"]), AFTER) == {"worker"}
        assert seen(database, Scope(), AFTER) == set()
        assert people_within(Scope(everybody=True, own=people["worker"]), AFTER) is None
        assert seen(database, Scope(own=people["boss"], tree_of=people["other"]), AFTER) == {"boss", "worker"}

    def test_somebody_out_of_scope_is_refused_as_somebody_who_is_not_there(self, database, people):
        scope = Scope(tree_of=people["boss"])
        with database.reading() as uow:
            assert is_within(uow, scope, people["worker"], BEFORE)
            require_within(uow, Scope(everybody=True), people["other"], AFTER)
            with pytest.raises(NotFoundError) as out:
                require_within(uow, scope, people["other"], AFTER)
            with pytest.raises(NotFoundError) as nobody:
                require_within(uow, scope, 987_654, AFTER)
        assert str(out.value).replace(str(people["other"]), "") == str(nobody.value).replace("987654", "")


def test_given_ten_thousand_people_then_the_tree_of_their_head_is_found_in_a_fraction_of_a_second(database):
    day = datetime(2026, 11, 23, tzinfo=UTC).date()
    keys = range(1, 10_001)
    with database.writing() as uow:
        rows = [{"id": n, "employee_number": f"N{n}", "name": f"P{n}", "name_sort": f"p{n}", "active": True} for n in keys]
        uow.execute(insert(person), rows)
        uow.execute(insert(employment), [{"id": n, "person_id": n, "hired_on_known": True} for n in keys])
        common = {"kind": "regular", "hours_system": "standard", "protected": False, "first_day": HIRED, "last_day": date.max}
        spans = [{"person_id": n, "employment_id": n, "manager_id": (n + 6) // 8 or None, **common} for n in keys]
        uow.execute(insert(employment_span), spans)

    def seconds() -> float:
        begun = perf_counter()
        limit = people_within(Scope(tree_of=1), day)
        with database.reading() as uow:
            found = uow.fetch_all(select(person.c.id).where(person.c.id.in_(limit)))
            assert is_within(uow, Scope(tree_of=1), 10_000, day)
        assert len(found) == 9_999
        return perf_counter() - begun

    assert any(seconds() < 1 for _ in range(20))  # a machine may stall, and not always
