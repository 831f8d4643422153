"""Runs the pyzk worker and turns its answers into values and errors. The process is ended when it takes too long."""

import asyncio
import json
import sys
from contextlib import suppress
from typing import Any

from edge.devices.driver import DriverError, TerminalAddress, TerminalRefusedError, TerminalUnreachableError, Transport

START_SECONDS = 15.0
"""What a cold start of the worker may take on a small edge box, on top of the time the caller allows for the terminal."""
MAX_ANSWER = 256 * 1024 * 1024


class PyzkMissingError(DriverError):
    """pyzk is not installed beside the product."""


class PyzkBrokenError(DriverError):
    """pyzk itself failed on what the terminal sent; our own driver may still read it."""


async def ask_worker(action: str, address: TerminalAddress, timeout: float) -> dict[str, Any]:  # noqa: ASYNC109 - the worker needs it too
    """Do one action in a process of its own. `timeout`: seconds pyzk waits for one answer; the whole may take 20 times that.

    Raises PyzkMissingError, TerminalUnreachableError, TerminalRefusedError or PyzkBrokenError.
    """
    request = {
        "action": action,
        "host": address.host,
        "port": address.port,
        "udp": address.transport is Transport.UDP,
        "key": address.key,
        "timeout": timeout,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge.devices.pyzk.worker",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(START_SECONDS + 20 * timeout):
            answered, said = await process.communicate(json.dumps(request).encode())
    except TimeoutError:
        raise TerminalUnreachableError(f"pyzk got no further with {address.host}:{address.port}") from None
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return _opened(answered, said)


def _opened(answered: bytes, said: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(answered)
    except ValueError:
        last_words = said.decode("utf-8", "replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise PyzkBrokenError(f"the pyzk process died: {last_words[0]}") from None
    if answer["ok"]:
        return dict(answer)
    raise _error_of(answer["kind"], answer["error"])


def _error_of(kind: str, text: str) -> DriverError:
    if kind == "missing":
        return PyzkMissingError("pyzk is not installed: install Clockbridge with its extra, clockbridge[pyzk]")
    if kind == "refused":
        return TerminalRefusedError(f"the terminal refused pyzk: {text}")
    if kind == "unreachable":
        return TerminalUnreachableError(f"pyzk does not reach the terminal: {text}")
    return PyzkBrokenError(f"pyzk failed on what the terminal sent: {text}")
