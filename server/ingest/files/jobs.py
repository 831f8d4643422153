"""Looking at a file and taking it in, by a runner: a million lines are no work of a request."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from protocol.attlog.punches import ExportLine
from protocol.attlog.survey import Surveyor, refusal_of
from server.attendance import actions as attendance
from server.fleet.model import TerminalOverview
from server.ingest.files import store
from server.ingest.files.actions import LOOK, TAKE, end_taking, find_file, keep_look, terminal_of, tidy
from server.ingest.files.model import PunchFile
from server.ingest.files.reading import is_row, lines_of, row_of, stretches
from server.ingest.provisioned import load_known
from server.ingest.sift import Limits, Origin, Sieve
from server.ingest.store import add_doubted
from server.jobs.kinds import Arguments, JobKind, Progress, Save, Schedule
from server.jobs.model import Job, Shard
from server.storage import UnitOfWork, to_microseconds

SHARD_LINES = 20_000
"""Of one transaction: some seconds in which a small database takes nothing else."""


def kinds(limits: Limits) -> tuple[JobKind, ...]:
    """For the runner of a database."""

    def look(uow: UnitOfWork, _job: Job, arguments: Arguments, progress: Progress) -> Save:
        """What it would come to; only that is written."""
        file_id = arguments["file"]
        one = find_file(uow, file_id)
        terminal = terminal_of(uow, one.serial)
        now = datetime.now(UTC)
        surveyor = Surveyor(now.astimezone(ZoneInfo(terminal.site.time_zone)).replace(tzinfo=None))
        sieve, origin = Sieve(load_known(uow), limits), _origin(terminal, 0, one)
        reasons: Counter[str] = Counter()
        new = known = 0
        for stretch in stretches(surveyor.over(_lines(uow, one))):
            good, doubted = sieve.sift([row_of(line, one.serial, one.at) for line in stretch if is_row(line)], origin)
            keys = {(punch.wall, punch.terminal_user) for punch in good}
            there = attendance.known_among(uow, one.terminal_id, keys)
            new, known = new + len(keys) - len(there), known + len(good) - len(keys) + len(there)
            reasons.update(row.reason for row in doubted)
            progress(1)
        survey = surveyor.finish()
        refused = refusal_of(survey, one.name, one.serial, any_device=one.any_device or bool(one.devices))
        return lambda saving: keep_look(saving, file_id, survey, refused, (new, known), reasons)

    def take(uow: UnitOfWork, _job: Job, arguments: Arguments, _progress: Progress) -> Save:
        """Some lines, judged as those of an edge; what they come to is written in one transaction."""
        one = find_file(uow, arguments["file"])
        terminal = terminal_of(uow, one.serial)
        lines = list(islice(_lines(uow, one), arguments["first"], arguments["first"] + SHARD_LINES))
        first = to_microseconds(one.at) + arguments["first"]
        known = load_known(uow)

        def save(saving: UnitOfWork) -> None:
            now = datetime.now(UTC)
            edge_id = terminal.terminal.edge_id
            assert edge_id is not None, "it was refused without one"
            epoch_id = store.own_epoch(saving, edge_id, now)
            bodies = [row_of(line, one.serial, one.at) for line in lines if is_row(line)]
            good, doubted = Sieve(known, limits).sift(bodies, Origin(edge_id, epoch_id, first))
            recorded = attendance.record_punches(saving, good, now)
            add_doubted(saving, [(row, edge_id, epoch_id, first + row.position) for row in doubted], now)
            store.count(saving, one.id, recorded.new, len(good) - recorded.new, len(doubted))

        return save

    def finish(uow: UnitOfWork, job: Job) -> None:
        end_taking(uow, job.arguments["file"], datetime.now(UTC))

    return (JobKind(LOOK, _whole, look), JobKind(TAKE, _in_pieces, take, finish))


def schedules(zone: str) -> Sequence[Schedule]:
    """What is done with files by the clock."""
    return (Schedule("tidy-punch-files", "40 3 * * *", zone, tidy),)


def _whole(_uow: UnitOfWork, arguments: Arguments) -> Sequence[Shard]:
    return [Shard(1, {"file": arguments["file"]})]


def _in_pieces(_uow: UnitOfWork, arguments: Arguments) -> Sequence[Shard]:
    lines = arguments["lines"]
    starts = range(0, max(lines, 1), SHARD_LINES)
    return [Shard(min(SHARD_LINES, lines - first), {"file": arguments["file"], "first": first}) for first in starts]


def _lines(uow: UnitOfWork, one: PunchFile) -> Iterator[ExportLine]:
    return lines_of(store.content_of(uow, one.id), frozenset(one.devices))


def _origin(terminal: TerminalOverview, epoch_id: int, one: PunchFile) -> Origin:
    return Origin(terminal.terminal.edge_id or 0, epoch_id, to_microseconds(one.at))
