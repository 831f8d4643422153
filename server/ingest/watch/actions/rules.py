"""Rules of who is told of alarms."""

import re
from collections.abc import Iterable
from datetime import datetime

from server.access import actions as access
from server.access.model import Role
from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, NotFoundError
from server.fleet import actions as fleet_actions
from server.ingest.alarms import AlarmKind
from server.ingest.watch import store
from server.ingest.watch.actions.watching import Office, deliver, people_of, sample
from server.ingest.watch.model import Quiet, Receiver, ReceiverKind, Rule, RuleTerms
from server.notify import actions as notify
from server.notify.actions import masked_address
from server.storage import UnitOfWork

LONGEST_NAME, LONGEST_MINUTES, MOST_RECEIVERS = 100, 7 * 24 * 60, 50
MAIL = re.compile(r"[^\s@<>,;\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def list_rules(uow: UnitOfWork) -> list[Rule]:
    """All, by name."""
    return store.rules(uow)


def find_rule(uow: UnitOfWork, rule_id: int) -> Rule:
    """Raises NotFoundError."""
    found = next((one for one in store.rules(uow) if one.id == rule_id), None)
    if found is None:
        raise NotFoundError(what="alarm rule", name=rule_id)
    return found


def put_rule(uow: UnitOfWork, rule_id: int | None, terms: RuleTerms, by: Actor, now: datetime) -> int:
    """Add a rule, or give one these terms; returns its id. Raises InvalidInputError or NotFoundError."""
    had = None if rule_id is None else find_rule(uow, rule_id)
    _require_sound(uow, terms)
    made = store.put_rule(uow, rule_id, terms, is_on=had.is_on if had else True)
    if had is None:
        record(uow, by, "alarm-rule.add", "alarm rule", terms.name, at=now, after=shown(terms))
    else:
        record(uow, by, "alarm-rule.change", "alarm rule", terms.name, at=now, before=shown(had.terms), after=shown(terms))
    return made


def switch_rule(uow: UnitOfWork, rule_id: int, *, is_on: bool, by: Actor, now: datetime) -> None:
    """A rule that is off tells nobody; when it is on again it tells of what lasts."""
    had = find_rule(uow, rule_id)
    store.switch_rule(uow, rule_id, is_on=is_on)
    record(uow, by, "alarm-rule.change", "alarm rule", had.terms.name, at=now, before={"on": had.is_on}, after={"on": is_on})


def remove_rule(uow: UnitOfWork, rule_id: int, by: Actor, now: datetime) -> None:
    """What it told stays in the history."""
    had = find_rule(uow, rule_id)
    store.remove_rule(uow, rule_id, now)
    record(uow, by, "alarm-rule.remove", "alarm rule", had.terms.name, at=now, before=shown(had.terms))


def try_rule(uow: UnitOfWork, office: Office, rule_id: int, by: Actor, now: datetime) -> int:
    """Tell everybody whom the rule tells, at once, that this is a test; returns how many receivers that were."""
    rule = find_rule(uow, rule_id)
    receivers = tuple(dict.fromkeys((*rule.terms.receivers, *rule.terms.escalation)))
    for receiver in receivers:
        deliver(uow, office, rule, receiver, [sample(rule, now)], now)
    record(uow, by, "alarm-rule.test", "alarm rule", rule.terms.name, at=now, after={"name": rule.terms.name})
    return len(receivers)


def shown(terms: RuleTerms) -> dict[str, object]:
    """What the trail says of a rule; mail addresses are masked."""
    return {
        "name": terms.name,
        "kinds": sorted(terms.kinds),
        "sites": sorted(terms.sites),
        "only_wrong": terms.only_wrong,
        "receivers": _told(terms.receivers),
        "escalation": _told(terms.escalation),
        "minutes": [terms.wait_minutes, terms.repeat_minutes, terms.escalate_minutes],
        "quiet": str(terms.quiet.since or "") + "-" + str(terms.quiet.until or "") if terms.quiet else "",
    }


def _told(receivers: Iterable[Receiver]) -> list[dict[str, str]]:
    return [{one.kind.value: masked_address(one.value) if one.kind is ReceiverKind.MAIL else one.value} for one in receivers]


def _require_sound(uow: UnitOfWork, terms: RuleTerms) -> None:
    if not 1 <= len(terms.name) <= LONGEST_NAME:
        raise InvalidInputError(field="name", reason="give it a name of at most 100 characters")
    if terms.kinds - set(AlarmKind) or terms.sites - {one.id for one in fleet_actions.list_sites(uow)}:
        raise InvalidInputError(field="alarms", reason="choose one that the list offers")
    for minutes in (terms.wait_minutes, terms.repeat_minutes, terms.escalate_minutes):
        if not 0 <= minutes <= LONGEST_MINUTES:
            raise InvalidInputError(field="minutes", reason="give whole minutes, at most a week (10080)")
    if not terms.receivers:
        raise InvalidInputError(field="receivers", reason="say who is told: a role, an account, a mail address or a webhook")
    if bool(terms.escalate_minutes) != bool(terms.escalation):
        raise InvalidInputError(field="escalation", reason="give both: after how many minutes, and who is told then")
    if terms.quiet:
        _require_hours(terms.quiet)
    if len(terms.receivers) + len(terms.escalation) > MOST_RECEIVERS:
        raise InvalidInputError(field="receivers", reason="a rule tells 50 receivers at most; tell a role instead")
    for one in (*terms.receivers, *terms.escalation):
        _require_receiver(uow, one)


def _require_hours(quiet: Quiet) -> None:
    if (quiet.since is None) != (quiet.until is None):
        raise InvalidInputError(field="quiet hours", reason="give both: from when, and until when")
    if any(one is not None and one.tzinfo is not None for one in (quiet.since, quiet.until)):
        raise InvalidInputError(field="quiet hours", reason="give times without a zone: they are on the clock of the alarm's site")
    if quiet.since is not None and quiet.since == quiet.until:
        raise InvalidInputError(field="quiet hours", reason="give two different times: from when, and until when")


def _require_receiver(uow: UnitOfWork, one: Receiver) -> None:
    if one.kind is ReceiverKind.MAIL and not MAIL.fullmatch(one.value):
        raise InvalidInputError(field="receivers", reason="{value} is no mail address", value=one.value[:100])
    if one.kind is ReceiverKind.ROLE and one.value not in set(Role):
        raise InvalidInputError(field="receivers", reason="choose one that the list offers")
    if one.kind is ReceiverKind.WEBHOOK and one.value not in {str(hook.id) for hook in notify.list_webhooks(uow)}:
        raise InvalidInputError(field="receivers", reason="choose one that the list offers")
    if one.kind is ReceiverKind.ACCOUNT:
        access.find_account(uow, one.value)
        if not people_of(uow, [one]):
            reason = "{value} is nobody in the directory and can be told nothing here: link the account, or give a mail address"
            raise InvalidInputError(field="receivers", reason=reason, value=one.value[:100])


def drop_webhook(uow: UnitOfWork, webhook_id: int, by: Actor, now: datetime) -> None:
    """It is told nothing any more, by no rule."""
    store.drop_receivers(uow, ReceiverKind.WEBHOOK, str(webhook_id))
    notify.drop_webhook(uow, webhook_id, by, now)
