"""A TCP proxy between edges and broker, in a thread: it cuts, deafens, delays, truncates, resets and garbles lines when it is told to.

Bytes that come twice, or damaged, break an encrypted line: the other side's record no longer verifies. So a duplicate on this level is one
more way to lose a line in the middle of a message; messages that arrive twice are the lying broker's part.
"""

import asyncio
import contextlib
import random
import struct
import threading
from socket import SO_LINGER, SOL_SOCKET

CHUNK = 16_384
SPOILINGS = ("truncate", "reset", "delay", "duplicate", "garble")


class FaultProxy:
    """`with FaultProxy(target_port, seed) as proxy:` listens on `proxy.port` and carries everything until it is told otherwise."""

    def __init__(self, target_port: int, seed: int) -> None:
        self.target_port, self.port = target_port, 0
        self._chance = random.Random(seed)
        self._is_cut = False
        self._is_deaf = False
        self._spoiled = ""
        self._lines: set[asyncio.StreamWriter] = set()
        self._deaf: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task] = set()
        self._loop = asyncio.new_event_loop()
        self._ready, self._ended = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),), daemon=True)

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(60)
        self._loop.close()

    def cut(self, seconds: float) -> None:
        """Drop all lines and refuse new ones for a while."""

        def begin() -> None:
            self._is_cut = True
            self._drop(self._lines - self._deaf)
            self._loop.call_later(seconds, self._join)

        self._loop.call_soon_threadsafe(begin)

    def deafen(self, seconds: float) -> None:
        """A black hole: what is sent on present lines, and on those that come in the meantime, arrives nowhere, and nobody is told.

        These lines stay dead afterwards, as those do whose router forgot them: only new ones work.
        """

        def begin() -> None:
            self._is_deaf = True
            self._deaf |= self._lines
            self._loop.call_later(seconds, self._hear)

        self._loop.call_soon_threadsafe(begin)

    def spoil(self, kind: str) -> None:
        """From now on spoil lines by chance in one of the SPOILINGS, until `calm` or something else."""
        self._loop.call_soon_threadsafe(setattr, self, "_spoiled", kind)

    def calm(self) -> None:
        """Carry everything again; lines that were deafened stay deaf."""
        self._loop.call_soon_threadsafe(self._join)

    def _join(self) -> None:
        self._is_cut, self._spoiled = False, ""
        self._hear()

    def _hear(self) -> None:
        self._is_deaf = False

    def _drop(self, lines: set[asyncio.StreamWriter]) -> None:
        for line in set(lines):
            line.transport.abort()

    async def _run(self) -> None:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._ended.wait()
        server.close()
        self._drop(self._lines)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = self._loop.create_task(self._carry(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
        except OSError:
            writer.transport.abort()
            return
        self._lines |= {writer, far_writer}
        if self._is_deaf:
            self._deaf |= {writer, far_writer}
        try:
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        finally:
            self._lines -= {writer, far_writer}
            self._deaf -= {writer, far_writer}
            writer.transport.abort()
            far_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK):
                if writer in self._deaf:
                    continue
                chunk = await self._treat(chunk, writer)
                if not chunk:
                    break
                writer.write(chunk)
                await writer.drain()
        if writer not in self._deaf:  # who hangs up on a deaf line is not heard either
            writer.transport.abort()

    async def _treat(self, chunk: bytes, writer: asyncio.StreamWriter) -> bytes:
        """What goes on of a chunk; empty breaks the line."""
        if self._spoiled == "delay" and self._chance.random() < 0.3:
            await asyncio.sleep(self._chance.random() * 0.3)
        if self._spoiled == "truncate" and self._chance.random() < 0.02:
            writer.write(chunk[: self._chance.randrange(len(chunk))])
            return b""
        if self._spoiled == "duplicate" and self._chance.random() < 0.02:
            writer.write(chunk)
        if self._spoiled == "garble" and self._chance.random() < 0.02:
            place = self._chance.randrange(len(chunk))
            chunk = chunk[:place] + bytes([chunk[place] ^ 1 << self._chance.randrange(8)]) + chunk[place + 1 :]
        if self._spoiled == "reset" and self._chance.random() < 0.02:
            with contextlib.suppress(OSError):
                writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
            return b""
        return chunk
