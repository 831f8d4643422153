"""What a terminal that pushes told, in its health and in alarms. All of it lives in the event loop."""

from collections.abc import Mapping
from datetime import UTC, datetime

from edge.collect.discipline import tell_drift, tell_not_set
from edge.collect.duty import Rules
from edge.collect.push.clocks import Said
from edge.collect.push.memory import Memory
from edge.collect.push.proof import Standing
from edge.collect.push.shown import Shown, facts_of
from edge.collect.push.work import Done
from edge.devices.iclock.protocol.records import DOOR_ALARMS
from edge.health import HealthBook, TerminalReport, TerminalState
from edge.outbox import Outbox
from edge.settings import PushTerminal
from protocol.identifiers import TerminalSerial

ALARM_SECONDS = 3 * 24 * 3600.0


class Reports:
    """Reports of all approved terminals."""

    def __init__(self, book: HealthBook, shown: Shown, memory: Memory, outbox: Outbox, rules: Rules) -> None:
        self._book, self._shown, self._memory, self._outbox, self._rules = book, shown, memory, outbox, rules
        self._reports: dict[TerminalSerial, TerminalReport] = {}

    def all(self) -> Mapping[TerminalSerial, TerminalReport]:
        return self._reports

    def forget(self, serial: TerminalSerial) -> None:
        """It may not push any more."""
        self._book.forget(self._reports.pop(serial))

    def of(self, terminal: PushTerminal) -> TerminalReport:
        """Of an approved terminal, begun when it is asked for first."""
        serial = TerminalSerial(terminal.serial)
        if serial not in self._reports:
            report = self._reports[serial] = self._book.report(terminal.name or terminal.serial, terminal.source, terminal.serial)
            report.second_way = True
            report.facts = {"driver": "push"}
        return self._reports[serial]

    def is_only_way(self, serial: TerminalSerial) -> bool:
        """Whether the terminal is not read as well: whoever reads it measures its clock better."""
        report = self._reports.get(serial)
        return report is not None and self._book.tells(report)

    def tell(self, serial: TerminalSerial, report: TerminalReport, done: Done, source: str) -> None:
        """What came of a request of this terminal, from this address."""
        report.address = source
        report.reached("connect")
        self._book.enter(report, TerminalState.LISTENING)
        reaction, now = done.reaction, datetime.now(UTC)
        if reaction.found.punches:
            report.reached("append")
            if reaction.live:
                report.last_event_at = now
                report.reached("event")
        if reaction.held is not None and reaction.held.punches is not None:
            report.held = reaction.held.punches
        if reaction.held is not None or reaction.options or reaction.greeted:
            report.facts = report.facts | facts_of(self._memory.of(serial), reaction.held)
        if reaction.unknown:
            self._shown.not_known(reaction.unknown)
        for kind, count in (reaction.told.templates + reaction.told.other).items():
            self._shown.counts[f"row {kind}"] += count
        self._shown.counts["pictures"] += reaction.pictures
        if any(ended.purpose == "all" and ended.done for ended in done.ended):
            report.last_read_at = now
            report.reached("read")
        if done.complete_at is not None:
            report.complete_at, report.complete_sequence = done.complete_at, self._outbox.high
        if done.standing is not None:
            self.tell_standing(serial, done.standing)
        self._tell_tamper(serial, done)
        self._tell_clock(serial, report, done.clock)

    def _tell_clock(self, serial: TerminalSerial, report: TerminalReport, said: Said) -> None:
        if said.was_set:
            report.reached("clock-set")
        if said.measured is not None:
            report.drift_ms = said.measured.drift_ms
            report.facts = report.facts | {"drift_within_ms": str(said.measured.within_ms)}
            report.reached("clock")
        if (said.measured is None and said.trouble is None) or not self.is_only_way(serial):
            return
        if said.measured is not None:
            tell_drift(self._book, serial, said.measured.drift_ms)
        if said.trouble is not None:
            tell_not_set(self._book, serial, said.trouble)

    def tell_standing(self, serial: TerminalSerial, standing: Standing) -> None:
        """How its count stands against the edge's."""
        self._shown.proofs[serial] = standing
        code = f"proof-gap-{serial}"
        today = str(datetime.now(self._rules.zone).date())
        # somebody may have punched between the terminal's count and ours
        gaps = [(day, count) for day, count in standing.gaps if day != today or not standing.filling]
        if gaps:
            self._book.alarm(code, "; ".join(f"{day}: {count} missing" for day, count in gaps[-5:]))
        else:
            self._book.clear(code)

    def _tell_tamper(self, serial: TerminalSerial, done: Done) -> None:
        reaction = done.reaction
        tampered = [f"{one.tamper} at {one.at}" for one in reaction.told.operations if one.tamper]
        if done.administrators:
            tampered.append(f"{done.administrators} new administrators")
        if tampered:
            self._book.alarm(f"tampered-{serial}", "; ".join(tampered[-3:]), ALARM_SECONDS)
        alarms = [f"{one.alarm} at {one.at}" for one in reaction.told.operations if one.alarm]
        alarms += [f"door event {event} at {at[:19]}" for event, at in reaction.found.doors if event in DOOR_ALARMS]
        if alarms:
            self._book.alarm(f"terminal-alarm-{serial}", "; ".join(alarms[-3:]), ALARM_SECONDS)
