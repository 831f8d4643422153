"""Every text that the server says to a person has its Chinese, with the same facts in it."""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import clockbridge
import server
from protocol.edge_words import CHINESE
from server.audit.model import ACTIONS
from server.errors import InvalidInputError, NotAllowedError, NotFoundError, RefusedError, ServerError
from server.fleet.model import TerminalRole
from server.ingest.actions.listing import QuarantineState
from server.ingest.alarms import AlarmKind, Severity
from server.ingest.overview import Agreement, Line as EdgeLine, TerminalState
from server.ingest.sift import Reason
from server.web.language import CATALOGUE, LANGUAGES, chinese, translator

FOLDER = Path(server.__path__[0])
CODE = (FOLDER, Path(clockbridge.__path__[0]))
TRANSLATORS = {"_", "tell"}


def texts_of_templates() -> Iterator[tuple[str, str]]:
    for file in FOLDER.rglob("*.html"):
        for one, other in re.findall(r"""\b_\(\s*(?:"([^"]+)"|'([^']+)')""", file.read_text(encoding="utf-8")):
            yield one or other, file.name


def texts_of_code() -> Iterator[tuple[str, str]]:
    """What is translated on the spot, what errors say, and what is told beside their fields."""
    for file in (file for folder in CODE for file in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
                values = [one.value for one in node.body if isinstance(one, ast.Assign) and one.targets[0].id == "message"]
            elif isinstance(node, ast.Call) and called(node).endswith("Error"):
                values = [one.value for one in node.keywords if one.arg == "reason"]
            elif isinstance(node, ast.Call) and called(node) in TRANSLATORS:
                values = node.args[:1]
            else:
                continue
            yield from ((one.value, file.name) for one in values if isinstance(one, ast.Constant))


def called(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


@pytest.mark.parametrize("texts", [texts_of_templates, texts_of_code])
def test_what_pages_and_errors_say_is_in_the_catalogue(texts):
    found = dict(texts())

    assert len(found) > 50
    assert {text: file for text, file in found.items() if text not in chinese()} == {}


def test_facts_are_the_same_in_both_languages():
    assert [text for text, told in chinese().items() if set(re.findall(r"{\w+}", text)) != set(re.findall(r"{\w+}", told))] == []


def test_nothing_in_the_catalogue_is_left_in_english():
    names = {"CSV", "SHA-256", "{n} d"}

    assert [text for text, told in chinese().items() if told == text and " " in text and text not in names] == []


@pytest.mark.parametrize("kind", [AlarmKind, Severity, QuarantineState, Agreement, TerminalState, TerminalRole, EdgeLine, Reason])
def test_words_of_states_have_their_chinese(kind: type[StrEnum]):
    assert {one.value for one in kind} - chinese().keys() == set()


class TestErrors:
    def test_a_reason_is_translated_and_names_its_facts(self):
        error = RefusedError(reason="There is a terminal {serial} already.", serial="T{1}")

        assert str(error) == "There is a terminal T{1} already."
        assert error.told(translator("zh")) == "已有考勤机 T{1}。"

    def test_a_kind_of_thing_is_translated_and_a_name_is_not(self):
        assert "site" in str(NotFoundError(what="site", name="site"))
        said = NotFoundError(what="site", name="site").told(translator("zh"))
        assert "站点" in said
        assert said.count("site") == 1

    @pytest.mark.parametrize("error", [InvalidInputError(field="day", reason="give a whole number"), NotAllowedError(permission="a")])
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_no_fact_is_left_open(self, error: ServerError, language):
        assert "{" not in error.told(translator(language))


def test_what_the_trail_says_was_done_can_be_chosen_and_has_its_chinese():
    said = {
        value.value
        for file in FOLDER.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and called(node) in {"record", "_recorded"}
        for value in node.args[1:3]
        if isinstance(value, ast.Constant) and "." in value.value
    }

    assert said == set(ACTIONS)
    assert set(ACTIONS) - chinese().keys() == set()


def test_no_text_stands_in_two_files_of_the_catalogue():
    places = {text: ["protocol/edge_words"] for text in CHINESE}
    for path in sorted(CATALOGUE.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_CN"):
                places.setdefault(message.id, []).append(path.name)

    assert {text: files for text, files in places.items() if text and len(files) > 1} == {}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"n": 1}, "1 day is provisional"),
        ({"n": "1"}, "1 day is provisional"),
        ({"n": 0}, "0 days are provisional"),
        ({"n": "0.5"}, "0.5 days are provisional"),
        ({"n": 21}, "21 days are provisional"),
    ],
)
def test_given_a_number_then_english_says_one_or_many_and_chinese_just_the_number(facts, said):
    told = "{n} {n:day is|days are} provisional: a terminal has not reported past {n:its|their} end."

    assert translator("en")(told, **facts).startswith(said)
    assert translator("zh")(told, **facts).startswith(f"{facts['n']} 个考勤日")


ALWAYS_MANY = (
    "first {n} people",
    "At least {n} characters",
    "more than {days} days apart",
    "Worked {count} days in a row",
    "of these {n} bytes",
)
"""Limits, which are never 1."""


def test_no_text_says_many_of_one():
    counted = re.compile(r"\{(?:n|\w*count|people|days|times|rows|cells)\} (?:more |open )?(?:\w+s|people)\b(?<!as)(?<!is)")
    found = [text for text in chinese() if counted.search(text)]

    assert [text for text in found if not any(limit in text for limit in ALWAYS_MANY)] == []
