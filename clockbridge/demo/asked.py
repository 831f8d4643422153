"""What the sample company's people asked for in the last days, and what became of it: a request in every state, flows, a delegate.

All of it goes through the product's own actions, as the people themselves would do it. What cannot be asked for on such a day (a holiday
lies ahead, a balance is used up at the end of the year) is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from clockbridge.demo.duties import THREE_SHIFTS, turn_of
from clockbridge.demo.hiring import Staff
from clockbridge.demo.signins import HR, SUPERVISOR, WORKER
from server.access.model import Role
from server.audit.model import Actor
from server.errors import ServerError
from server.hr.approvals import actions as approvals
from server.hr.approvals.model import (
    Branch,
    Comparison,
    Condition,
    Delegation,
    Does,
    Flow,
    On,
    Step,
    Subject,
    TimeLimit,
    TimeUp,
    Unit,
    Verdict,
    Who,
)
from server.hr.leave import actions as leave
from server.hr.requests import actions as requests
from server.hr.requests.model import (
    Content,
    CorrectionCause,
    CorrectionContent,
    FieldWorkContent,
    LeaveContent,
    NewRequest,
    OvertimeContent,
    Purpose,
    Request,
    ShiftChangeContent,
    Span,
    SwapContent,
    TripContent,
)
from server.hr.staff import actions as staff
from server.hr.staff.model import Fact, OwnWish
from server.roster import actions as roster
from server.roster.model import PlannedDay
from server.roster.model.clock import instant_of
from server.storage import UnitOfWork
from server.wiring import APPROVAL_HANDLERS

ZONE = ZoneInfo("Asia/Shanghai")
AHEAD = 40
AWAY_HEAD, SALES = "CB1019", "CB1025"
"""The head of sales is on leave, and SUPERVISOR decides in their place."""
MENDED = "CB1052"
"""Whose missing punch was corrected already."""


@dataclass(frozen=True, slots=True)
class Days:
    """Plans of the days to come, by person: what is asked for has to fit them."""

    plans: Mapping[int, tuple[PlannedDay, ...]]

    def work(self, person_id: int, number: int) -> date:
        """The work day of somebody that comes so many work days after the next, which is 0."""
        return [plan.work_date for plan in self.plans[person_id] if plan.parts][number]

    def rest(self, person_id: int) -> date:
        """The next free day of somebody."""
        return next(plan.work_date for plan in self.plans[person_id] if not plan.parts)


class Asking:
    """Asks and decides for people by their employee numbers, some hours before `now`."""

    def __init__(self, uow: UnitOfWork, held: Staff, now: datetime) -> None:
        self._uow, self._held, self._now = uow, held, now
        self.today = now.astimezone(ZONE).date()
        keys = held.keys.values()
        plans = roster.planned_days(uow, keys, self.today + timedelta(days=1), self.today + timedelta(days=AHEAD))
        self.days = Days({key: tuple(plans[key]) for key in keys})

    def key(self, number: str) -> int:
        return self._held.keys[number]

    def work(self, number: str, place: int) -> date:
        return self.days.work(self.key(number), place)

    def ask(
        self, number: str, content: Content, reason: str, hours: int, *, purpose: Purpose = Purpose.NEW, target: Request | None = None
    ) -> Request | None:
        """None where the product says no."""
        key = f"demo-{number}-{reason}-{hours}"
        new = NewRequest(self.key(number), content, reason, key[:64], purpose=purpose, target_id=target.id if target else None)
        try:
            with self._uow.connection.begin_nested():
                return requests.ask(self._uow, APPROVAL_HANDLERS, new, Actor(number), self._ago(hours))
        except ServerError:
            return None

    def decide(self, asked: Request | None, number: str, verdict: Verdict, comment: str, hours: int) -> Request | None:
        """By whoever has this employee number."""
        course = approvals.course_of(self._uow, Subject(requests.SUBJECT, asked.id)) if asked else None
        if asked is None or course is None:
            return None
        by = Actor(number)
        approvals.decide(self._uow, APPROVAL_HANDLERS, course.id, verdict, comment, self.key(number), by, self._ago(hours))
        return requests.find_request(self._uow, asked.id)

    def withdraw(self, asked: Request | None, number: str, comment: str, hours: int) -> None:
        if asked is not None:
            requests.withdraw_request(self._uow, APPROVAL_HANDLERS, asked.id, Actor(number), self._ago(hours), comment)

    def draft(self, number: str, content: Content, reason: str) -> None:
        requests.save_draft(self._uow, NewRequest(self.key(number), content, reason, f"demo-draft-{number}"), Actor(number), self._now)

    def _ago(self, hours: int) -> datetime:
        return self._now - timedelta(hours=hours)


def ask_for_things(uow: UnitOfWork, held: Staff, forgotten: date, by: Actor, now: datetime) -> None:
    """forgotten: the day of which WORKER and MENDED have no punch out; WORKER's waits for whoever tries the demo."""
    asking = Asking(uow, held, now)
    leave.settle(uow, list(held.people), asking.today, now)
    _publish_flows(uow, by, now)
    _of_the_worker(asking)
    _of_the_team(asking, forgotten)
    _of_the_absent(uow, asking, by, now)
    _of_the_plant(uow, asking)
    changes = {Fact.MOBILE: "19900091060", Fact.ADDRESS: "示例市新示例路 8 号"}
    staff.ask_for_change(uow, APPROVAL_HANDLERS, held.keys["CB1060"], OwnWish(changes), "搬家并更换号码", Actor("CB1060"), now)


def _publish_flows(uow: UnitOfWork, by: Actor, now: datetime) -> None:
    """Leave of more than three days needs HR, too; long evenings are copied to HR."""
    manager = Step(Who.MANAGER, limit=TimeLimit(2, Unit.WORK_DAYS, TimeUp.REMIND))
    hr = Step(Who.ROLE, role=Role.HR.value)
    long_leave = Branch((manager, hr), (Condition(On.DAYS, Comparison.MORE_THAN, limit=Decimal(3)),))
    approvals.publish_flow(uow, "leave", Flow((long_leave, Branch((manager,)))), "三天以上加人事审批", 0, by, now)
    copied = Branch(
        (manager, Step(Who.ROLE, does=Does.COPY, role=Role.HR.value)), (Condition(On.MINUTES, Comparison.MORE_THAN, limit=Decimal(240)),)
    )
    approvals.publish_flow(uow, "overtime", Flow((copied, Branch((manager,)))), "超过四小时抄送人事", 0, by, now)


def _of_the_worker(asking: Asking) -> None:
    """What WORKER finds among their own requests."""
    first = asking.ask(WORKER, _leave("annual", asking.work(WORKER, 6)), "家里装修", 50)
    asking.decide(first, SUPERVISOR, Verdict.APPROVE, "同意", 47)
    back = asking.ask(WORKER, _field_work("客户现场", asking.work(WORKER, 2)), "安装调试", 26)
    asking.decide(back, SUPERVISOR, Verdict.SEND_BACK, "请写明是哪家客户", 25)
    asking.draft(WORKER, _trip("杭州", asking.work(WORKER, 9), asking.work(WORKER, 10)), "参加展会")


def _of_the_team(asking: Asking, forgotten: date) -> None:
    """Waiting for SUPERVISOR, or decided."""
    correction = CorrectionContent(cause=CorrectionCause.MISSING_OUT, work_date=forgotten, at=_at(forgotten, 18, 5))
    asking.decide(asking.ask(MENDED, correction, "下班忘记打卡", 2), SUPERVISOR, Verdict.APPROVE, "当时在一起开会，属实", 1)
    asking.ask("CB1053", _leave("annual", asking.work("CB1053", 1), asking.work("CB1053", 2)), "陪父母体检", 30)
    asking.ask("CB1054", _evening(asking.work("CB1054", 0), 18, 21), "版本上线", 5)
    asking.ask("CB1055", _trip("苏州工厂", asking.work("CB1055", 2), asking.work("CB1055", 3)), "产线联调", 4)
    asking.ask("CB1056", _evening(asking.days.rest(asking.key("CB1056")), 9, 15), "机房搬迁", 3)
    long = asking.ask("CB1057", _leave("annual", asking.work("CB1057", 4), asking.work("CB1057", 7)), "回老家探亲", 48)
    asking.decide(long, SUPERVISOR, Verdict.APPROVE, "工作已交接", 40)
    refused = asking.ask("CB1058", _leave("personal", asking.work("CB1058", 0)), "私事", 28)
    asking.decide(refused, SUPERVISOR, Verdict.REFUSE, "当天有客户验收，请改期", 27)
    asking.withdraw(asking.ask("CB1059", _evening(asking.work("CB1059", 1), 18, 20), "赶进度", 24), "CB1059", "不需要了", 23)
    sick = asking.ask("CB1061", _leave("sick", asking.today, asking.work("CB1061", 0)), "发烧", 6)
    asking.decide(sick, SUPERVISOR, Verdict.APPROVE, "好好休息", 5)
    away = asking.ask("CB1063", _trip("北京", asking.today, asking.work("CB1063", 1)), "客户技术交流", 70)
    asking.decide(away, SUPERVISOR, Verdict.APPROVE, "", 68)
    taken = asking.decide(asking.ask("CB1064", _leave("annual", asking.work("CB1064", 5)), "旅行", 60), SUPERVISOR, Verdict.APPROVE, "", 58)
    if taken is not None:
        asking.ask("CB1064", taken.content, "行程取消", 2, purpose=Purpose.CANCEL, target=taken)


def _of_the_absent(uow: UnitOfWork, asking: Asking, by: Actor, now: datetime) -> None:
    """The head of sales is away; whoever decides in their place finds what waits."""
    away = asking.ask(AWAY_HEAD, _leave("annual", asking.today, asking.work(AWAY_HEAD, 0)), "休假", 90)
    asking.decide(away, "CB1200", Verdict.APPROVE, "", 88)
    last = asking.today + timedelta(days=10)
    approvals.delegate(uow, Delegation(0, asking.key(AWAY_HEAD), asking.key(SUPERVISOR), (), asking.today, last, only_away=False), by, now)
    asking.ask(SALES, _leave("annual", asking.work(SALES, 3)), "孩子家长会", 7)
    asking.ask("CB1027", _trip("广州", asking.work("CB1027", 1), asking.work("CB1027", 3)), "拜访经销商", 8)


def _of_the_plant(uow: UnitOfWork, asking: Asking) -> None:
    """Another shift, and two who want to swap theirs; the second of them is asked first."""
    day = asking.work("CB1130", 2)
    other = list(THREE_SHIFTS)[(turn_of("1130", day) + 1) % len(THREE_SHIFTS)]
    shift = next(one for one in roster.list_shifts(uow) if one.name == other)
    asking.ask("CB1130", ShiftChangeContent(day=day, shift_id=shift.id), "接送孩子", 9)
    both = [day for day in _work_days(asking, "CB1090") if day in _work_days(asking, "CB1091")]
    asking.ask("CB1090", SwapContent(day=both[2], partner_id=asking.key("CB1091"), partner_day=both[2]), "家中有事", 10)
    asking.ask(HR, _trip("苏州工厂", asking.work(HR, 2)), "现场招聘", 11)


def _work_days(asking: Asking, number: str) -> list[date]:
    return [plan.work_date for plan in asking.days.plans[asking.key(number)] if plan.parts]


def _leave(kind: str, first: date, last: date | None = None) -> LeaveContent:
    return LeaveContent(leave=kind, span=_span(first, last))


def _trip(place: str, first: date, last: date | None = None) -> TripContent:
    return TripContent(place=place, span=_span(first, last))


def _field_work(place: str, day: date) -> FieldWorkContent:
    return FieldWorkContent(place=place, span=_span(day, None))


def _span(first: date, last: date | None) -> Span:
    return Span(first_day=first, last_day=last or first)


def _evening(day: date, begins: int, ends: int) -> OvertimeContent:
    return OvertimeContent(starts_at=_at(day, begins), ends_at=_at(day, ends))


def _at(day: date, hour: int, minute: int = 0) -> int:
    return instant_of(day, hour * 60 + minute, ZONE.key)
