"""What somebody must look at now, computed from what the fleet said last. Pure: nothing is stored, so an alarm ends when its cause does.

Where an edge is away, its terminals raise none of their own: there is one cause and one thing to do.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from server.fleet.model import ManyFaces
from server.ingest.capacity import NEARLY_FULL, fullest
from server.ingest.overview import BROKEN, CLOCK_OFF_MS, Agreement, DaysWaiting, EdgeLine, Fleet, Line, TerminalLine, TerminalState
from server.ingest.reconciliation.model import Gap
from server.provisioning.model import Finding, FindingKind, Succession

WAITED_TOO_LONG = timedelta(minutes=5)
DAYS_WAITED_TOO_LONG = timedelta(minutes=10)
"""A wholesale change of a large company is worked off within some minutes."""
DAYS_WAIT_GRAVELY = timedelta(hours=1)
CERTIFICATE_NEAR_END = timedelta(days=21)
"""Edges renew when a month is left, more or less: what comes this near has not done so."""
AUTHORITY_NEAR_END = timedelta(days=700)
"""A successor is made two years before the end; a month later somebody must look why there is none."""
UNAWARE_NEAR_END = timedelta(days=365)
AUTHORITY_URGENT = timedelta(days=120)
"""From here on edges, whose certificates last 90 days, are short of time."""
FEW = 5
"""As many are named; the others are counted."""
HOURS_LEFT_LOW = 72.0
HOURS_LEFT_URGENT = 24.0
HOLE_IS_NEWS = timedelta(days=14)


SERVER = "Clockbridge"
"""What an alarm is about that is no edge's and no terminal's."""


class AlarmKind(StrEnum):
    """What is wrong, for programs."""

    EDGE_CUT = "edge-cut"
    EDGE_SILENT = "edge-silent"
    EDGE_NEVER_HEARD = "edge-never-heard"
    ROWS_WAIT = "rows-wait"
    DISK_SHORT = "disk-short"
    CERTIFICATE_ENDS = "certificate-ends"
    EDGE_CLOCK = "edge-clock"
    EDGE_SAYS = "edge-says"
    ROWS_LOST = "rows-lost"
    TERMINAL_SILENT = "terminal-silent"
    TERMINAL_NEVER_HEARD = "terminal-never-heard"
    TERMINAL_CLOCK = "terminal-clock"
    TERMINAL_FULL = "terminal-full"
    COUNTS_DISAGREE = "counts-disagree"
    RECONCILIATION_GAP = "reconciliation-gap"
    EDGE_AT_TWO_PLACES = "edge-at-two-places"
    BOX_REFUSED = "box-refused"
    AUTHORITY_ENDS = "authority-ends"
    BROKER_BEHIND = "broker-behind"
    FACES_MANY = "faces-many"
    DAYS_WAIT = "days-wait"
    DAYS_FAIL = "days-fail"


class Severity(StrEnum):
    """Wrong: punches wait or are lost. Attention: they will, if nobody looks."""

    WRONG = "wrong"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Alarm:
    """text and advice are keys of the catalogue; `facts` stand in both. href: the page to go to.

    since None: it is not known when it began; then `told_at` is when it was last said to be so.
    """

    kind: AlarmKind
    severity: Severity
    subject: str
    href: str
    since: datetime | None
    text: str
    advice: str
    facts: dict[str, object] = field(default_factory=dict)
    told_at: datetime | None = None

    @property
    def key(self) -> str:
        """The same as long as the same thing is wrong with the same place; at most 200 characters."""
        return f"{self.kind}:{self.href}:{self.facts.get('code', self.facts.get('first', ''))}"[:200]

    @property
    def cannot_wait(self) -> bool:
        """Whether punches may be lost, or somebody may be forging them, before the next morning."""
        said = str(self.facts.get("code", ""))
        return self.kind in _CANNOT_WAIT or (self.kind is AlarmKind.EDGE_SAYS and said.startswith(_SAID_THAT_CANNOT_WAIT))


_CANNOT_WAIT = frozenset({AlarmKind.ROWS_LOST, AlarmKind.DISK_SHORT, AlarmKind.TERMINAL_FULL})
_SAID_THAT_CANNOT_WAIT = ("outbox-damaged", "outbox-full", "not-our-server", "push-moved-", "tampered-", "terminal-alarm-")


def alarms(fleet: Fleet, now: datetime) -> list[Alarm]:
    """All alarms: what is wrong before what needs attention, the oldest first."""
    found = [alarm for edge in fleet.edges for alarm in _of_edge(edge, now)]
    found += [alarm for terminal in fleet.terminals for alarm in _of_terminal(terminal, now)]
    found += [_of_finding(one) for one in fleet.refused]
    found += _of_authority(fleet.succession, now)
    found += map(_of_faces, fleet.many_faces)
    found += _of_days(fleet.waiting, now)
    found += [_lost(fleet, index) for index, lost in enumerate(fleet.lost) if now - lost.at < HOLE_IS_NEWS]
    return sorted(found, key=lambda one: (one.severity is not Severity.WRONG, one.since or now, one.subject, one.kind))


def _of_edge(edge: EdgeLine, now: datetime) -> Iterator[Alarm]:
    line = edge.line(now)
    if line in {Line.QUARANTINED, Line.REVOKED, Line.REPLACED}:  # the first is told by its finding
        return
    href, since = f"/edges/{edge.name}", edge.heard_at
    facts: dict[str, object] = {"edge": edge.name}
    if line is Line.NEVER:
        text = "Edge {edge} has never been heard of."
        advice = "Start the edge with the kit that was made for it; its log says what keeps it from connecting."
        yield Alarm(AlarmKind.EDGE_NEVER_HEARD, Severity.ATTENTION, edge.name, href, edge.overview.edge.created_at, text, advice, facts)
        return
    if line is Line.CUT and edge.overview.health:
        text = "The line to edge {edge} is cut. It keeps all punches and sends them when it is back."
        advice = "Check power and network at the site; nothing has to be done here when it comes back."
        yield Alarm(AlarmKind.EDGE_CUT, Severity.WRONG, edge.name, href, edge.overview.health.cut_at, text, advice, facts)
    if line is Line.SILENT:
        text = "Edge {edge} has a line but says nothing."
        advice = "Look whether the edge's program hangs and restart it; what it holds is on its disk."
        yield Alarm(AlarmKind.EDGE_SILENT, Severity.WRONG, edge.name, href, since, text, advice, facts)
    if line is Line.UP:
        yield from _of_what_it_said(edge, now, href)
    yield from _of_certificate(edge, now, href)


def _of_what_it_said(edge: EdgeLine, now: datetime, href: str) -> Iterator[Alarm]:
    facts: dict[str, object] = {"edge": edge.name}
    if edge.queue_depth and edge.oldest_at and now - edge.oldest_at > WAITED_TOO_LONG:
        minutes = int((now - edge.oldest_at).total_seconds() // 60)
        text = "{n} {n:row|rows} of edge {edge} {n:has|have} no receipt; the oldest has waited {minutes} {minutes:minute|minutes}."
        advice = "If other edges are served, read this edge's log; if none is, look at the ingest workers and the database."
        told = facts | {"n": edge.queue_depth, "minutes": minutes}
        yield Alarm(AlarmKind.ROWS_WAIT, Severity.WRONG, edge.name, href, edge.oldest_at, text, advice, told)
    if edge.hours_left is not None and edge.hours_left < HOURS_LEFT_LOW:
        severity = Severity.WRONG if edge.hours_left < HOURS_LEFT_URGENT else Severity.ATTENTION
        text = "The disk of edge {edge} would be full after {hours} {hours:hour|hours} without a line."
        advice = "Free some of its disk, or give its outbox a larger limit."
        told = facts | {"hours": int(edge.hours_left)}
        yield Alarm(AlarmKind.DISK_SHORT, severity, edge.name, href, None, text, advice, told, edge.heard_at)
    if edge.clock_set_back:
        text = "The clock of edge {edge} was set back."
        advice = "Let the edge's machine keep its time by NTP; punches keep the terminals' own times."
        yield Alarm(AlarmKind.EDGE_CLOCK, Severity.ATTENTION, edge.name, href, None, text, advice, facts, edge.heard_at)
    for said in edge.alarms:
        code, _, detail = said.partition(": ")
        if code.startswith("clock-off-"):
            continue  # told from the terminal's own drift, with the minutes
        text, advice = _edge_words(code)
        severity = Severity.WRONG if code.startswith(_GRAVE) else Severity.ATTENTION
        told = facts | {"code": code, "detail": detail, "terminal": _tail(code)}
        yield Alarm(AlarmKind.EDGE_SAYS, severity, edge.name, href, None, text, advice, told, edge.heard_at)


_GRAVE = ("outbox-damaged", "outbox-full", "refused", "owner-failed", "not-our-server")
_OWN_ALARMS: tuple[tuple[str, str, str], ...] = (
    (
        "outbox-damaged",
        "The outbox of edge {edge} was damaged; what could be read was saved.",
        "Check the edge's disk. The terminals are read again by themselves; compare the counts when that is done.",
    ),
    (
        "outbox-full",
        "The outbox of edge {edge} is full: its terminals are not read any more and keep punches in their own logs.",
        "Bring the line back, or free some of the edge's disk.",
    ),
    (
        "not-our-server",
        "Edge {edge} hears messages that the server's key did not sign: {detail}",
        "Put a new kit on the edge; if this stays, look who else publishes on the broker.",
    ),
    (
        "owner-failed",
        "A task of edge {edge} that looks after a terminal failed and was started again: {detail}",
        "Read the edge's log; if it comes again, report it with the log.",
    ),
    (
        "read-incomplete-",
        "Terminal {terminal} could not be read completely: {detail}",
        "It is tried again by itself; if this stays, check the cable and restart the terminal.",
    ),
    (
        "log-undecodable-",
        "The rows in the log of terminal {terminal} have no form that is known: {detail}",
        "They are kept in quarantine as bytes. Choose the layout in the edge's settings, or send us what `terminal probe --report` prints.",
    ),
    (
        "file-refused-",
        "A file for terminal {terminal} was refused: {detail}",
        'Look into the folder "refused" beside the drop folder; `clockbridge edge import-file --check` tells all lines.',
    ),
    (
        "page-closed",
        "The page of edge {edge} is set to be seen from the network and has no password, so it stays closed: {detail}",
        "Make a password on the edge with `clockbridge edge page-password`, or set page.host back to 127.0.0.1.",
    ),
    (
        "setup-refused",
        "Edge {edge} cannot use the set-up that the server sent, and goes on with the one before: {detail}",
        "Correct the terminal that it names, or update the edge.",
    ),
    (
        "wanted-refused",
        "Edge {edge} cannot open what the server sealed for it: {detail}",
        "The server hears of the edge's key when the line opens again. If this stays, restart the edge.",
    ),
    (
        "clock-not-set-",
        "The clock of terminal {terminal} is off and could not be set: {detail}",
        "Set it at the terminal, or restart the terminal and wait ten minutes.",
    ),
    (
        "push-port",
        "Edge {edge} cannot listen for terminals that push: {detail}",
        "Correct push.host and push.port in the edge's settings, or end the program that has the port.",
    ),
    (
        "push-waiting-",
        "Terminal {terminal} wants to push and nobody has approved it; it comes from {detail}",
        "If it is ours, add it under New terminals; if not, turn it away there and look who is in the terminals' network.",
    ),
    (
        "push-moved-",
        "Terminal {terminal} pushes from another address than before: {detail}",
        "If it was moved, write its new address on its page or as source into the edge's settings; else somebody may be forging punches.",
    ),
    (
        "tampered-",
        "Records were changed at terminal {terminal}: {detail}",
        "Ask who was at the terminal; punches that were collected before are not touched by it.",
    ),
    (
        "proof-gap-",
        "Terminal {terminal} holds punches that its edge does not have: {detail}",
        "They are asked for by themselves; if this stays, look at the terminal's log and export it to a USB stick.",
    ),
    (
        "terminal-alarm-",
        "Terminal {terminal} raised an alarm: {detail}",
        "Look at the terminal and the door.",
    ),
    (
        "update-refused",
        "An update of edge {edge} did not come up: {detail}",
        "The version before runs again and nothing is lost. Read the edge's log; the next update takes this alarm away.",
    ),
    (
        "certificate-not-renewed",
        "Edge {edge} could not renew its certificate: {detail}",
        "It tries again by itself. If this stays until the certificate ends, make a new token and enrol the box anew.",
    ),
    (
        "hole",
        "This server has less than edge {edge} still keeps: rows between the two are not at hand any more.",
        "The edge reads its terminals again by itself; compare the counts when that is done.",
    ),
    (
        "epoch-closed",
        "Edge {edge} began a new outbox count, because the server refused the old one: {detail}",
        "Nothing is lost: what the server does not have is sent again. If nobody put an old disk image back, read the edge's log.",
    ),
    (
        "refused",
        "The server refused what edge {edge} sent: {detail}",
        "See the refused messages; a wrong key is mended with a new kit for this edge.",
    ),
)


def _edge_words(code: str) -> tuple[str, str]:
    """(text, advice) for an alarm of an edge's own; a later release's code is shown as it is."""
    found = next(((text, advice) for start, text, advice in _OWN_ALARMS if code.startswith(start)), None)
    return found or ("Edge {edge} says: {code} {detail}", "Read the edge's log.")


def _tail(code: str) -> str:
    """The serial number behind the code's own words."""
    return next((code.removeprefix(start) for start, _, _ in _OWN_ALARMS if start.endswith("-") and code.startswith(start)), "")


_ENROL_ANEW = "Where it reaches the pages it renews when it is back; if not, enrol the box anew with a token."


def _of_certificate(edge: EdgeLine, now: datetime, href: str) -> Iterator[Alarm]:
    ends = edge.certificate_ends_at
    if ends is None or ends - now > CERTIFICATE_NEAR_END:
        return
    facts: dict[str, object] = {"edge": edge.name, "days": max((ends - now).days, 0), "day": ends.date().isoformat()}
    advice = "It renews by itself where it reaches the pages; if not, enrol the box anew with a token before that day."
    if ends <= now:
        text = "The certificate of edge {edge} ended on {day}; it cannot connect any more."
        yield Alarm(AlarmKind.CERTIFICATE_ENDS, Severity.WRONG, edge.name, href, ends, text, _ENROL_ANEW, facts)
        return
    text = "The certificate of edge {edge} ends in {days} {days:day|days}, on {day}."
    since = ends - CERTIFICATE_NEAR_END
    yield Alarm(AlarmKind.CERTIFICATE_ENDS, Severity.ATTENTION, edge.name, href, since, text, advice, facts)


def _of_terminal(terminal: TerminalLine, now: datetime) -> Iterator[Alarm]:
    state, health = terminal.state(now), terminal.overview.health
    name, href = terminal.overview.terminal.name, f"/terminals/{terminal.overview.terminal.id}"
    facts: dict[str, object] = {"terminal": name}
    if state is TerminalState.OUT_OF_SERVICE:
        return
    if state is TerminalState.NEVER and _edge_is_up(terminal, now):
        text = "Terminal {terminal} has never been heard of."
        advice = "Say on its page how its edge reaches it, or correct the serial number there."
        created = terminal.overview.terminal.created_at
        yield Alarm(AlarmKind.TERMINAL_NEVER_HEARD, Severity.ATTENTION, name, href, created, text, advice, facts)
    if state in BROKEN and health:
        text, advice = _BROKEN_WORDS[state]
        seen = [one for one in (health.last_read_at, health.last_event_at) if one]
        yield Alarm(AlarmKind.TERMINAL_SILENT, Severity.WRONG, name, href, max(seen, default=None), text, advice, facts)
    away = state is TerminalState.EDGE_AWAY
    if terminal.drift_ms is not None and abs(terminal.drift_ms) > CLOCK_OFF_MS and not away:
        minutes, seconds = divmod(abs(terminal.drift_ms) // 1000, 60)
        text = "The clock of terminal {terminal} is {minutes} min {seconds} s " + ("fast." if terminal.drift_ms > 0 else "slow.")
        advice = "Set the terminal's clock. Punches keep the time that it showed; the drift stands beside them."
        told = facts | {"minutes": minutes, "seconds": seconds}
        heard = health.reported_at if health else None
        yield Alarm(AlarmKind.TERMINAL_CLOCK, Severity.ATTENTION, name, href, None, text, advice, told, heard)
    yield from () if away else _of_capacity(terminal, name, href)
    if terminal.agreement is Agreement.MISSING and not away:
        text = (
            "{n} {n:punch|punches} of terminal {terminal} {n:is|are} not here: its edge has {told}, admitted are {admitted}, "
            "in quarantine {quarantined}."
        )
        advice = "Ask the edge to read the terminal again; if the number stays, check the rows that the edge lost."
        told = facts | {
            "n": terminal.missing,
            "told": max(terminal.appended or 0, terminal.held or 0),
            "admitted": terminal.admitted,
            "quarantined": terminal.quarantined,
        }
        heard = health.reported_at if health else None
        yield Alarm(AlarmKind.COUNTS_DISAGREE, Severity.WRONG, name, href, None, text, advice, told, heard)
    if terminal.gap is not None:
        yield _of_gap(terminal.gap, name, href)


def _of_gap(gap: Gap, name: str, href: str) -> Alarm:
    """It stands also while the edge is away: punches that were here once do not come back by themselves."""
    text = "{n} {n:punch|punches} of terminal {terminal} that its edge took {n:is|are} not here, on {days} {days:day|days} since {day}."
    advice = "The edge is asked for them by itself; the terminal's page says what came of it. If this stays, take in a USB export."
    facts: dict[str, object] = {"terminal": name, "n": gap.missing, "days": gap.days, "day": gap.first.isoformat()}
    return Alarm(AlarmKind.RECONCILIATION_GAP, Severity.WRONG, name, href, gap.since, text, advice, facts)


def _of_capacity(terminal: TerminalLine, name: str, href: str) -> Iterator[Alarm]:
    full = fullest(terminal.capacities)
    if full is None or full.share < NEARLY_FULL:
        return
    text, advice = _FULL_WORDS[full.kind]
    facts: dict[str, object] = {"terminal": name, "used": full.used, "room": full.room}
    told_at = terminal.overview.health.reported_at if terminal.overview.health else None
    yield Alarm(AlarmKind.TERMINAL_FULL, Severity(full.state), name, href, None, text, advice, facts, told_at)


_TAKE_OFF = "Take people off it who do not punch there; when it is full, nobody can be enrolled at it."
_FULL_WORDS = {
    "users": ("Terminal {terminal} is nearly full: users {used} of {room}.", _TAKE_OFF),
    "fingers": ("Terminal {terminal} is nearly full: fingerprints {used} of {room}.", _TAKE_OFF),
    "faces": ("Terminal {terminal} is nearly full: faces {used} of {room}.", _TAKE_OFF),
    "palms": ("Terminal {terminal} is nearly full: palms {used} of {room}.", _TAKE_OFF),
    "punches": (
        "The log of terminal {terminal} is nearly full: punches {used} of {room}.",
        "Clear its log after the server has all of it; some terminals overwrite the oldest punches, others refuse new ones.",
    ),
}
_CHECK_IT = "Check its power and network. The edge tries again by itself and reads what it missed."
_BROKEN_WORDS: dict[TerminalState, tuple[str, str]] = {
    TerminalState.UNREACHABLE: ("Terminal {terminal} does not answer. It keeps punches in its own log.", _CHECK_IT),
    TerminalState.REFUSED: (
        "Terminal {terminal} refuses the edge.",
        "Put the terminal's communication key into the edge's settings.",
    ),
    TerminalState.WRONG_TERMINAL: (
        "Another terminal answers at the address of {terminal}.",
        "Correct the address or the serial number in the edge's settings.",
    ),
    TerminalState.OUTBOX_FULL: (
        "The edge's outbox is full: terminal {terminal} is not read any more and keeps punches in its own log.",
        "Bring the line back, or free some of the edge's disk.",
    ),
    TerminalState.FAILED: ("Reading terminal {terminal} fails.", "Read the edge's log; its last error stands on the terminal's page."),
}


def _edge_is_up(terminal: TerminalLine, now: datetime) -> bool:
    return terminal.edge is None or terminal.edge.line(now) is Line.UP


def _of_days(waiting: DaysWaiting, now: datetime) -> Iterator[Alarm]:
    """Attendance days that nobody brings up to date."""
    if waiting.oldest_at is not None and now - waiting.oldest_at > DAYS_WAITED_TOO_LONG:
        severity = Severity.WRONG if now - waiting.oldest_at > DAYS_WAIT_GRAVELY else Severity.ATTENTION
        facts: dict[str, object] = {"n": waiting.marks, "minutes": int((now - waiting.oldest_at).total_seconds() // 60)}
        text = "{n} attendance {n:day waits|days wait} to be worked out again, the first for {minutes} {minutes:minute|minutes}."
        advice = "See whether a worker of days runs (days-1), and read its log. If it runs and does not keep up, add another worker."
        href = f"/alarms?kind={AlarmKind.DAYS_WAIT}"
        yield Alarm(AlarmKind.DAYS_WAIT, severity, SERVER, href, waiting.oldest_at, text, advice, facts)
    if waiting.failing:
        text = "{n} attendance {n:day|days} could not be worked out; {n:it is|they are} tried again later."
        advice = "The log of the worker of days says why, and which; report it to us with that."
        href = f"/alarms?kind={AlarmKind.DAYS_FAIL}"
        yield Alarm(AlarmKind.DAYS_FAIL, Severity.WRONG, SERVER, href, waiting.failing_since, text, advice, {"n": waiting.failing})


_REFUSALS = {
    FindingKind.UNKNOWN_TOKEN: "A box brought a token that nobody made here.",
    FindingKind.TOKEN_EXPIRED: "A box brought a token that had expired.",
    FindingKind.TOKEN_WITHDRAWN: "A box brought a token that was withdrawn.",
    FindingKind.TOKEN_USED_AGAIN: "Another box brought a token that was used already.",
    FindingKind.BAD_PROOF: "A request was not signed by the keys that it named.",
    FindingKind.RENEWAL_REFUSED: "A renewal was refused.",
}
_GRAVE_REFUSALS = {FindingKind.TOKEN_USED_AGAIN, FindingKind.TOKEN_WITHDRAWN, FindingKind.BAD_PROOF}


def _of_finding(one: Finding) -> Alarm:
    """Somebody wanted to be an edge and may not, or an edge is at two places; it stays until a person has looked."""
    href = f"/edges/{one.edge}/identity" if one.edge else "/sites"
    facts: dict[str, object] = {"edge": one.edge, "places": one.detail}
    if one.kind is FindingKind.TWO_PLACES:
        text = "Edge {edge} runs at two places at once: {places}. Nothing is taken from either until somebody has decided."
        advice = "Switch the wrong box off. On the page of its identity take the edge back, or make a new token for the right box."
        return Alarm(AlarmKind.EDGE_AT_TWO_PLACES, Severity.WRONG, one.edge, href, one.first_at, text, advice, facts)
    if one.kind is FindingKind.BROKER_BEHIND:
        text = "The broker does not follow the server: {detail}"
        advice = "Until it does, whoever was revoked can still connect to it, and nothing is taken from them. New workers may be shut out."
        return Alarm(AlarmKind.BROKER_BEHIND, Severity.WRONG, SERVER, href, one.first_at, text, advice, {"detail": one.detail})
    severity = Severity.WRONG if one.kind in _GRAVE_REFUSALS else Severity.ATTENTION
    advice = "See from which address it came. If that is not one of ours, revoke the edge and make a new token."
    return Alarm(AlarmKind.BOX_REFUSED, severity, one.edge or SERVER, href, one.first_at, _REFUSALS[one.kind], advice, facts)


def _of_authority(succession: Succession, now: datetime) -> Iterator[Alarm]:
    """The last certificate that everything rests on nears its end, or edges do not know the next one yet."""
    ends, older = succession.ends_at, succession.older_ends_at
    href = "/sites"
    if ends is not None and ends - now < AUTHORITY_NEAR_END:
        facts: dict[str, object] = {"day": ends.date().isoformat()}
        text = "The authority of this installation ends on {day} and has no successor: from then on no edge can connect."
        advice = "The server makes one by itself where it runs with its folder of keys; its log says what keeps it. "
        advice += "Or run `clockbridge server roll-authority`."
        severity = Severity.WRONG if ends - now < AUTHORITY_URGENT else Severity.ATTENTION
        yield Alarm(AlarmKind.AUTHORITY_ENDS, severity, SERVER, href, ends - AUTHORITY_NEAR_END, text, advice, facts)
    if older is not None and succession.unaware and now < older and older - now < UNAWARE_NEAR_END:
        edges = ", ".join(succession.unaware[:FEW])
        facts = {"day": older.date().isoformat(), "n": len(succession.unaware), "edges": edges, "first": "unaware"}
        text = "{n} {n:edge does|edges do} not know the authority's successor yet, and cannot connect after {day}: {edges}."
        advice = "An edge is handed it with its next certificate, which it fetches by itself. Give a new token or kit to those that cannot."
        severity = Severity.WRONG if older - now < AUTHORITY_URGENT else Severity.ATTENTION
        yield Alarm(AlarmKind.AUTHORITY_ENDS, severity, SERVER, href, older - UNAWARE_NEAR_END, text, advice, facts)


def _of_faces(many: ManyFaces) -> Alarm:
    """A duty begins at 100,000 people; somebody should know of it before."""
    facts: dict[str, object] = {"entity": many.name, "n": many.people, "code": str(many.legal_entity_id or 0)}
    text = (
        "Faces of up to {n} {n:person|people} of {entity} are stored."
        if many.name
        else "Faces of up to {n} {n:person|people} of no contract are stored."
    )
    advice = (
        "From 100,000 on a legal entity registers with the authority within 30 working days. Remove faces that nobody needs, or prepare it."
    )
    return Alarm(AlarmKind.FACES_MANY, Severity.ATTENTION, many.name or SERVER, "/areas/faces", many.since, text, advice, facts)


def _lost(fleet: Fleet, index: int) -> Alarm:
    lost = fleet.lost[index]
    text = "Edge {edge} no longer had {n} {n:row|rows} that this server never got ({first} to {last})."
    advice = "Let the edge read its terminals again: what they still hold comes back. Compare the counts when that is done."
    facts: dict[str, object] = {"edge": lost.edge, "n": lost.count, "first": lost.first, "last": lost.last}
    return Alarm(AlarmKind.ROWS_LOST, Severity.WRONG, lost.edge, f"/edges/{lost.edge}", lost.at, text, advice, facts)
