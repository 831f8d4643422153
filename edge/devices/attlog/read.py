"""A file that a terminal exported, as any other log: its lines as punches and doubtful bytes. What they are, `protocol.attlog` says."""

from collections.abc import Callable, Iterator
from typing import IO

from edge.devices.driver import DoubtfulBytes, TerminalPunch
from protocol.attlog.punches import ExportLine

CHUNK_BYTES = 256 * 1024
MAX_BYTES = 256 * 1024 * 1024
"""More than any terminal holds (a million punches are about 45 MB); a file that is larger is another one."""


def chunks_of(file: IO[bytes], told: Callable[[int], None]) -> Iterator[bytes]:
    """The file from its beginning, with memory for one chunk. told: how many bytes were read so far."""
    file.seek(0)
    done = 0
    while chunk := file.read(CHUNK_BYTES):
        done += len(chunk)
        told(done)
        yield chunk


def punch_of(line: ExportLine) -> TerminalPunch:
    """A line that is a punch; an odd time goes on as it stands and is judged by the server."""
    assert line.wall is not None, "only lines that are punches"
    return TerminalPunch(line.user, line.wall, line.verify, line.state, line.raw)


def doubtful_of(line: ExportLine) -> DoubtfulBytes:
    """A line that is none, with its problem as reason, `file-cut` for example: the server counts equal reasons together."""
    return DoubtfulBytes(line.offset, line.raw, f"file-{line.problem}")
