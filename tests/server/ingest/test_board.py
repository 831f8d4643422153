"""The board of the fleet: what stands how, what needs somebody, in which order; and its page over a fleet of hundreds."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.access.model import Role
from server.fleet.tables import terminal_drift
from server.ingest import pages
from server.ingest.alarms import alarms
from server.ingest.board import Pending, Standing, Wanted, board, chosen, chosen_edges, counted, grouped, ordered
from server.ingest.capacity import capacities, fullest
from server.ingest.overview import EdgeLine, Fleet
from tests.server.ingest.test_alarms import edge, terminal, untold
from tests.server.ingest.test_pages import lines_of
from tests.support.company import NOW
from tests.support.fleets import LONG, found_fleet
from tests.support.pages import browse, said

FULL = {"users": "2990", "users_capacity": "3000", "fingers": "10", "fingers_capacity": "6000"}


def lines(*terminals, pending=(), edges=()):
    """The board of these terminals, numbered from 1 on."""
    numbered = [
        replace(one, overview=replace(one.overview, terminal=replace(one.overview.terminal, id=number)))
        for number, one in enumerate(terminals, 1)
    ]
    fleet = Fleet(tuple(edges), tuple(numbered))
    return board(fleet, alarms(fleet, NOW), dict(pending), NOW)


class TestStanding:
    @pytest.mark.parametrize(
        ("one", "standing"),
        [
            (terminal(), Standing.OK),
            (terminal(state="unreachable"), Standing.WRONG),
            (terminal(admitted=7), Standing.WRONG),
            (terminal(drift_ms=90_000), Standing.ATTENTION),
            (untold(), Standing.ATTENTION),
            (terminal(of=edge(cut=NOW), state="unreachable"), Standing.OFF),
            (terminal(out=NOW, state="unreachable"), Standing.OFF),
            (terminal(facts=FULL), Standing.WRONG),
        ],
    )
    def test_a_terminal_stands_as_its_state_and_its_alarms_say(self, one, standing):
        (line,) = lines(one)

        assert line.standing is standing

    def test_an_alarm_of_the_edge_about_a_terminal_is_the_terminals(self):
        says = edge(alarms=["tampered-T1: log cleared"])

        (line,) = lines(terminal(of=says), edges=(says,))

        assert (line.standing, [one.facts["code"] for one in line.alarms]) == (Standing.ATTENTION, ["tampered-T1"])

    def test_what_needs_somebody_is_counted_once_for_an_edge_and_not_for_each_terminal_behind_it(self):
        away = edge(cut=NOW)
        fleet = Fleet((away,), (terminal(of=away), terminal(of=away)))
        found = alarms(fleet, NOW)

        assert chosen(board(fleet, found, {}, NOW), Wanted(needs=True)) == []
        assert chosen_edges(fleet, Wanted(needs=True), found) == [away]


class TestOrder:
    def test_what_hurts_most_stands_first(self):
        shown = lines(terminal(), terminal(drift_ms=-95_000), terminal(state="failed"))

        assert [one.standing for one in ordered(shown, "state")] == [Standing.WRONG, Standing.ATTENTION, Standing.OK]
        assert ordered(shown, "drift")[0].terminal.drift_ms == -95_000

    def test_pending_work_comes_with_its_terminal(self):
        (line,) = lines(terminal(), pending={1: Pending(12, 1)}.items())

        assert line.pending == Pending(12, 1)

    def test_edges_stand_above_their_terminals_and_bare_ones_behind(self):
        one = edge()
        bare = EdgeLine(replace(one.overview, edge=replace(one.overview.edge, name="edge-new")))
        fleet = Fleet((one, bare), (terminal(of=one),))

        groups = grouped(board(fleet, [], {}, NOW), fleet, [], [bare])

        assert [(group.edge.name, len(group.lines)) for group in groups] == [("edge-hq", 1), ("edge-new", 0)]
        assert counted(groups[0].lines)[Standing.OK] == 1


class TestCapacity:
    def test_the_one_that_runs_out_first_counts(self):
        assert (fullest(capacities(FULL, None)).kind, fullest(capacities(FULL, None)).percent) == ("users", 99)

    @pytest.mark.parametrize(
        "facts", [{}, {"users": "12"}, {"users": "12", "users_capacity": "0"}, {"users": "many", "users_capacity": "9"}]
    )
    def test_what_is_not_known_is_not_guessed(self, facts):
        assert capacities(facts, None) == []

    def test_punches_are_those_of_the_last_complete_read(self):
        assert [(one.kind, one.used) for one in capacities({"punches": "1", "punches_capacity": "100"}, 95)] == [("punches", 95)]


class TestPage:
    @pytest.fixture
    def visitor(self, database):
        found_fleet(database, 130, 12, datetime.now(UTC))
        return browse(database, (pages.router,), Role.IT)

    def test_it_shows_all_of_it_by_pages_and_only_what_is_asked_for(self, visitor):
        first = visitor.get("/fleet")
        pages = [first]
        for _ in range(2):
            behind = re.findall(r"after=(\d+)", pages[-1].text)[-1]
            pages.append(visitor.get(f"/fleet?after={behind}"))
        needy = visitor.get("/fleet/now?needs=1").text

        assert [page.text.count('data-key="t') for page in pages] == [51, 51, 31]  # each with its table's own key
        assert (LONG in "".join(page.text for page in pages), "cut" in needy) == (True, True)
        assert 0 < needy.count('data-key="t') < 60
        assert needy.count('class="cb-count cb-count-') >= needy.count('data-key="t') - 1
        assert "CJ92180000064" in said(visitor.get("/fleet?text=0000064").text)

    def test_the_map_has_a_tile_for_each_with_a_sign_and_words_beside_its_colour(self, visitor):
        page = visitor.get("/fleet?view=map&site=1").text

        assert page.count('class="cb-tile cb-') == 11
        assert page.count('class="cb-tile-sign"') == page.count('visually-hidden">, ') == 11

    def test_the_file_has_every_line_with_what_is_wrong(self, visitor):
        heading, *rows = lines_of(visitor.get("/fleet.csv?order=state"))

        assert len(rows) == 130
        assert heading[0] == "Serial number"
        assert rows[0][heading.index("State")] == "wrong"
        assert rows[0][heading.index("What is wrong")]

    def test_every_order_is_taken_and_one_that_is_not_known_is_the_one_by_place(self, visitor):
        assert {visitor.get(f"/fleet?order={order}").status_code for order in ("name", "seen", "full", "pending", "no such")} == {200}

    def test_a_terminals_own_page_begins_with_what_is_wrong_and_has_its_room_and_the_course_of_its_clock(self, visitor, database):
        moment, key = datetime.now(UTC), int(re.search(r'data-key="t(\d+)"', visitor.get("/fleet?needs=1").text)[1])
        with database.writing() as uow:
            point = {"terminal_id": key, "at": moment - timedelta(days=2), "drift_ms": 95_000, "corrected": False}
            uow.execute(terminal_drift.insert(), [point, point | {"at": moment - timedelta(days=1), "drift_ms": 0, "corrected": True}])

        page = visitor.get(f"/terminals/{key}").text

        assert page.index('id="wrong"') < page.index('id="counts"')
        assert ("Template algorithm" in page, page.count("<meter") >= 4, "95.0, " in page) == (True, True, True)

    def test_an_empty_fleet_says_what_would_fill_it(self, database):
        assert "There are no terminals yet" in browse(database, (pages.router,), Role.IT).get("/fleet?view=map").text
