"""Alarms are computed from values alone: no database, no clock."""

from dataclasses import replace
from datetime import timedelta

import pytest

from protocol.identifiers import EdgeId, TerminalSerial
from server.errors import filled
from server.fleet.model import Edge, EdgeHealth, EdgeOverview, EdgeState, ManyFaces, Site, Terminal, TerminalHealth, TerminalOverview, Zone
from server.ingest import alarms as module
from server.ingest.alarms import AlarmKind, Severity, alarms
from server.ingest.overview import Agreement, DaysWaiting, EdgeLine, Fleet, Line, LostRows, TerminalLine, TerminalState
from server.ingest.reconciliation.model import Gap
from server.provisioning.model import Finding, FindingKind, Succession, TrustedAuthority
from server.web import language
from tests.support.company import NOW

SITE = Site(1, "hq", "上海总部", "Asia/Shanghai")
ZONE = Zone(1, "hq", "上海总部", 1)
HEALTHY = {
    "queue_depth": 0,
    "oldest_at": None,
    "hours_left": 900.0,
    "certificate_ends_at": (NOW + timedelta(days=300)).isoformat(),
    "clock_set_back": False,
    "alarms": [],
}


def edge(heard=timedelta(seconds=10), cut=None, state=EdgeState.ACTIVE, **said):
    health = EdgeHealth(1, NOW - heard, NOW - heard, cut, HEALTHY | said)
    return EdgeLine(EdgeOverview(Edge(1, EdgeId("edge-hq"), 1, state, NOW - timedelta(days=9)), SITE, health))


def unheard():
    return EdgeLine(replace(edge().overview, health=None))


def terminal(of=None, admitted=10, kept=0, out=None, **said):
    said = {"held": 10, "appended": 10, "state": "listening", "drift_ms": 300} | said
    values = {"address": "10.0.0.9", "last_read_at": NOW, "last_event_at": None, "complete_at": NOW, "complete_sequence": 10}
    rest = {"cleared": 0, "doubtful": 0, "last_error": "", "stages": {}, "reported_at": NOW}
    health = TerminalHealth(terminal_id=1, edge_id=1, **values, **rest | said)
    one = Terminal(1, TerminalSerial("T1"), "东门", 1, 1, 1, out, None, NOW - timedelta(days=9))
    return TerminalLine(TerminalOverview(one, SITE, ZONE, EdgeId("edge-hq"), health), of or edge(), admitted, NOW, kept, 0)


def untold():
    return TerminalLine(replace(terminal().overview, health=None), edge(), 0, None, 0, 0)


def kinds(*things, lost=()):
    edges = tuple(one for one in things if isinstance(one, EdgeLine))
    terminals = tuple(one for one in things if isinstance(one, TerminalLine))
    return [one.kind for one in alarms(Fleet(edges, terminals, tuple(lost)), NOW)]


def test_given_all_is_well_then_there_is_none():
    assert kinds(edge(), terminal()) == []


@pytest.mark.parametrize(
    ("thing", "kind"),
    [
        (unheard(), AlarmKind.EDGE_NEVER_HEARD),
        (edge(cut=NOW - timedelta(minutes=1)), AlarmKind.EDGE_CUT),
        (edge(heard=timedelta(minutes=4)), AlarmKind.EDGE_SILENT),
        (edge(queue_depth=3, oldest_at=(NOW - timedelta(minutes=6)).isoformat()), AlarmKind.ROWS_WAIT),
        (edge(hours_left=71.0), AlarmKind.DISK_SHORT),
        (edge(certificate_ends_at=(NOW + timedelta(days=20)).isoformat()), AlarmKind.CERTIFICATE_ENDS),
        (edge(clock_set_back=True), AlarmKind.EDGE_CLOCK),
        (edge(alarms=["outbox-damaged: x"]), AlarmKind.EDGE_SAYS),
        (terminal(state="unreachable"), AlarmKind.TERMINAL_SILENT),
        (terminal(state="wrong-terminal"), AlarmKind.TERMINAL_SILENT),
        (untold(), AlarmKind.TERMINAL_NEVER_HEARD),
        (terminal(drift_ms=-61_000), AlarmKind.TERMINAL_CLOCK),
        (terminal(admitted=7, kept=2), AlarmKind.COUNTS_DISAGREE),
    ],
)
def test_given_one_thing_is_wrong_then_there_is_just_its_alarm(thing, kind):
    assert kinds(thing) == [kind]


@pytest.mark.parametrize(
    "thing",
    [
        edge(queue_depth=3, oldest_at=(NOW - timedelta(minutes=4)).isoformat()),
        edge(queue_depth=0, oldest_at=(NOW - timedelta(hours=4)).isoformat()),
        edge(hours_left=72.0),
        edge(hours_left=None),
        edge(certificate_ends_at=(NOW + timedelta(days=22)).isoformat()),
        edge(certificate_ends_at=None),
        edge(state=EdgeState.REVOKED, cut=NOW),
        edge(alarms=["clock-off-T1: drift_ms=90000"]),
        terminal(drift_ms=60_000),
        terminal(drift_ms=None),
        terminal(admitted=8, kept=2),
        terminal(admitted=12),
        terminal(state="a word of a later release"),
        terminal(out=NOW - timedelta(hours=1), state="unreachable", drift_ms=900_000, admitted=0),
        terminal(of=edge(queue_depth=4), admitted=6),
    ],
)
def test_given_something_that_only_looks_wrong_then_there_is_none(thing):
    assert kinds(thing) == []


def test_given_an_edge_away_then_its_terminals_raise_none_of_their_own():
    away = edge(cut=NOW - timedelta(minutes=9), queue_depth=9, oldest_at=NOW.isoformat())

    assert kinds(away, terminal(of=away, state="unreachable", admitted=0, drift_ms=900_000)) == [AlarmKind.EDGE_CUT]


def test_given_lost_rows_then_they_are_told_for_two_weeks():
    fresh, old = (LostRows("edge-hq", 5, 9, NOW - timedelta(days=days), "gone") for days in (1, 15))

    found = alarms(Fleet((), (), (fresh, old)), NOW)

    assert [(one.kind, one.facts["n"]) for one in found] == [(AlarmKind.ROWS_LOST, 5)]


def authorities(*days_left, unaware=()):
    trusted = [TrustedAuthority(f"{left:064}", f"authority {left}", NOW, NOW + timedelta(days=left)) for left in days_left]
    return Succession(tuple(trusted), unaware)


ENDS = AlarmKind.AUTHORITY_ENDS
FAR = 3600


@pytest.mark.parametrize(
    ("succession", "expected"),
    [
        (authorities(), []),
        (authorities(701), []),
        (authorities(699), [(ENDS, Severity.ATTENTION)]),
        (authorities(119), [(ENDS, Severity.WRONG)]),
        (authorities(-1), [(ENDS, Severity.WRONG)]),
        (authorities(FAR, 119), []),
        (authorities(FAR, 366, unaware=("edge-hq",)), []),
        (authorities(FAR, 364, unaware=("edge-hq",)), [(ENDS, Severity.ATTENTION)]),
        (authorities(FAR, 119, unaware=("edge-hq",)), [(ENDS, Severity.WRONG)]),
        (authorities(FAR, -1, unaware=("edge-hq",)), []),
    ],
)
def test_given_an_authority_near_its_end_when_it_has_no_successor_or_edges_do_not_know_it_then_it_is_told(succession, expected):
    found = alarms(Fleet((), (), succession=succession), NOW)

    assert [(one.kind, one.severity) for one in found] == expected


def test_given_two_legal_entities_with_many_faces_then_each_has_an_alarm_of_its_own():
    found = alarms(Fleet((), (), many_faces=(ManyFaces(1, "甲", 81_000, NOW), ManyFaces(2, "乙", 90_000, NOW))), NOW)

    assert [(one.kind, one.subject, one.facts["n"]) for one in found] == [
        (AlarmKind.FACES_MANY, "乙", 90_000),
        (AlarmKind.FACES_MANY, "甲", 81_000),
    ]
    assert len({one.key for one in found}) == 2


@pytest.mark.parametrize(
    ("waiting", "expected"),
    [
        (DaysWaiting(5000, NOW - timedelta(minutes=10)), []),
        (DaysWaiting(1, NOW - timedelta(minutes=11)), [(AlarmKind.DAYS_WAIT, Severity.ATTENTION)]),
        (DaysWaiting(1, NOW - timedelta(minutes=61)), [(AlarmKind.DAYS_WAIT, Severity.WRONG)]),
        (DaysWaiting(0, None, 2, NOW), [(AlarmKind.DAYS_FAIL, Severity.WRONG)]),
    ],
)
def test_given_days_that_nobody_brings_up_to_date_then_it_is_told(waiting, expected):
    found = alarms(Fleet((), (), (), waiting), NOW)

    assert [(one.kind, one.severity) for one in found] == expected


def test_given_many_then_the_grave_ones_come_first_and_the_oldest_of_them_first():
    things = [
        edge(certificate_ends_at=(NOW + timedelta(days=2)).isoformat()),
        edge(cut=NOW - timedelta(minutes=1)),
        edge(cut=NOW - timedelta(hours=1)),
    ]

    found = alarms(Fleet(tuple(things), ()), NOW)

    assert [one.severity for one in found] == [Severity.WRONG, Severity.WRONG, Severity.ATTENTION]
    assert found[0].since == NOW - timedelta(hours=1)


def test_given_a_disk_or_a_certificate_at_its_end_then_it_is_grave():
    found = alarms(Fleet((edge(hours_left=3.0, certificate_ends_at=NOW.isoformat()),), ()), NOW)

    assert {one.severity for one in found} == {Severity.WRONG}


def test_every_word_of_every_alarm_is_in_the_catalogue_with_its_facts():
    texts = language.chinese()
    sick = edge(
        queue_depth=3,
        oldest_at=(NOW - timedelta(hours=1)).isoformat(),
        hours_left=3.0,
        clock_set_back=True,
        certificate_ends_at=NOW.isoformat(),
        alarms=[f"{start}T1: detail" for start, _, _ in module._OWN_ALARMS] + ["new: {x}"],
    )
    soon = edge(certificate_ends_at=(NOW + timedelta(days=3)).isoformat())
    ill = [
        terminal(state=state.value, drift_ms=drift, admitted=1)
        for state, drift in zip(module._BROKEN_WORDS, (90_000, -90_000) * 3, strict=False)
    ]
    full = [terminal(facts={kind: "99", f"{kind}_capacity": "100"}) for kind in ("users", "fingers", "faces", "palms")]
    full.append(replace(terminal(), gap=Gap(2, 3, NOW.date(), NOW)))
    full.append(terminal(held=96, facts={"punches_capacity": "100"}))
    lost = LostRows("edge-hq", 1, 2, NOW, "gone")
    fleet = Fleet(
        (sick, soon, unheard(), edge(cut=NOW), edge(heard=timedelta(hours=1))),
        (*ill, *full, untold()),
        (lost,),
        DaysWaiting(3, NOW - timedelta(hours=2), 1, NOW),
        tuple(
            Finding(1, kind, "" if kind is FindingKind.UNKNOWN_TOKEN else "edge-hq", "10.0.0.7", "", NOW, NOW, 1) for kind in FindingKind
        ),
        authorities(600, 119, unaware=("edge-hq",)),
        (ManyFaces(1, "上海时钟有限公司", 81_000, NOW), ManyFaces(None, "", 80_000, NOW)),
    )

    found = alarms(fleet, NOW)

    assert {one.kind for one in found} == set(AlarmKind)
    for one in found:
        for text in (one.text, one.advice):
            assert filled(texts[text], one.facts)
            assert filled(text, one.facts)


def test_words_for_states_kinds_and_severities_are_in_the_catalogue():
    texts = language.chinese()

    assert {word.value for kind in (Line, TerminalState, Agreement, AlarmKind, Severity) for word in kind} - texts.keys() == set()
