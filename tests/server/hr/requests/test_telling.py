"""Who is told of a request: the partner of a swap, and everybody who was told of it before, when it is taken back, changed or cancelled."""

from server.hr.approvals import actions as approvals
from server.hr.approvals.model import Branch, Does, Flow, Step, Who
from server.hr.requests import actions
from server.hr.requests.model import Purpose, ShiftChangeContent, SwapContent
from server.notify import actions as notify
from tests.server.hr.requests.conftest import FRIDAY, MONDAY, annual
from tests.support.company import TESTER


def told(office, who: str) -> list[str]:
    """The newest last, without those of approvals."""
    with office.database.reading() as uow:
        found = notify.notices_of(uow, office.people[who])
    return [one.text.format(**one.facts) for one in reversed(found) if one.kind == "request"]


def swap(office) -> object:
    office.approved(ShiftChangeContent(day=FRIDAY, shift_id=office.shifts["中"]), "MATE")
    return office.ask(SwapContent(day=FRIDAY, partner_id=office.people["MATE"], partner_day=FRIDAY))


def answer(office, held, agrees: bool) -> None:
    office.do(actions.answer_swap, held.id, office.people["MATE"], agrees=agrees)


def test_the_partner_is_asked_and_told_and_so_is_whoever_asked(one_office):
    held = swap(one_office)
    asked = told(one_office, "MATE")
    answer(one_office, held, agrees=True)
    one_office.decide(held)
    cancelling = one_office.follow_up(held, Purpose.CANCEL)
    one_office.decide(cancelling)

    assert asked == ["周员工 wants to swap shifts with you: say yes or no."]
    assert told(one_office, "WORKER")[-1] == "吴员工 agrees to swap shifts with you; now it goes to its approvers."
    assert told(one_office, "MATE")[1:] == [
        "The shift swap with 周员工 is approved.",
        "The shift swap with 周员工 was cancelled: what was rostered before holds again.",
    ]


def test_a_no_and_a_swap_that_is_taken_back_are_told(one_office):
    refused = swap(one_office)
    answer(one_office, refused, agrees=False)
    again = one_office.ask(refused.content)
    one_office.do(actions.withdraw_request, again.id)

    assert told(one_office, "WORKER") == ["吴员工 does not want to swap shifts with you."]
    assert told(one_office, "MATE")[-1] == "The shift swap with 周员工 came to nothing."


def test_whoever_was_told_of_it_is_told_when_it_is_taken_back_changed_or_cancelled(one_office):
    with one_office.database.writing() as uow:
        copy = Step(Who.PEOPLE, Does.COPY, people=(one_office.people["HEAD"],))
        flow = Flow((Branch((copy, Step(Who.MANAGER))),))
        approvals.publish_flow(uow, "leave", flow, "抄送", 0, TESTER, one_office.now)
    taken = one_office.ask(annual())
    one_office.do(actions.withdraw_request, taken.id)
    held = one_office.approved(annual())
    changed = one_office.decide(one_office.follow_up(held, Purpose.CHANGE, annual(MONDAY)))
    with one_office.database.writing() as uow:
        before = approvals.versions_of(uow, "leave")[0].number
        approvals.publish_flow(uow, "leave", Flow((Branch((Step(Who.MANAGER, nth=3),)),)), "副总定", before, TESTER, one_office.now)
    one_office.decide(one_office.follow_up(changed, Purpose.CANCEL), who="VP")

    assert told(one_office, "HEAD") == ["周员工 took a request back: Leave", "An approved request of 周员工 was cancelled: Leave"], (
        "a change comes to them as a copy of its own"
    )
    assert told(one_office, "LEAD")[-1] == "An approved request of 周员工 was cancelled: Leave"
    assert told(one_office, "WORKER") == []
