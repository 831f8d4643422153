"""`clockbridge edge` as people start it: a process of its own, with a wrong setting, a wrong file, no broker, a foreign one.

Whatever is wrong is one sentence with the next step in both languages, never a traceback, and nothing half done. All agents of a group are
started at once, and the tests look at what became of each.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clockbridge import edge as edge_command, edge_status
from clockbridge.demo.parts import CLOCKBRIDGE
from clockbridge.demo.stage import free_port
from edge import words as edge_words
from edge.devices.zkteco.simulator import SimulatorOptions
from edge.devices.zkteco.simulator.thread import simulator_in_thread
from edge.outbox import Outbox
from edge.status import Life, life_of, read_status
from protocol import codec, topics
from protocol.identifiers import EdgeId
from protocol.messages import Receipt
from protocol.signing import Signer
from server.broker.authority import Authority
from server.broker.key_files import write_secret
from tests.chaos.lying_broker import Lies, LyingBroker
from tests.edge.conftest import EDGE
from tests.support.kits import issue_edge, make_authority
from tests.support.small_disk import fill_up, small_disk

PATIENCE_SECONDS = 240
"""For seven agents to come up on a machine that is busy with something else; reached only where one never does."""
STOPS = """
import runpy
from edge import link
link.OPEN_SECONDS = 3600
runpy.run_module("clockbridge", run_name="__main__")
"""
"""An agent that waits for a handshake as long as it takes, unless it is told to stop."""
CHINESE = re.compile(r"[一-鿿]")


def make_kit(folder: Path, edge: str = EDGE, seed: int = 7, **files: bytes) -> Path:
    """What `clockbridge server add-edge` writes, from an authority of this seed."""
    authority = make_authority(folder / "authority", ["localhost", "127.0.0.1"], bytes([seed]) * 32)
    kit = folder / "kit"
    issue_edge(authority, EdgeId(edge), kit)
    write_secret(kit / "signing.key", Signer.from_seed(bytes([seed]) * 32).to_pem())
    write_secret(kit / "server.pub", authority.verifier().to_pem())
    for name, data in files.items():
        (kit / name.replace("_", ".")).write_bytes(data)
    return kit


def settings_text(port: int = 1, host: str = "127.0.0.1", more: str = "") -> str:
    return f'edge = "{EDGE}"\nhealth_seconds = 0.5\n[server]\nhost = "{host}"\nport = {port}\n{more}'


def start(file: Path, *words: str, program: Sequence[str] = CLOCKBRIDGE, **environment: str) -> subprocess.Popen[str]:
    command = [*program, "edge", *(words or ("run",)), "--config", str(file)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    # fmt: off
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env=clean | {"PYTHONUNBUFFERED": "1"} | environment)
    # fmt: on


# What keeps an agent from beginning ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spoiled:
    """A kit with something wrong in it, the words that must be said about it, and what stands in the environment."""

    said: str
    chinese: str
    file: Path
    environment: tuple[tuple[str, str], ...] = ()


def spoil_all(base: Path, held: ExitStack) -> dict[str, Spoiled]:
    good = make_kit(base / "good")
    others = make_kit(base / "others", edge="site-b", seed=8)

    def kit(name: str, text: str = "", **files: bytes | None) -> Path:
        folder = base / name
        shutil.copytree(good, folder)
        (folder / "edge.toml").write_text(text or settings_text(), encoding="utf-8")
        for file, data in files.items():
            path = folder / file.replace("_", ".")
            path.unlink()
            if data is not None:
                path.write_bytes(data)
        return folder / "edge.toml"

    locked = kit("locked")
    held.enter_context(Outbox(locked.parent / "data" / "outbox.db", EDGE))
    foreign, newer, not_a_folder = kit("foreign"), kit("newer"), kit("not-a-folder")
    with Outbox(foreign.parent / "data" / "outbox.db", EdgeId("site-b")):
        pass
    with Outbox(newer.parent / "data" / "outbox.db", EDGE):
        pass
    with closing(sqlite3.connect(newer.parent / "data" / "outbox.db")) as database:
        database.execute("PRAGMA user_version = 99")
    (not_a_folder.parent / "data").write_text("a file stands in the place of the folder")
    pem = good / "signing.key"
    return {
        "no settings": Spoiled("There is no settings file", "找不到设置文件", base / "nowhere.toml"),
        "no TOML": Spoiled("no valid TOML", "不是有效的 TOML", kit("toml", "edge = ")),
        "an unknown setting": Spoiled(
            "there is no setting server.hots", "没有设置项 server.hots", kit("unknown", settings_text(more="hots = 1"))
        ),
        "a wrong value": Spoiled("server.port cannot be used", "server.port 的值不可用", kit("value", settings_text(port=99_999))),
        "a wrong list in the environment": Spoiled(
            "CLOCKBRIDGE_EDGE_TERMINALS", "CLOCKBRIDGE_EDGE_TERMINALS", kit("list"), (("CLOCKBRIDGE_EDGE_TERMINALS", "none"),)
        ),
        "a missing file": Spoiled("server.key: there is no file", "server.key：找不到文件", kit("missing", edge_key=None)),
        "a key that is none": Spoiled("is no Ed25519 private key", "不是 Ed25519 私钥", kit("nokey", signing_key=b"nonsense")),
        "a server key that is none": Spoiled("is no Ed25519 public key", "不是 Ed25519 公钥", kit("nopub", server_pub=pem.read_bytes())),
        "a certificate that is none": Spoiled("edge.crt is no certificate", "edge.crt 不是证书", kit("nocrt", edge_crt=b"")),
        "another edge's certificate": Spoiled(
            "is for site-b, not for edge site-a",
            "属于 site-b，不是网关 site-a",
            kit("another", edge_crt=(others / "edge.crt").read_bytes(), edge_key=(others / "edge.key").read_bytes()),
        ),
        "a key of another certificate": Spoiled(
            "is not the key of", "的私钥", kit("mismatch", edge_key=(others / "edge.key").read_bytes())
        ),
        "a second agent": Spoiled(f"Another agent (process {os.getpid()})", f"另一个程序（进程 {os.getpid()}）", locked),
        "an outbox of another edge": Spoiled("belongs to edge site-b", "属于网关 site-b", foreign),
        "an outbox of a later release": Spoiled("was written by a later release", "由更新的版本写入", newer),
        "no data folder": Spoiled("Check the disk and the rights on data_dir", "请检查磁盘和 data_dir 的权限", not_a_folder),
    }


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory):
    with ExitStack() as held:
        yield spoil_all(tmp_path_factory.mktemp("spoiled"), held)


def files_of(folder: Path) -> dict[str, int]:
    skipped = ("-shm", "-wal", ".lock", "outbox.db")
    return {str(file): file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.name.endswith(skipped)}


NAMES = (
    "no settings", "no TOML", "an unknown setting", "a wrong value", "a wrong list in the environment", "a missing file",
    "a key that is none", "a server key that is none", "a certificate that is none", "another edge's certificate",
    "a key of another certificate", "a second agent", "an outbox of another edge", "an outbox of a later release", "no data folder",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_given_something_wrong_when_started_then_one_sentence_says_it_and_nothing_is_half_done(spoiled, name, monkeypatch):
    monkeypatch.setattr("clockbridge.edge.set_up_logging", lambda recent=None: None)
    wrong = spoiled[name]
    before = files_of(wrong.file.parent)

    for language, said in (("C.UTF-8", wrong.said), ("zh_CN.UTF-8", wrong.chinese)):
        environment = dict(wrong.environment) | {"LC_ALL": language}
        outcome = CliRunner().invoke(edge_command.app, ["run", "--config", str(wrong.file)], env=environment)

        assert outcome.exit_code == 2
        assert said in outcome.stderr
        assert len(outcome.stderr.strip().splitlines()) == 1
        assert outcome.stdout == ""
        assert bool(CHINESE.search(outcome.stderr)) == (language != "C.UTF-8")
    assert files_of(wrong.file.parent) == before


def test_given_something_wrong_when_started_as_a_process_then_there_is_no_traceback(spoiled):
    for words in ("run",), ("check",):
        agent = start(spoiled["a wrong list in the environment"].file, *words, CLOCKBRIDGE_EDGE_TERMINALS="none", LANG="C.UTF-8")
        out, error = agent.communicate(timeout=60)

        assert (agent.returncode, out) == (2, "")
        assert error.startswith("The environment variable CLOCKBRIDGE_EDGE_TERMINALS")
        assert len(error.splitlines()) == 1


def test_given_the_wrong_starts_then_every_one_was_looked_at(spoiled):
    assert set(NAMES) == set(spoiled)


@pytest.mark.may_skip
def test_given_a_disk_that_is_full_or_may_only_be_read_when_started_then_it_says_so(tmp_path):
    with small_disk(tmp_path / "full", 4) as full, small_disk(tmp_path / "fixed", 4) as fixed:
        files = []
        for disk in (full, fixed):
            kit = make_kit(tmp_path / f"for-{disk.name}")
            (kit / "edge.toml").write_text(f'data_dir = "{disk}"\n' + settings_text())
            files.append(kit / "edge.toml")
        fill_up(full)
        subprocess.run(["mount", "-o", "remount,ro", fixed], check=True)
        agents = [start(file) for file in files]
        (_, said_full), (_, said_fixed) = [agent.communicate(timeout=60) for agent in agents]

    assert [agent.returncode for agent in agents] == [2, 2]
    assert "free disk space" in said_full
    assert "rights on data_dir" in said_fixed
    for said in (said_full, said_fixed):
        assert len(said.strip().splitlines()) == 1, said


# What only keeps the line from opening ---------------------------------------------------------------------------------------------------


class Door:
    """Listens where an agent looks for its broker, counts who comes, and treats them as `meet` says."""

    def __init__(self, meet, host: str = "127.0.0.1") -> None:
        self.came, self.host = 0, host
        self._meet = meet
        self._listener = socket.create_server((host, 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self.came += 1
            with line:
                line.settimeout(60)
                with suppress(OSError):  # ssl.SSLError among it: the agent turned away
                    self._meet(line)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


def talk_plainly(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 400 This is no TLS\r\n\r\n")


def shake_hands(certificate: Path, key: Path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def meet(line: socket.socket) -> None:
        with context.wrap_socket(line, server_side=True):
            pass  # and hang up, as a broker does with a certificate that it does not take

    return meet


class AnotherServer(LyingBroker):
    """An honest broker before a server whose receipts this edge has no key for."""

    def _forges(self, topic: str, payload: bytes) -> bool:
        found = topics.parse(topic)
        if found.kind == "hello":
            hello = codec.decode(found.kind, codec.unpack(found.encoding, payload)).message
            self._say(Receipt(edge=hello.edge, epoch=hello.epoch, mark=0, session=hello.nonce, head=hello.low_head))
        return True


@contextmanager
def another_server(certificate: Path, key: Path):
    """Its port, while it runs in a thread."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    ready: Future[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        ended = asyncio.Event()
        async with AnotherServer(Lies(), 1, tls) as broker:
            ready.set_result((broker.port, asyncio.get_running_loop(), ended))
            await ended.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    port, loop, ended = ready.result(60)
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()


LINES = {
    "nobody": ("Nobody listens at", "没有程序在监听"),
    "a stranger": ("is not ours: server.ca did not sign its certificate", "不是我们的"),
    "another name": ("has a certificate for another name", "不是给这个名称的"),
    "no TLS": ("No encrypted line to", "无法与"),
    "hangs up": ("drops this edge before it answers", "在应答前断开了本网关"),
    "no host": ("is not known", "找不到主机名"),
}
WRONG_KEY = "another server"
ASKED_OF = ("nobody", "a stranger", WRONG_KEY)


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """Agents whose line does not open, once each has tried again: log lines, statuses in both languages, and how often they came."""
    base = tmp_path_factory.mktemp("tried")
    kit = make_kit(base / "ours")
    stranger = make_authority(base / "strange", ["localhost", "127.0.0.1"], b"s" * 32)
    ours = Authority(base / "ours" / "authority")
    strange, own = stranger.issue_server("broker", []), ours.issue_server("own", [])  # both are for 127.0.0.1
    doors = {
        "a stranger": Door(shake_hands(strange.certificate, strange.key)),
        "another name": Door(shake_hands(own.certificate, own.key), "127.0.0.2"),
        "no TLS": Door(talk_plainly),
        "hangs up": Door(shake_hands(own.certificate, own.key)),
    }
    with (
        simulator_in_thread(SimulatorOptions(port=0, key=4321, punches=3, users=3)) as locked,
        another_server(own.certificate, own.key) as another,
    ):
        files, agents, began = {}, {}, time.monotonic()
        for name in (*LINES, WRONG_KEY):
            folder = base / name.replace(" ", "-")
            shutil.copytree(kit, folder)
            port, host = (doors[name].port, doors[name].host) if name in doors else (free_port(), "127.0.0.1")
            port = another if name == WRONG_KEY else port
            terminal = f'[[terminals]]\nname = "locked"\nhost = "127.0.0.1"\nport = {locked.port}\nkey = 1\n' if name == "nobody" else ""
            text = settings_text(port, "no-such-host.invalid" if name == "no host" else host, terminal)
            files[name] = folder / "edge.toml"
            files[name].write_text(text)
            agents[name] = start(files[name])
        while time.monotonic() < began + PATIENCE_SECONDS and not (all_told(files) and all(door.came >= 2 for door in doors.values())):
            time.sleep(0.2)
        statuses = {name: (asked(file, "C.UTF-8"), asked(file, "zh_CN.UTF-8")) for name, file in files.items() if name in ASKED_OF}
        came = {name: door.came for name, door in doors.items()}
        read = {name: read_status(file.parent / "data" / "status.json") for name, file in files.items()}
        for agent in agents.values():
            agent.send_signal(signal.SIGTERM)
        ended = {name: (*agent.communicate(timeout=60), agent.returncode) for name, agent in agents.items()}
        stopped = asked(files["nobody"], "C.UTF-8")
    for door in doors.values():
        door.close()
    seconds = time.monotonic() - began
    return {"ended": ended, "statuses": statuses, "came": came, "read": read, "stopped": stopped, "seconds": seconds}


def all_told(files: dict[str, Path]) -> bool:
    """Whether the status of each says what is wrong with its line, of one also what is wrong with its terminal."""
    statuses = {name: read_status(file.parent / "data" / "status.json") for name, file in files.items()}
    if not all(status and (status["line_trouble"] or status["alarms"]) for status in statuses.values()):
        return False
    refused = any("wrong-key" in str(terminal) for terminal in statuses["nobody"]["terminals"])
    return refused and statuses[WRONG_KEY]["line_up"] and any("not-our-server" in alarm for alarm in statuses[WRONG_KEY]["alarms"])


def asked(file: Path, language: str) -> tuple[int, str, str]:
    answer = CliRunner().invoke(edge_command.app, ["status", "--config", str(file)], env={"LC_ALL": language, "COLUMNS": "200"})
    return answer.exit_code, answer.stdout, answer.stderr


@pytest.mark.parametrize("name", LINES)
def test_given_no_line_when_running_then_it_says_why_once_and_tries_on(tried, name):
    out, error, code = tried["ended"][name]
    lines = [json.loads(line) for line in error.splitlines()]
    told = [line for line in lines if line["event"] == "line_down"]

    english, chinese = LINES[name]
    assert english in told[0]["reason"]
    assert len(told) == 1, "it says so once, for as long as it stays the same"
    assert english in tried["read"][name]["line_trouble"]["english"]
    assert chinese in tried["read"][name]["line_trouble"]["chinese"]
    assert (out, code) == ("", 0)
    assert "Traceback" not in error


def test_given_no_line_when_trying_on_then_it_is_polite(tried):
    often = 7 + tried["seconds"] / 15  # so soon it waits 15 seconds and more in between
    assert all(2 <= came <= often for came in tried["came"].values()), tried["came"]


def test_given_an_agent_without_a_line_when_its_status_is_asked_for_then_it_says_why_in_both_languages(tried):
    for name in ("nobody", "a stranger"):
        (code, english, _), (_, chinese, _) = tried["statuses"][name]
        assert code == 0, "the agent runs"
        assert LINES[name][0] in english.replace("\n", " ")
        assert LINES[name][1] in chinese
        assert "The agent runs" in english
        assert "程序正在运行" in chinese


def test_given_a_wrong_server_key_when_running_then_log_and_status_say_so_once_and_it_tries_on(tried):
    out, error, code = tried["ended"][WRONG_KEY]
    lines = [json.loads(line) for line in error.splitlines()]
    told = [line["reason"] for line in lines if line["event"] == "message_disbelieved"]
    (_, english, _), (_, chinese, _) = tried["statuses"][WRONG_KEY]

    assert set(told) == {"signed by another key"}
    assert len(told) <= 1 + tried["seconds"] / 60, "once a minute"
    assert "put the server.pub of this server's kit here" in english.replace("\n", " ")
    assert "请换上该服务器套件中的 server.pub" in chinese
    assert tried["read"][WRONG_KEY]["line_up"]
    assert (out, code) == ("", 0)


def test_given_a_wrong_terminal_key_when_its_status_is_asked_for_then_it_says_so(tried):
    (_, english, _), (_, chinese, _) = tried["statuses"]["nobody"]

    assert "refuses: write its communication key as `key` into the settings" in english
    assert "(wrong-key)" in english
    assert "请在设置中用 `key` 填写通讯密码" in chinese


def test_given_a_stopped_agent_when_its_status_is_asked_for_then_it_shows_its_last_word_and_what_to_do(tried):
    code, out, error = tried["stopped"]

    assert code == 1
    assert "punches waiting: 0" in out
    assert "does not run" in error
    assert "clockbridge edge run" in error


def test_given_a_broker_that_is_silent_when_told_to_stop_then_the_agent_does_not_wait_for_it(tmp_path):
    released = threading.Event()
    door = Door(lambda _: released.wait(120))
    file = make_kit(tmp_path) / "edge.toml"
    file.write_text(settings_text(door.port))
    agent = start(file, program=(sys.executable, "-c", STOPS))
    until = time.monotonic() + 60
    while not door.came and time.monotonic() < until:
        time.sleep(0.05)

    agent.send_signal(signal.SIGTERM)
    try:
        agent.communicate(timeout=60)
    finally:
        released.set()
        agent.kill()
        door.close()

    assert agent.returncode == 0


# Whether an agent is at work -------------------------------------------------------------------------------------------------------------


def status_of(**changes):
    now = datetime.now(UTC).isoformat()
    return {"at": now, "process": os.getpid(), "stopped_at": None, "every_seconds": 15.0} | changes


@pytest.mark.parametrize(
    ("changes", "minutes", "life"),
    [
        ({}, 0, Life.RUNNING),
        ({}, 2, Life.SILENT),
        ({"every_seconds": 600.0}, 20, Life.RUNNING),
        ({"every_seconds": 600.0}, 40, Life.SILENT),
        ({"stopped_at": "2026-11-26T00:00:00Z"}, 0, Life.STOPPED),
        ({"process": 2**22 - 1}, 0, Life.STOPPED),
        ({"process": 0}, 0, Life.STOPPED),
        ({"process": 1}, 0, Life.RUNNING),
    ],
)
def test_given_a_status_when_looked_at_then_it_is_known_whether_its_agent_is_at_work(changes, minutes, life):
    assert life_of(status_of(**changes), datetime.now(UTC) + timedelta(minutes=minutes)) is life


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"kind": "health", "at": 5}', "\0" * 40])
def test_given_a_status_file_that_is_none_when_read_then_there_is_none(tmp_path, text):
    (tmp_path / "status.json").write_text(text)

    assert read_status(tmp_path / "status.json") is None


def test_given_the_words_of_a_status_then_every_state_and_stage_has_its_chinese():
    from edge.health import TerminalState

    assert set(edge_words.STATES) == {state.value for state in TerminalState}
    assert set(edge_words.ADVICE) <= set(edge_words.STATES)
    tables = (edge_words.STATES, edge_words.STAGES, edge_words.ALARMS, edge_words.ADVICE)
    assert all(CHINESE.search(chinese) for table in tables for _, chinese in table.values())


def test_given_a_terminal_when_shown_then_the_last_success_of_each_of_its_stages_is_told(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    terminal = {
        "serial": "T-1",
        "name": "east",
        "state": "listening",
        "stages": {"read": "2026-11-26T11:00:00Z", "connect": "2026-11-26T10:00:00Z"},  # one date wherever this runs
    }

    (line,) = edge_status._lines(terminal)

    assert line.startswith("T-1: 连接考勤机 2026-11-26 ")
    assert " · 读取日志 2026-11-26 " in line


@pytest.mark.parametrize(
    ("alarm", "english", "chinese"),
    [
        ("outbox-full", "The outbox is full: terminals keep their punches.", "待发队列已满：打卡记录留在考勤机上。"),
        ("clock-off-T1: drift_ms=90000", "A terminal's clock is wrong. (T1: +90.0 s)", "考勤机时钟不准。（T1：+90.0 秒）"),
        (
            "refused-bad-signature: the signature does not match",
            "The server refuses what this edge sends: make a new kit. (bad-signature: the signature does not match)",
            "服务器拒绝本网关的数据：请生成新的套件。（签名无效：签名不匹配）",
        ),
        ("from-the-future: x", "from-the-future: x", "from-the-future: x"),
    ],
)
def test_given_an_alarm_when_shown_then_it_is_in_the_readers_words(alarm, english, chinese):
    assert edge_words.alarm_in_words(alarm, chinese=False) == english
    assert edge_words.alarm_in_words(alarm, chinese=True) == chinese
