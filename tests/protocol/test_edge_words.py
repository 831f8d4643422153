"""Every sentence in the code of the edge has its Chinese: no alarm, result or reason comes to a Chinese page in English."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import edge
import protocol
from edge.devices.driver import WriteProblem
from edge.devices.iclock.protocol.records import TAMPER
from edge.devices.iclock.protocol.results import MEANINGS
from edge.devices.zkteco.discovery import Finding
from edge.downlink.users.reasons import WORDS
from protocol.edge_words import CHINESE, in_chinese
from protocol.messages import Refusal

STAYS_AT_THE_EDGE = {
    "devices/control.py": "commands to a simulator",
    "devices/faults.py": "faults of a simulator",
    "enrolling.py": "the command line, and a file of settings",
    "kit.py": "the command line",
    "line.py": "a topic of Trouble, which has both languages",
    "pages.py": "HTTP",
    "seals.py": "the command line",
    "service.py": "systemd",
    "settings.py": "the command line, before there is a line to the server",
    "station/words.py": "both languages stand there",
    "status_page/html.py": "HTML",
    "support.py": "a bundle for the makers of this program",
    "outbox/succession.py": "a note beside an old outbox, for its makers",
    "devices/iclock/shown.py": "the protocol log, as it was on the wire",
    "devices/zkteco/watched.py": "the protocol log, as it was on the wire",
}
"""Where sentences are for nobody's page, and why."""
FOR_PROGRAMMERS = {
    "the last pause is None",
    "enter the driver first",
    "exclusively lock",
    "finger page=7 score=7",
    "no such",
    "clockbridge chain v1\n7\n7",
    "clockbridge seal v1\n7\n7\n7\n7\n7\n7",
    "clockbridge sealed v1",
    "paper: 7",
    "at the door",
}
"""What marks bytes, or says that this program is wrong."""
SENTENCE = re.compile(r"[a-z]{2,}[,;:]? [a-z(]")
SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|PRAGMA|CREATE|BEGIN|INTO|DATA)\b")
CHINESE_SIGN = re.compile("[\u3000-\u303f\u4e00-\u9fff]")
ENGLISH = re.compile(r"\b[a-z]{2,}[,;:]? [a-z]{2,}")
COMMAND = re.compile(r"`[^`]*`")
CALLS_FOR_PROGRAMMERS = {"debug", "info", "warning", "error", "exception", "AssertionError"}


def text_of(node: ast.AST) -> str | None:
    """A literal; what differs each time is 7 in it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) else "'7'" if part.conversion == ord("r") else "7" for part in node.values
        )
    return None


def sentences_in(node: ast.AST, *, in_both: bool = False) -> Iterator[str]:
    """All below the node but docstrings, queries, and what has its Chinese beside it."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in CALLS_FOR_PROGRAMMERS:
        return
    text = text_of(node)
    if text is not None and SENTENCE.search(text) and not in_both and not SQL.match(text) and not CHINESE_SIGN.search(text):
        yield text
    beside = [text_of(one.value if isinstance(one, ast.keyword) else one) for one in ast.iter_child_nodes(node)]
    has_chinese = text is None and any(CHINESE_SIGN.search(one) for one in beside if one)
    for child in ast.iter_child_nodes(node):
        if text is None or isinstance(child, ast.FormattedValue):
            yield from sentences_in(child, in_both=has_chinese)


def sentences_of(package: str, stays: set[str]) -> Iterator[tuple[str, str]]:
    folder = Path(package)
    for file in sorted(folder.rglob("*.py")):
        name = str(file.relative_to(folder))
        if name not in stays and not {"simulator", "edge_words"} & set(file.parts):
            yield from ((text.strip(), name) for text in sentences_in(ast.parse(file.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("package", [edge, protocol])
def test_every_sentence_in_the_code_of_an_edge_has_its_chinese(package):
    found = dict(sentences_of(package.__path__[0], set(STAYS_AT_THE_EDGE)))

    assert len(found) > 30
    told = {text: COMMAND.sub("", in_chinese(text)) for text in found.keys() - FOR_PROGRAMMERS}
    assert {text: found[text] for text, chinese in told.items() if ENGLISH.search(chinese)} == {}


def test_nothing_is_kept_back_that_is_not_there():
    assert [name for name in STAYS_AT_THE_EDGE if not (Path(edge.__path__[0]) / name).is_file()] == []


def test_every_code_of_an_edge_has_its_chinese():
    codes = {*WORDS.values(), *map(str, WriteProblem), *MEANINGS.values(), *TAMPER.values()}
    codes |= {str(one) for one in Finding if one is not Finding.TERMINAL} | {str(one) for one in Refusal if one is not Refusal.OTHER}
    codes |= {"no-answer", "line-closed", "too-slow", "session-lost"}  # what a session over the line ends with

    assert codes - CHINESE.keys() == set()


def test_a_sentence_and_its_chinese_say_the_same_facts():
    names = re.compile(r"\{(\w+)\}")

    assert [text for text, chinese in CHINESE.items() if sorted(names.findall(text)) != sorted(names.findall(chinese))] == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("terminal T1 is already read as 'front-door': remove one of the two", "考勤机 T1 已以 'front-door' 的名称读取：请去掉其中一个"),
        (
            "the log could not be read whole (the table has no length): nothing was cleared",
            "日志未能完整读取（数据表没有长度字段）：没有清除任何记录",
        ),
        ("the terminal shows another name, privilege", "考勤机上的 姓名、权限 与下发的不同"),
        ("users: 12", "12 个用户"),
        ("wrong-key", "通信密码不符"),
        ("2026-11-25: 3 missing; 2026-11-26: 1 missing", "2026-11-25：缺 3 条；2026-11-26：缺 1 条"),
        ("a later release says something new", "a later release says something new"),
        ("", ""),
    ],
)
def test_what_an_edge_said_is_found_with_its_facts(said, told):
    assert in_chinese(said) == told
