"""What a company begins with: rules for everybody, so that days are assessed from the first punch on."""

from datetime import date, datetime, timedelta

from server.attendance.actions.rule_sets import add_rule_set, assign_rules
from server.attendance.engine.rules.ready_made import READY_MADE, localized
from server.attendance.engine.wording import Tell
from server.attendance.model import RuleSubject
from server.attendance.store.rule_sets import assignments
from server.audit.model import SERVER
from server.directory import actions as directory
from server.storage import Database

FIRST_SET = "office"


def begin_with_rules(database: Database, now: datetime, tell: Tell) -> bool:
    """Give a company that has no rules for everybody the ready-made office set, from the first day of last month on.

    tell: into the company's language. Returns whether it was done.
    """
    with database.reading() as uow:
        if any(one.subject is RuleSubject.COMPANY for one in assignments(uow)):
            return False
    with database.writing() as uow:
        if any(one.subject is RuleSubject.COMPANY for one in assignments(uow)):
            return False
        first = _first_of_last_month(directory.today_of(uow, now))
        ready = READY_MADE[FIRST_SET]
        made = add_rule_set(uow, tell(ready.title), localized(ready.rules, tell), first, SERVER, now, ready_made=ready.key)
        assign_rules(uow, made.id, RuleSubject.COMPANY, 0, first, None, SERVER, now)
    return True


def _first_of_last_month(today: date) -> date:
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)
