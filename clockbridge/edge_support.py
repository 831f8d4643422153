"""What `clockbridge edge protocol-log` and `support-bundle` do: ask the agent, which alone knows."""

import os
import time
from pathlib import Path

from edge.errors import EdgeError
from edge.settings import EdgeSettings

PATIENCE_SECONDS = 20.0
LOOK_SECONDS = 0.1


class SupportCommandError(EdgeError):
    """The agent gives no answer, or has nothing to tell."""


def ask(settings: EdgeSettings, what: str) -> bytes:
    """Ask the agent for `support-bundle` or `protocol-log.SERIAL`; raises SupportCommandError when it does not answer."""
    folder = settings.asked_folder
    asked, answer = folder / f"{what}.asked", folder / f"{what}.answer"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        answer.unlink(missing_ok=True)
        os.close(os.open(asked, os.O_WRONLY | os.O_CREAT, 0o600))
        until = time.monotonic() + PATIENCE_SECONDS
        while not answer.exists():
            if time.monotonic() > until:
                asked.unlink(missing_ok=True)
                raise SupportCommandError(
                    "The agent does not answer: start it with `clockbridge edge run`; only a running agent knows this.",
                    "程序没有应答：请用 `clockbridge edge run` 启动；只有运行中的程序才有这些内容。",
                )
            time.sleep(LOOK_SECONDS)
        data = answer.read_bytes()
        answer.unlink()
    except OSError as error:
        raise SupportCommandError(f"{folder}: {error.strerror}.", f"{folder}：{error.strerror}。") from error
    return data


def protocol_log(settings: EdgeSettings, serial: str) -> str:
    """The last frames and requests of a terminal. Raises SupportCommandError where nothing was followed."""
    text = ask(settings, f"protocol-log.{serial}").decode()
    if not text:
        raise SupportCommandError(
            f"Nothing was heard of terminal {serial} since the agent began, or protocol_log_entries is 0.",
            f"自程序启动以来没有考勤机 {serial} 的通信，或 protocol_log_entries 为 0。",
        )
    return text


def support_bundle(settings: EdgeSettings, target: Path) -> int:
    """Write the bundle into a file that is its owner's alone; gives its bytes."""
    data = ask(settings, "support-bundle")
    try:
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
    except OSError as error:
        raise SupportCommandError(f"{target} cannot be written: {error.strerror}.", f"无法写入 {target}：{error.strerror}。") from error
    return len(data)
