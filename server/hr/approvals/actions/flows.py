"""Flows: published in versions, chosen for a request, tried before anybody asks."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from server.audit.actions import record
from server.audit.model import SERVER, Actor
from server.directory import actions as directory
from server.errors import InvalidInputError, NotFoundError, RefusedError
from server.hr.approvals.actions.charts import chart_of, departments_of
from server.hr.approvals.actions.delegating import delegates_of
from server.hr.approvals.actions.foreseeing import lacking
from server.hr.approvals.engine.checking import check_flow
from server.hr.approvals.engine.choosing import choose
from server.hr.approvals.engine.resolving import Chart, resolve
from server.hr.approvals.model import HOUSE_FLOW, Branch, Facts, Flow, FlowVersion, ForeseenStep, Outcome
from server.hr.approvals.store import flows as store
from server.storage import UnitOfWork

HOUSE_KIND = ""
HOUSE_REASON = "As the system begins: the manager decides."
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
LONGEST_REASON, LONGEST_KIND = 500, 64


def current_flows(uow: UnitOfWork) -> dict[str, FlowVersion]:
    """The versions that hold now, by kind; the flow for any kind is always there, made up where nobody has published one."""
    found = store.current_versions(uow)
    if HOUSE_KIND not in found:
        found[HOUSE_KIND] = FlowVersion(0, HOUSE_KIND, 0, HOUSE_FLOW, SERVER.name, HOUSE_REASON, BEGINNING)
    return found


def versions_of(uow: UnitOfWork, kind: str) -> list[FlowVersion]:
    """All versions of a kind, the newest first."""
    return store.versions_of(uow, kind)


def publish_flow(uow: UnitOfWork, kind: str, flow: Flow, reason: str, based_on: int, by: Actor, now: datetime) -> FlowVersion:
    """Let new requests of a kind go by this from now on. based_on: the number of the version that was edited, 0 for none.

    Raises InvalidInputError for a flow that cannot work, RefusedError when somebody else published in between.
    """
    kind = kind.strip().strip(".")
    if len(kind) > LONGEST_KIND:
        raise InvalidInputError(field="kind", reason="use at most {most} characters", most=LONGEST_KIND)
    for finding in check_flow(kind, flow):
        if finding.grave:
            raise InvalidInputError(field=finding.place, reason=finding.text, **finding.facts)
    _require_approvers(uow, flow, now)
    reason = _needed(reason)
    made = _publish(uow, kind, flow, reason, based_on, by, now)
    after = {"number": made.number, "flow": store.flow_to_json(flow)}
    record(uow, by, "flow.publish", "flow", kind or "*", at=now, before={"number": based_on}, after=after, reason=reason)
    return made


def retire_flow(uow: UnitOfWork, kind: str, reason: str, based_on: int, by: Actor, now: datetime) -> FlowVersion:
    """Let a kind have no flow of its own from now on: wider ones hold. Running courses end by theirs. Raises as `publish_flow`."""
    if kind == HOUSE_KIND:
        raise RefusedError(reason="The flow for any kind cannot be taken away, or nobody could approve anything. Change it instead.")
    if kind not in store.current_versions(uow, [kind]):
        raise NotFoundError(what="flow", name=kind)
    reason = _needed(reason)
    made = _publish(uow, kind, None, reason, based_on, by, now)
    record(uow, by, "flow.retire", "flow", kind, at=now, before={"number": based_on}, reason=reason)
    return made


def chosen_for(uow: UnitOfWork, facts: Facts, on: date, draft: FlowVersion | None = None) -> tuple[FlowVersion, int]:
    """The version and branch that a request goes by today; raises RefusedError where a company's own flow for any kind fits nobody.

    draft: a version that is not published, as though it were.
    """
    versions = current_flows(uow) | ({draft.kind: draft} if draft else {})
    found = choose(versions, facts, departments_of(uow, facts.requester_id, on))
    if found is None:
        raise RefusedError(reason="No flow fits this request. HR can add a branch without conditions to the flow for any kind.")
    return found


def kept_version(uow: UnitOfWork, version: FlowVersion, now: datetime) -> FlowVersion:
    """The same as a row, so that a course can name it: the house flow is written down when it is first used."""
    if version.id:
        return version
    store.add_version(uow, HOUSE_KIND, 1, HOUSE_FLOW, SERVER.name, HOUSE_REASON, now)
    return store.current_versions(uow, [HOUSE_KIND])[HOUSE_KIND]


def version_of(uow: UnitOfWork, version_id: int) -> tuple[FlowVersion, Flow]:
    """A version that a course goes by, and its flow."""
    found = store.version_by_id(uow, version_id)
    assert found is not None, "a foreign key holds it"
    assert found.flow is not None, "no course goes by a flow that was taken away"
    return found, found.flow


def foresee(uow: UnitOfWork, facts: Facts, on: date, draft: FlowVersion | None = None) -> tuple[ForeseenStep, ...]:
    """Who would approve this, if it were asked today and everybody agreed. draft: see `chosen_for`. Raises RefusedError where none fits."""
    version, number = chosen_for(uow, facts, on, draft)
    assert version.flow is not None
    chart = chart_of(uow, facts.requester_id, on, version.flow)
    steps = foresee_branch(version.flow, version.flow.branches[number], chart)
    delegates = delegates_of(uow, {one.person_id for step in steps for one in step.asked}, facts.kind, facts.requester_id, on)
    return tuple(_with_delegates(step, delegates) for step in steps)


def foresee_branch(flow: Flow, branch: Branch, chart: Chart) -> tuple[ForeseenStep, ...]:
    """The steps of a branch as they would be resolved, without delegates. A deciding step that finds nobody has nobody in `asked`, and
    still asks."""
    agreed: set[int] = set()
    found = []
    for number, step in enumerate(branch.steps, 1):
        resolution = resolve(step, flow, chart, agreed)
        outcome = resolution.outcome(step)
        if outcome is Outcome.ASKS:
            agreed |= {one.person_id for one in resolution.asked}
        found.append(ForeseenStep(number, step.does, outcome, resolution.asked or resolution.agreed, resolution.all_must, {}))
    return tuple(found)


def _with_delegates(step: ForeseenStep, delegates: Mapping[int, int]) -> ForeseenStep:
    return ForeseenStep(
        step.number,
        step.does,
        step.outcome,
        step.asked,
        step.all_must,
        {one.person_id: delegates[one.person_id] for one in step.asked if one.person_id in delegates},
    )


def _publish(uow: UnitOfWork, kind: str, flow: Flow | None, reason: str, based_on: int, by: Actor, now: datetime) -> FlowVersion:
    before = store.current_versions(uow, [kind]).get(kind)
    number = before.number if before else 0
    if number != based_on or not store.add_version(uow, kind, number + 1, flow, by.name, reason, now):
        raise RefusedError(reason="Somebody else published this flow in the meantime. Look at their version, and change that one.")
    return store.current_versions(uow, [kind])[kind]


def _require_approvers(uow: UnitOfWork, flow: Flow, now: datetime) -> None:
    """Raises InvalidInputError for a step at which nobody could decide for somebody who is employed."""
    for one in lacking(uow, flow, directory.today_of(uow, now)):
        if one.none:
            told = "nobody could decide at step {step} of branch {branch} for {n} {n:person|people}: name a deputy, or somebody else there"
            field = f"branches.{one.branch}.steps.{one.step}"
            raise InvalidInputError(field=field, reason=told, step=one.step + 1, branch=one.branch + 1, n=one.none)


def _needed(reason: str) -> str:
    reason = reason.replace("\0", "").strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise InvalidInputError(field="reason", reason="say why, in at most {most} characters", most=LONGEST_REASON)
    return reason
