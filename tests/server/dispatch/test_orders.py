"""Orders: given to one or many, sent until they are answered, ended once, and told as they turned out."""

from datetime import timedelta

import pytest

from protocol.identifiers import ALL_SHARDS, EdgeId, TerminalSerial, shard_of
from protocol.messages import Bye, Hello, OrderKind, OrderOutcome, OrderResult
from protocol.signing import Verifier
from server.audit.model import TrailFilter
from server.audit.store import page
from server.dispatch.orders import actions as orders
from server.dispatch.orders.engine import checked_parameters, checked_subnet
from server.dispatch.orders.model import OrderFilter, PartState, Targets
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.fleet import actions as fleet
from tests.support.company import NOW, TESTER, found_company

HQ, TWO = EdgeId("edge-hq"), EdgeId("edge-two")
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


class House:
    """The company, its courier, and what its edges say."""

    def __init__(self, database):
        self.database, self.company, self.courier = database, found_company(database), orders.OrderCourier()
        self.edges = {HQ: self.company.edge}
        with database.writing() as uow:
            self.edges[TWO] = fleet.add_edge(uow, TWO, "hq", Verifier(bytes(31) + b"\1"), TESTER, NOW).id
            fleet.add_terminal(uow, "T3", "门 T3", "hq", TESTER, NOW, edge=TWO)
            fleet.add_terminal(uow, "T4", "门 T4", "hq", TESTER, NOW)
            self.terminals = {one.terminal.serial: one.terminal.id for one in fleet.list_terminals(uow)}

    def give(self, kind, *serials, at=NOW, **more):
        targets = Targets("chosen", tuple(self.terminals[one] for one in serials))
        with self.database.writing() as uow:
            return orders.give_order(uow, kind, targets, more.pop("typed", {}), TESTER, at, **more)

    def hear(self, message, edge=HQ, at=NOW):
        with self.database.writing() as uow:
            fleet.record_line(uow, self.edges[edge], message, at)
            self.courier.hear(uow, self.edges[edge], message, at)

    def open_line(self, edge=HQ):
        self.hear(hello(edge), edge)

    def answer(self, part, outcome, edge=HQ, at=NOW, **said):
        self.hear(OrderResult(edge=edge, order=part.name, at=at, outcome=outcome, **said), edge, at)

    def waiting(self, at=NOW, courier=None, shards=ALL_SHARDS):
        with self.database.reading() as uow:
            return list((courier or self.courier).waiting(uow, shards, at))

    def parts(self, order_id, at=NOW):
        with self.database.reading() as uow:
            return orders.parts_of(uow, order_id, at)

    def states(self, order_id, at=NOW):
        return [(one.serial, one.state.value) for one in self.parts(order_id, at)]

    def trail(self, action):
        with self.database.reading() as uow:
            return page(uow, TrailFilter(action=action), None, below=None, limit=10)


def hello(edge=HQ):
    heads = {"low_head": bytes(32), "high_head": bytes(32)}
    return Hello(edge=edge, epoch="a" * 32, low=0, high=0, acknowledged=0, version="1", clock=NOW, nonce="1" * 32, **heads)


@pytest.fixture
def house(database):
    return House(database)


# Giving --------------------------------------------------------------------------------------------------------------------------------


def test_given_an_order_for_many_when_given_then_each_edge_is_asked_for_its_own_and_who_cannot_be_is_told(house):
    order_id = house.give(OrderKind.SET_CLOCK, "T1", "T2", "T3", "T4")
    house.open_line()

    sent = house.waiting()

    assert [(one.edge, one.parameters, one.expires_at) for one in sent] == [(HQ, {"terminal": name}, NOW + DAY) for name in ("T1", "T2")]
    assert house.states(order_id) == [("T1", "waiting"), ("T2", "waiting"), ("T3", "waiting"), ("T4", "refused")]
    assert house.parts(order_id)[3].detail == "no edge reads this terminal"
    (row,) = house.trail("order.give")
    assert (row.actor, row.after["kind"], row.after["terminals"]) == ("tester", "set-clock", 4)


def test_given_a_grave_order_when_no_reason_is_said_then_it_is_not_given(house):
    for kind in (OrderKind.UNLOCK, OrderKind.REBOOT, OrderKind.CLEAR_LOG):
        with pytest.raises(InvalidInputError) as wrong:
            house.give(kind, "T1", reason="  ")
        assert wrong.value.facts["field"] == "reason"

    house.give(OrderKind.UNLOCK, "T1", reason="fire drill", typed={"seconds": "3"})
    house.open_line()
    (sent,) = house.waiting()
    assert (sent.parameters, sent.expires_at) == ({"terminal": "T1", "seconds": "3"}, NOW + timedelta(minutes=1))


def test_given_an_order_that_is_open_when_given_again_then_the_same_is_not_asked_twice(house):
    first = house.give(OrderKind.REBOOT, "T1", reason="hangs")

    with pytest.raises(RefusedError):
        house.give(OrderKind.REBOOT, "T1", reason="hangs")
    both = house.give(OrderKind.REBOOT, "T1", "T2", reason="hangs")

    assert house.states(both) == [("T1", "refused"), ("T2", "waiting")]
    assert house.give(OrderKind.REBOOT, "T1", reason="hangs", at=NOW + 2 * HOUR) > first, "the first has expired"


def agreed(answer):
    """A register of consents that says the same of everybody; None: nobody was asked."""
    return lambda _uow, people: {} if answer is None else dict.fromkeys(people, answer)


def test_given_somebody_who_consented_when_a_finger_is_asked_for_then_the_edge_is_told_that_they_did(house):
    house.open_line()
    house.give(OrderKind.ENROL, "T1", typed={"user": "1"}, consents=agreed(True))

    (sent,) = house.waiting()

    assert sent.parameters == {"terminal": "T1", "user": "1", "finger": "6", "consent": "given"}


@pytest.mark.parametrize(
    ("user", "consents", "why"),
    [
        ("1", agreed(None), "has not given the separate consent"),
        ("1", agreed(False), "has withdrawn the consent"),
        ("999", agreed(True), "is nobody's at this terminal"),
    ],
)
def test_given_no_consent_when_a_finger_is_asked_for_then_nobody_is_asked_and_it_says_why(house, user, consents, why):
    with pytest.raises(RefusedError) as refused:
        house.give(OrderKind.ENROL, "T1", typed={"user": user, "consent": "given"}, consents=consents)

    assert why in refused.value.facts["why"]
    with pytest.raises(RefusedError):
        house.give(OrderKind.ENROL, "T1", typed={"user": "1"})
    with house.database.reading() as uow:
        assert orders.list_orders(uow, OrderFilter(), NOW) == []


def test_given_consent_that_was_withdrawn_since_when_a_finger_is_asked_for_again_then_it_is_refused(house):
    order_id = house.give(OrderKind.ENROL, "T1", typed={"user": "1"}, consents=agreed(True))
    later = NOW + HOUR

    with house.database.writing() as uow, pytest.raises(RefusedError, match="Nobody can be asked"):
        orders.repeat_order(uow, order_id, TESTER, later, agreed(False))


def test_given_what_cannot_be_asked_when_given_then_the_field_is_named_and_nothing_is_kept(house):
    wrongs = [
        (lambda: house.give(OrderKind.RE_READ), "terminals"),
        (lambda: house.give(OrderKind.SET_CLOCK, "T1", minutes=60 * 24 * 365), "expiry"),
        (lambda: house.give(OrderKind.ENROL, "T1", typed={"user": ""}), "user"),
        (lambda: house.give(OrderKind.ENROL, "T1", typed={"user": "7", "finger": "10"}), "finger"),
        (lambda: house.give(OrderKind.UNLOCK, "T1", reason="why", typed={"seconds": "3600"}), "seconds"),
        (lambda: house.give(OrderKind.SET_CLOCK, "T1", reason="x" * 501), "reason"),
    ]
    for deed, field in wrongs:
        with pytest.raises(InvalidInputError) as wrong:
            deed()
        assert wrong.value.facts["field"] == field
    with pytest.raises(RefusedError):
        house.give(OrderKind.SET_CLOCK, "T4")
    with pytest.raises(NotFoundError), house.database.writing() as uow:
        orders.give_order(uow, OrderKind.SET_CLOCK, Targets("", (999,)), {}, TESTER, NOW)

    with house.database.reading() as uow:
        assert orders.list_orders(uow, OrderFilter(), NOW) == []


@pytest.mark.parametrize("typed", ["", "192.168.1", "10.0.0.0/8", "8.8.8.0/24", "fd00::/64", "192.168.1.0/33"])
def test_given_a_network_that_is_none_of_the_site_when_typed_then_it_is_refused(typed):
    with pytest.raises(InvalidInputError):
        checked_subnet(typed)


def test_given_a_network_when_typed_then_it_is_written_in_one_way():
    assert checked_subnet(" 192.168.1.77/24 ") == "192.168.1.0/24"
    assert checked_parameters(OrderKind.READ_OPTIONS, {"names": "~SerialNumber, FWVersion"}) == {"names": "~SerialNumber,FWVersion"}


# Sending and answering -----------------------------------------------------------------------------------------------------------------


def test_given_an_order_when_nobody_answers_then_it_is_sent_again_and_not_after_its_end(house):
    house.give(OrderKind.REBOOT, "T1", reason="hangs")
    assert house.waiting() == [], "nobody can be reached"
    house.open_line()

    sent = [second for second in range(0, 4000, 5) if house.waiting(NOW + second * SECOND)]

    assert sent[:5] == [0, 10, 40, 100, 400]
    assert sent[-1] < 3600


def test_given_an_edge_that_is_away_for_days_when_it_comes_back_then_what_is_over_is_not_asked_and_what_is_good_is(house):
    over, good = house.give(OrderKind.REBOOT, "T1", reason="hangs"), house.give(OrderKind.RE_READ, "T2")
    later = NOW + 3 * DAY

    house.open_line()

    assert [one.action for one in house.waiting(later)] == [OrderKind.RE_READ]
    assert house.states(over, later) == [("T1", "expired")]
    assert house.states(good, later) == [("T2", "waiting")]


def test_given_a_server_that_is_killed_between_commit_and_sending_when_it_is_back_then_the_order_goes_out(house):
    house.open_line()
    house.give(OrderKind.REBOOT, "T1", reason="hangs")
    house.waiting()

    reborn = house.waiting(NOW + SECOND, orders.OrderCourier())

    assert [one.action for one in reborn] == [OrderKind.REBOOT]


def test_given_two_workers_when_asked_then_only_the_owner_of_the_shard_sends(house):
    house.give(OrderKind.REBOOT, "T1", reason="hangs")
    house.open_line()
    others = [shard for shard in ALL_SHARDS if shard != shard_of(HQ)]

    assert house.waiting(courier=orders.OrderCourier(), shards=others) == []
    assert len(house.waiting(shards=[shard_of(HQ)])) == 1


def test_given_answers_that_come_twice_and_late_when_heard_then_the_first_end_stands(house):
    order_id = house.give(OrderKind.REBOOT, "T1", reason="hangs")
    house.open_line()
    (part,) = house.parts(order_id)

    house.answer(part, OrderOutcome.TAKEN, at=NOW + SECOND)
    assert house.states(order_id) == [("T1", "taken")]
    house.waiting(NOW + SECOND)
    assert len(house.waiting(NOW + 20 * SECOND)) == 1, "asked again what came of it"
    house.answer(part, OrderOutcome.DONE, at=NOW + 30 * SECOND, detail="back after 24 s", found={"uptime": "3"}, body=b"log")
    house.answer(part, OrderOutcome.DONE, at=NOW + 40 * SECOND)
    house.answer(part, OrderOutcome.FAILED, at=NOW + 50 * SECOND)

    (ended,) = house.parts(order_id)
    assert (ended.state, ended.detail, ended.found, ended.has_body) == (PartState.DONE, "back after 24 s", {"uptime": "3"}, True)
    assert (ended.taken_at, ended.ended_at) == (NOW + SECOND, NOW + 30 * SECOND)
    assert house.waiting(NOW + HOUR) == []
    assert [(row.actor, row.after["outcome"]) for row in house.trail("order.result")] == [("edge edge-hq", "done")]
    with house.database.reading() as uow:
        assert orders.body_of(uow, order_id, ended.id) == b"log"


def test_given_an_answer_of_another_edge_or_to_nothing_when_heard_then_it_says_nothing(house):
    order_id = house.give(OrderKind.REBOOT, "T1", reason="hangs")
    (part,) = house.parts(order_id)

    house.answer(part, OrderOutcome.DONE, edge=TWO)
    house.hear(OrderResult(edge=HQ, order="no such order", at=NOW, outcome=OrderOutcome.DONE))

    assert house.states(order_id) == [("T1", "waiting")]


def test_given_a_cut_line_when_an_order_is_given_then_it_waits_for_the_next_hello(house):
    house.open_line()
    house.hear(Bye(edge=HQ, at=NOW))
    house.give(OrderKind.RE_READ, "T1")
    assert house.waiting() == []

    house.open_line()
    assert len(house.waiting()) == 1
    assert house.waiting(NOW + SECOND) == []
    house.open_line()
    assert len(house.waiting(NOW + 2 * SECOND)) == 1, "what went into the old line may be lost"


# Taking back, trying again -------------------------------------------------------------------------------------------------------------


def test_given_an_order_that_is_taken_back_when_an_edge_had_it_already_then_what_it_did_is_told(house):
    order_id = house.give(OrderKind.REBOOT, "T1", "T2", "T3", reason="hangs")
    first, second, _ = house.parts(order_id)
    house.answer(first, OrderOutcome.TAKEN)

    with house.database.writing() as uow:
        assert orders.cancel_order(uow, order_id, TESTER, NOW) == 2
        assert orders.cancel_order(uow, order_id, TESTER, NOW) == 0
    assert house.states(order_id) == [("T1", "taken"), ("T2", "cancelled"), ("T3", "cancelled")]
    house.answer(second, OrderOutcome.DONE)

    assert house.states(order_id)[1:] == [("T2", "done"), ("T3", "cancelled")]
    assert len(house.trail("order.cancel")) == 1


def test_given_an_order_of_which_some_failed_when_repeated_then_those_are_asked_again(house):
    order_id = house.give(OrderKind.SET_CLOCK, "T1", "T2", "T3", minutes=60)
    first, second, _ = house.parts(order_id)
    house.answer(first, OrderOutcome.DONE)
    house.answer(second, OrderOutcome.FAILED, detail="no answer")
    later = NOW + 2 * HOUR

    with house.database.writing() as uow:
        again = orders.repeat_order(uow, order_id, TESTER, later)
        order = orders.find_order(uow, again)

    assert house.states(again, later) == [("T2", "waiting"), ("T3", "waiting")]
    assert (order.repeats, order.expires_at) == (order_id, later + HOUR)
    whole = house.give(OrderKind.PROVE, "T1")
    house.answer(house.parts(whole)[0], OrderOutcome.DONE)
    with pytest.raises(RefusedError), house.database.writing() as uow:
        orders.repeat_order(uow, whole, TESTER, later)


def test_given_orders_when_listed_then_they_are_found_by_kind_terminal_edge_and_state(house):
    clock = house.give(OrderKind.SET_CLOCK, "T1", "T3")
    reboot = house.give(OrderKind.REBOOT, "T2", reason="hangs")
    house.answer(house.parts(clock)[0], OrderOutcome.DONE)
    later = NOW + 2 * HOUR

    def found(at=later, **wanted):
        with house.database.reading() as uow:
            return [line.order.id for line in orders.list_orders(uow, OrderFilter(**wanted), at)]

    assert found() == [reboot, clock]
    assert found(kind=OrderKind.REBOOT) == [reboot]
    assert found(terminal_id=house.terminals[TerminalSerial("T3")]) == [clock]
    assert found(edge=TWO) == [clock]
    assert (found(state=PartState.EXPIRED), found(state=PartState.WAITING), found(state=PartState.DONE)) == ([reboot], [clock], [clock])
    assert found(NOW, state=PartState.WAITING) == [reboot, clock]
    with house.database.reading() as uow:
        line = orders.list_orders(uow, OrderFilter(), later)[1]
    assert (line.progress.total, line.progress.done, line.progress.open, line.progress.unhappy) == (2, 1, 1, 0)
    assert line.terminals == ("门 T1", "门 T3")
