"""Checking a file of evidence by itself: signature, seals, the edges' chain, and every day worked out again from its inputs."""

from collections.abc import Iterator, Mapping
from datetime import date
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from protocol import codec
from protocol.errors import ProtocolError
from protocol.instants import pack_wall, wall_moment
from protocol.signing import Verifier
from server.attendance.engine.day.assessing import assess_day
from server.attendance.engine.period.assessing import assess_period
from server.attendance.model.days import AttendanceDay
from server.attendance.model.periods import AttendancePeriod
from server.ingest.evidence.model import MONTH, Evidence, EvidenceDay, EvidenceDifference, EvidencePunch, Finding
from server.ingest.evidence.punches import check_punches, read_evidence
from server.ingest.evidence.sealing import broken_seals, signed_text

NOT_SEALED = "it is not as the server sealed it"


def verify_evidence(data: bytes) -> list[Finding]:
    """Check all of a file, by the file alone: one finding for each record. Raises ValueError when it is no evidence file."""
    evidence = read_evidence(data)
    punches = check_punches(evidence)
    if evidence.format < MONTH:
        return punches
    content = msgspec.json.decode(data)
    return [_signature(evidence), *_seals(evidence, content), *punches, *_days(evidence, punches), *_period(evidence), *_counted(evidence)]


def _signature(evidence: Evidence) -> Finding:
    name = f"the server's signature (key {Verifier(evidence.server_key).key_id})"
    try:
        Verifier(evidence.server_key).verify(evidence.signature, signed_text(evidence.seals))
    except (ProtocolError, ValueError):
        return Finding(name, proven=False, reason="the list of seals is not what the server's key signed")
    return Finding(name, proven=True)


def _seals(evidence: Evidence, content: Mapping[str, Any]) -> Iterator[Finding]:
    """Only what is not sealed: what is sealed has findings of its own."""
    for part, place in broken_seals(content):
        name = f"the {part} of the file" if place < 0 else _named(evidence, part, place)
        reason = "records were added or taken out" if place < 0 else NOT_SEALED
        yield Finding(name, proven=False, reason=reason)


def _named(evidence: Evidence, part: str, place: int) -> str:
    """What people call a record."""
    match part:
        case "punches":
            return f"punch {evidence.punches[place].id}: {evidence.punches[place].row}"
        case "batches":
            one = evidence.batches[place]
            return f"batch {one.edge}, {one.first} to {one.last}"
        case "grants":
            return f"grant {evidence.grants[place].grant.id}"
        case "rules":
            return f"rules {evidence.rules[place].version_id}"
        case "days":
            return f"day {evidence.days[place].day.work_date}"
        case "differences":
            return _difference(evidence.differences[place])
        case "keys":
            return "the keys of the edges"
        case "period":
            return "the totals of the period"
        case _:
            return "the head of the file"


def _days(evidence: Evidence, punches: list[Finding]) -> Iterator[Finding]:
    moments = {one.id: _moments(one) for one, found in zip(evidence.punches, punches, strict=True) if found.proven}
    grants = {one.grant.id: one.grant for one in evidence.grants}
    rules = {one.version_id: one.rules.day for one in evidence.rules}
    for one in evidence.days:
        yield Finding(f"day {one.day.work_date}", *_judged(_why_not(one, moments, grants, rules, evidence.made_by)))
    for other in evidence.differences:
        yield Finding(_difference(other), *_judged(_why_not(other, moments, grants, rules, evidence.made_by)))


def _difference(one: EvidenceDifference) -> str:
    return f"difference {one.day.work_date}, {one.state} by {one.decided_by} at {one.decided_at}"


def _why_not(
    one: EvidenceDay | EvidenceDifference,
    moments: Mapping[int, set[int]],
    grants: Mapping[int, Any],
    rules: Mapping[int, Any],
    made_by: str,
) -> str:
    """Empty when the day's inputs are in the file and give the day."""
    inputs = one.inputs
    if inputs.rules_version_id not in rules:
        return f"rules {inputs.rules_version_id} are not in the file"
    for punch in inputs.punches:
        if punch.grant_id is None and punch.at not in moments.get(punch.id, ()):
            return f"it counts punch {punch.id}, which is not proven in the file with that time"
    for grant in inputs.grants:
        if grants.get(grant.id) != grant:
            return f"it obeys grant {grant.id}, which is not in the file as it is"
    again = assess_day(inputs.plan, inputs.punches, inputs.grants, rules[inputs.rules_version_id], inputs.horizon)
    return "" if again == one.day else _differs(made_by)


def _period(evidence: Evidence) -> Iterator[Finding]:
    """Totals worked out again from the days."""
    if evidence.period is not None:
        yield Finding("the totals of the period", *_judged(_totals(evidence, {}, evidence.period.period)))


def _counted(evidence: Evidence) -> Iterator[Finding]:
    """The same with the accepted differences in the place of their days."""
    accepted = {one.day.work_date: one.day for one in evidence.differences if one.state == "accepted"}
    if evidence.period is None or (evidence.period.counted is None and not accepted):
        return
    yield Finding("the totals with the accepted differences", *_judged(_totals(evidence, accepted, evidence.period.counted)))


def _totals(evidence: Evidence, instead: Mapping[date, AttendanceDay], told: AttendancePeriod | None) -> str:
    """Empty when the days, by the rules of the last one, come to what is told."""
    first, last = date.fromisoformat(evidence.since), date.fromisoformat(evidence.until)
    own = [one for one in evidence.days if first <= one.day.work_date <= last]
    rules = next((one.rules.period for one in evidence.rules if own and one.version_id == own[-1].inputs.rules_version_id), None)
    if rules is None:
        return "the rules of its last day are not in the file"
    days = [instead.get(one.day.work_date, one.day) for one in evidence.days]
    again = assess_period(days, [one.inputs.plan for one in evidence.days], rules, first, last)
    return "" if again == told else _differs(evidence.made_by)


def _differs(made_by: str) -> str:
    ours = version("clockbridge")
    other = "" if made_by == ours else f" (made by release {made_by}, checked by {ours}: check it with that release, too)"
    return f"worked out again from what is in the file, it comes to something else{other}"


def _judged(reason: str) -> tuple[bool, str]:
    return not reason, reason


def _moments(punch: EvidencePunch) -> set[int]:
    """What the terminal showed, as an instant; two in the hour that clocks go through twice."""
    try:
        moment, zone = wall_moment(pack_wall(codec.decode_row(punch.row.encode()).wall)), ZoneInfo(punch.zone)
    except (ProtocolError, ValueError, OSError):
        return set()
    if moment is None:
        return set()
    return {int(moment.replace(tzinfo=zone, fold=fold).timestamp()) for fold in (0, 1)}
