"""Faces on terminals that push, over a real line in both dialects: they stay by default, go only where both terminals are of the same
version and it is wanted, and never outlast their user."""

import pytest

from edge.devices.iclock.protocol.faces import face_algorithm, palm_counts, palm_types, read_face
from edge.devices.iclock.protocol.records import read_operlog
from edge.devices.iclock.simulator import faces, rows
from edge.devices.iclock.simulator.options import PushOptions
from edge.devices.iclock.simulator.runner import PushSimulator
from protocol.messages import Captured, UserState
from protocol.wanted import Biometrics, Kind, Template, Templates, WantedUser, unwrap
from tests.edge.collect.conftest import until
from tests.edge.conftest import EDGE
from tests.edge.downlink.conftest import SERVER
from tests.edge.downlink.test_users_pull import states, told, want
from tests.edge.downlink.test_users_push import SN, push_site

__all__ = ["push_site"]
KINDS = [("attendance", "visible"), ("attendance", "near"), ("attendance", "pieces"), ("security", "visible")]
CARRY, ERASE = Biometrics.CARRY, Biometrics.ERASE


def captured(site):
    """(user, template) of everything that left the terminal."""
    messages = [unwrap(Templates, one.sealed, SERVER, "captured", EDGE, SN) for one in site.line.of(Captured)]
    return [(one.user, template) for message in messages for one in message.users for template in one.templates]


async def reached(site, user, revision, state=UserState.THERE):
    await until(lambda: user in told(site, SN) and told(site, SN)[user].revision == revision and states(site, SN)[user] is state)
    return told(site, SN)[user]


def a_face(kind, seed="elsewhere"):
    """Of another terminal of the same kind, as an edge sealed it there: read by the protocol's own words."""
    unit = PushSimulator(PushOptions(users=1, faces=kind, serial="OTHER0001"))
    faces.enrol_face(unit.memory, kind, "1001", seed)
    body = rows.faces(
        "FACE" if kind == "pieces" else "BIODATA", ({"pin": "9"} | one for one in unit.memory.faces["1001"].values()), security=False
    )
    algorithm = face_algorithm({name.lower(): value for name, value in faces.OPTIONS[kind].items()})
    return Template(Kind.FACE, 0, algorithm.name, read_face(read_operlog(body).faces, "9", algorithm))


@pytest.mark.parametrize(("dialect", "kind"), KINDS)
def test_given_faces_that_are_carried_when_wanted_then_one_comes_sealed_another_is_brought_and_read_back_and_both_are_erased(
    push_site, dialect, kind
):
    brought = a_face(kind)

    async def live(site, terminal):
        terminal.enrol_face("1001")
        own = dict(terminal.memory.faces["1001"])
        want(
            site,
            WantedUser("1001", 1, biometrics=CARRY, faces=True),
            WantedUser("1002", 1, biometrics=CARRY, faces=True, templates=[brought]),
            serial=SN,
        )
        assert (await reached(site, "1001", 1)).templates == ["face"]
        assert (await reached(site, "1002", 1)).templates == ["face"]
        ((user, template),) = captured(site)
        assert (user, template.kind, template.algorithm) == ("1001", Kind.FACE, brought.algorithm)
        assert terminal.memory.faces["1001"] == own, "what was enrolled there is not touched"
        assert all(one["tmp"].encode() in template.data for one in own.values())
        assert all(one["tmp"].encode() in brought.data for one in terminal.memory.faces["1002"].values())
        want(site, WantedUser("1001", 2, biometrics=ERASE), WantedUser("1002", 2, present=False), serial=SN)
        assert (await reached(site, "1001", 2)).templates == []
        await reached(site, "1002", 2, UserState.GONE)
        assert terminal.memory.faces == {}
        assert "biophoto" not in terminal.memory.photos["1001"], "a face can be made of it"

    push_site(live, dialect, faces=kind)


def test_given_somebody_enrolled_anew_at_the_terminal_when_it_tells_so_then_the_new_face_is_told_at_once(push_site):
    async def live(site, terminal):
        want(site, WantedUser("1001", 1, biometrics=CARRY, faces=True), WantedUser("1002", 1), serial=SN)
        await reached(site, "1001", 1)
        assert captured(site) == []
        terminal.enrol_face("1001")
        terminal.enrol_face("1002")
        await until(lambda: captured(site))
        await until(lambda: told(site, SN)["1001"].templates == ["face"])
        assert [user for user, _ in captured(site)] == ["1001"]

    push_site(live, faces="visible")


@pytest.mark.parametrize("dialect", ["attendance", "security"])
def test_given_a_face_that_is_not_carried_then_it_stays_on_the_terminal_and_goes_with_its_user(push_site, dialect):
    async def live(site, terminal):
        terminal.enrol_face("1001")
        terminal.enrol_face("1002")
        own = dict(terminal.memory.faces)
        want(site, WantedUser("1001", 1, biometrics=CARRY), WantedUser("1002", 1), serial=SN)
        await reached(site, "1001", 1)
        await reached(site, "1002", 1)
        assert captured(site) == []
        assert terminal.memory.faces == own
        assert not any("QUERY" in text and "biodata" in text.lower() for _, text in terminal.unit.seen), "nobody even asked for it"
        want(site, WantedUser("1001", 2, present=False), WantedUser("1002", 2, present=False), serial=SN)
        await reached(site, "1001", 2, UserState.GONE)
        await reached(site, "1002", 2, UserState.GONE)
        assert (terminal.memory.faces, terminal.memory.photos) == ({}, {"1001": set(), "1002": set()})

    push_site(live, dialect, faults=("face-stays",), faces="visible")


@pytest.mark.parametrize(("kind", "told"), [("visible", "face"), ("palm", "palm")])
def test_given_a_unit_that_keeps_a_face_or_palm_although_it_says_done_then_that_is_a_failure_and_told(push_site, kind, told):
    async def live(site, terminal):
        terminal.enrol_face("1001")
        terminal.enrol_face("1002")
        want(site, WantedUser("1001", 1, present=False), WantedUser("1002", 1, biometrics=ERASE), serial=SN)
        for user in ("1001", "1002"):
            report = await reached(site, user, 1, UserState.FAILED)
            assert (report.templates, report.reason) == ([told], "its templates are still there")

    push_site(live, faults=("face-sticks",), faces=kind)


@pytest.mark.parametrize("dialect", ["attendance", "security"])
def test_given_a_palm_that_was_enrolled_at_the_terminal_then_it_is_never_carried_and_goes_with_its_user_or_the_consent(push_site, dialect):
    async def live(site, terminal):
        terminal.enrol_face("1001")
        terminal.enrol_face("1002")
        own = dict(terminal.memory.faces)
        assert {row["type"] for palm in own.values() for row in palm.values()} == {"8"}
        want(site, WantedUser("1001", 1, biometrics=CARRY, faces=True), WantedUser("1002", 1), serial=SN)
        await reached(site, "1001", 1)
        await reached(site, "1002", 1)
        assert (captured(site), terminal.memory.faces) == ([], own)
        want(site, WantedUser("1001", 2, biometrics=ERASE), WantedUser("1002", 2, present=False), serial=SN)
        assert (await reached(site, "1001", 2)).templates == []
        await reached(site, "1002", 2, UserState.GONE)
        assert terminal.memory.faces == {}

    push_site(live, dialect, faults=("face-stays",), faces="palm")


@pytest.mark.parametrize(
    ("options", "types", "counts"),
    [
        ({}, (), {}),
        ({"pvversion": "0", "pvfunon": "0", "multibiocount": "0:1:0:0:0:0:0:0:5:0"}, (), {}),
        ({"pvversion": "12"}, (8,), {}),
        (
            {
                "multibioversion": "0:13.0:0:0:0:0:0:0:12.0:40.1:14.0",
                "multibiocount": "0:7:0:0:0:0:0:0:5:9:2",
                "maxmultibiodatacount": "0:100:0:0:0:0:0:0:300:900:200",
            },
            (8, 10),
            {"palms": 7, "palms_capacity": 500},
        ),
        ({"pvfunon": "1", "multibiocount": "::x", "maxmultibiodatacount": "0:0:0:0:0:0:0:0:many:0"}, (8,), {}),
    ],
)
def test_given_what_a_terminal_tells_of_palms_then_kinds_counts_and_room_are_known_as_far_as_it_tells(options, types, counts):
    assert palm_types(options) == types
    assert palm_counts(options) == counts


def test_given_a_face_of_another_version_when_wanted_then_it_is_not_brought_and_the_report_says_so(push_site):
    async def live(site, terminal):
        want(site, WantedUser("1001", 1, biometrics=CARRY, faces=True, templates=[a_face("near")]), serial=SN)
        report = await reached(site, "1001", 1)
        assert (report.templates, report.reason) == ([], "its templates are of another algorithm")
        assert terminal.memory.faces == {}
        facts = site.report(SN).facts
        assert (facts["face_algorithm"], facts["faces"]) == ("zk-visible-40.1", "0")

    push_site(live, faces="visible")
