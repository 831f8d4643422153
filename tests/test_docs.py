"""The pages of docs/ beside the code: what is generated is up to date, what is written by hand leaves nothing out, no link leads nowhere.

`python -m tests.test_docs` writes the generated pages again.
"""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import msgspec
import pytest
import typer.main

import edge
import server
from clockbridge.main import COMMANDS
from clockbridge.server import ImportKind
from clockbridge.tail import KINDS
from edge.devices.zkteco.simulator.faults import FAULTS
from edge.settings import (
    DropFolder,
    EdgeSettings,
    OutboxSettings,
    PageSettings,
    PushSettings,
    PushTerminal,
    ServerAddress,
    StationSettings,
    TerminalSettings,
)
from protocol.messages import (
    DOWN_KINDS,
    UP_KINDS,
    CountedDay,
    Knocking,
    Message,
    OrderKind,
    OrderOutcome,
    PunchRow,
    Refusal,
    Source,
    TerminalHealth,
    UserReport,
    UserState,
)
from server.attendance.engine.rules.fields import GROUPS, Field, Kind
from server.attendance.engine.rules.forms import form_of
from server.attendance.model.rules import Rules
from server.errors import ServerError
from server.ingest.alarms import _OWN_ALARMS, AlarmKind
from server.ingest.sift import Reason
from server.settings import (
    AlarmSettings,
    AttendanceSettings,
    BrokerSettings,
    CompanySettings,
    DingTalkSettings,
    EdgesSettings,
    FeishuSettings,
    IngestSettings,
    JobsSettings,
    MailSettings,
    OidcSettings,
    ServerSettings,
    WebSettings,
    WeComSettings,
)
from tests.roles_page import roles_page

TAKES = {
    Kind.FLAG: "yes or no",
    Kind.MINUTES: "minutes",
    Kind.SECONDS: "seconds",
    Kind.TIME: "a time of day",
    Kind.PERCENT: "percent",
    Kind.METRES: "metres",
    Kind.NUMBER: "a number",
    Kind.HALVES: "half days",
    Kind.TEXT: "1 to 40 characters",
    Kind.WEEKDAY: "a weekday, 0 is Monday",
    Kind.WEEKDAYS: "weekdays, 0 is Monday",
}
ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
AGAIN = "python -m tests.test_docs writes it again"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")])
KINDS_OF_PAGES = ("tutorial", "how-to", "reference", "explanation", "decisions")


def read(page):
    return (ROOT / page).read_text(encoding="utf-8")


# Generated pages ----------------------------------------------------------------------------------------------------------------------


COMMANDS_HEAD = """\
# Commands

`clockbridge COMMAND --help` says the same. Messages are in Chinese where the environment's locale is Chinese, else in English.
A command that cannot do what was asked says why and what to do next on standard error, and ends with 2.
`clockbridge --version` tells the release.
"""
ERRORS_TITLE = "## Codes of the server"
RULES_HEAD = """\
# Attendance rules

Every field of a rule set, in the order of the editor. The path is the one of the stored rules, a JSON object; a table is a list of
objects. What is empty or 0 is off unless it says otherwise. Times of day are minutes from midnight in storage and `22:00` or `26:00`
(past midnight) in the editor. Rates are percent.

How to change them: [change attendance rules](../how-to/change-attendance-rules.md).
"""


def commands_page():
    parts = [COMMANDS_HEAD]
    for name, summary in COMMANDS.items():
        command = typer.main.get_command(importlib.import_module(f"clockbridge.{name}").app)
        commands = getattr(command, "commands", None)
        if commands is None:
            parts.append(_command_section("##", f"clockbridge {name}", command))
            continue
        parts.append(f"## clockbridge {name}\n\n{summary}.\n")
        parts += [_command_section("###", f"clockbridge {name} {below}", commands[below]) for below in commands]
    return "\n".join(parts)


def _command_section(level, words, command):
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and one.name != "help"]
    title = " ".join([words, *(one.name.upper() for one in arguments)])
    lines = [f"{level} {title}", "", inspect.cleandoc(command.help), ""]
    if arguments or options:
        lines += ["| | meaning | when left out |", "|---|---|---|"]
        lines += [f"| `{one.name.upper()}` | {one.help} | needed |" for one in arguments]
        lines += [f"| `{one.opts[0]}` | {one.help} | {_left_out(one)} |" for one in options]
        lines.append("")
    return "\n".join(lines)


def _left_out(option):
    if option.required:
        return "needed"
    return "" if option.is_flag or option.default in (None, "", [], ()) else str(option.default)


def rules_page():
    parts = [RULES_HEAD]
    for group in GROUPS:
        parts.append(f"## {group.title}\n\n| field | path | what it takes | when new |\n|---|---|---|---|")
        for field in group.fields:
            if isinstance(field, Field):
                parts.append(_rule_row(field, field.path, form_of(Rules()).get(field.path, "")))
            else:
                rows = "a row for each kind of day" if field.keyed else "rows"
                parts.append(f"| **{field.label}**{_rule_help(field)} | `{field.path}` | {rows} | |")
                below = f"{field.path}.{'KIND' if field.keyed else 'N'}"
                parts += [_rule_row(column, f"{below}.{column.path}", "") for column in field.columns]
        parts.append("")
    return "\n".join(parts)


def _rule_row(field, path, new):
    takes = f"one of `{'`, `'.join(field.choices)}`" if field.choices else TAKES[field.kind]
    optional = ", or nothing" if field.optional else ""
    part = f"{field.part}: " if field.part else ""
    return f"| {part}{field.label}{_rule_help(field)} | `{path}` | {takes}{optional} | {new} |"


def _rule_help(field):
    return f". {field.help}" if field.help else ""


def errors_table():
    lines = [ERRORS_TITLE, "", "| code | status | what it says |", "|---|---|---|"]
    for code, (status, message) in sorted(server_errors().items()):
        lines.append(f"| `{code}` | {status} | {message} |")
    return "\n".join(lines) + "\n"


def server_errors():
    """(status, message) of every code that a class of the server's defines itself."""
    for module in pkgutil.walk_packages(server.__path__, "server."):
        if not module.name.startswith("server.migrations."):
            importlib.import_module(module.name)
    found, classes = {}, [ServerError]
    for one in classes:
        classes += one.__subclasses__()
        if "code" in vars(one):
            found[one.code] = (one.status, one.message)
    return found


def generated():
    return {
        REFERENCE / "commands.md": commands_page(),
        REFERENCE / "attendance-rules.md": rules_page(),
        REFERENCE / "roles.md": roles_page(),
        REFERENCE / "errors.md": (REFERENCE / "errors.md").read_text(encoding="utf-8").split(ERRORS_TITLE)[0] + errors_table(),
    }


@pytest.mark.parametrize("name", ["commands.md", "errors.md", "attendance-rules.md", "roles.md"])
def test_given_a_generated_page_when_generated_again_then_the_same(name):
    page = REFERENCE / name

    assert page.read_text(encoding="utf-8") == generated()[page], AGAIN


def test_given_every_command_then_it_says_what_it_does_and_what_each_word_means():
    assert not re.search(r"\| (None|) \| ", commands_page())
    assert not re.search(r"^None$", commands_page(), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_given_a_command_that_a_page_tells_to_type_then_it_exists_with_these_options(page):
    text = page.read_text(encoding="utf-8")
    typed = re.findall(r"(?:^|`)\s*(?:\w+=\S+ )?(?:\.venv/bin/)?clockbridge ((?:[^`\n\\]|\\\n)+)", text, re.MULTILINE)

    assert [words for words in typed if not exists(words.split("#")[0].split())] == []


def exists(words):
    """Whether the words lead to a command, and each option among them is one of its options."""
    if words[0] not in COMMANDS:
        return words[0] in {"COMMAND", "--version", "--help", "seal"}  # the seal is a word of the protocol
    command = typer.main.get_command(importlib.import_module(f"clockbridge.{words[0]}").app)
    rest = words[1:]
    while rest and not rest[0].startswith("-") and (below := getattr(command, "commands", None)) is not None:
        if rest[0] not in below:
            return False
        command, rest = below[rest[0]], rest[1:]
    if words[:2] == ["server", "import"] and rest[0] not in {*ImportKind, "KIND"}:
        return False
    options = {name for one in command.params for name in one.opts} | {"--help"}
    return all(word.split("=")[0] in options for word in rest if word.startswith("--"))


# Settings -----------------------------------------------------------------------------------------------------------------------------


EDGE = {"": EdgeSettings, "server": ServerAddress, "outbox": OutboxSettings, "terminals": TerminalSettings, "drop_folders": DropFolder}
EDGE |= {"page": PageSettings, "station": StationSettings, "push": PushSettings, "push.terminals": PushTerminal}
SERVER = {
    "": ServerSettings, "company": CompanySettings, "broker": BrokerSettings, "web": WebSettings, "ingest": IngestSettings,
    "edges": EdgesSettings, "attendance": AttendanceSettings, "jobs": JobsSettings, "mail": MailSettings, "alarms": AlarmSettings,
    "oidc": OidcSettings, "wecom": WeComSettings, "dingtalk": DingTalkSettings, "feishu": FeishuSettings,
}  # fmt: skip


@pytest.mark.parametrize(("page", "sections"), [("server-settings.md", SERVER), ("edge-settings.md", EDGE)])
def test_given_a_setting_then_it_stands_on_its_page_with_its_meaning_and_nothing_else_does(page, sections):
    text = (REFERENCE / page).read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*)\|$", text, re.MULTILINE)
    fields = [(name, field) for model in sections.values() for name, field in model.model_fields.items() if name not in sections]

    assert [name for name, _ in rows] == [name for name, _ in fields]
    assert all(field.description in row for (_, row), (_, field) in zip(rows, fields, strict=True))


def test_given_the_servers_settings_then_their_defaults_stand_there():
    text = (REFERENCE / "server-settings.md").read_text(encoding="utf-8")

    for model in SERVER.values():
        for name, field in model.model_fields.items():
            if name in SERVER:
                continue
            default = field.default
            told = "needed" if field.is_required() else "empty" if default in (None, "") else f"`{_toml(default)}`"
            assert re.search(rf"^\| `{name}` \| .* \| {re.escape(told)} \|$", text, re.MULTILINE), (name, told)


def _toml(value):
    return str(value).lower() if isinstance(value, bool) else str(value).replace("'", '"')


# Messages, alarms, reasons, faults ------------------------------------------------------------------------------------------------------


def test_given_a_message_then_its_kind_direction_and_fields_stand_in_the_reference():
    text = (REFERENCE / "messages.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `([\w-]+)` \| (\w+) \| [^|]* \| ([^|]*) \|$", text, re.MULTILINE)
    rows = {kind: (way, fields.split(", ")) for kind, way, fields in found}
    common = set(Message.__struct_fields__)

    assert list(rows) == [*UP_KINDS, *DOWN_KINDS]
    for way, kinds in (("up", UP_KINDS), ("down", DOWN_KINDS)):
        for kind, message in kinds.items():
            assert rows[kind] == (way, [one for one in message.__struct_fields__ if one not in common])


@pytest.mark.parametrize(
    "words",
    [
        *(pytest.param([str(one) for one in kinds], id=kinds.__name__) for kinds in (Source, Refusal, OrderKind, OrderOutcome, UserState)),
        *(
            pytest.param([field.encode_name for field in msgspec.structs.fields(kind)], id=kind.__name__)
            for kind in (PunchRow, TerminalHealth, Knocking, UserReport, CountedDay)
        ),
    ],
)
def test_given_a_word_that_stands_in_messages_then_the_reference_knows_it(words):
    text = (REFERENCE / "messages.md").read_text(encoding="utf-8")

    assert [word for word in words if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)] == []


def test_given_the_kinds_that_tail_offers_then_they_are_all_there_are():
    assert f"up: {', '.join(UP_KINDS)}; down: {', '.join(DOWN_KINDS)}" == KINDS


def first_cells(page, title):
    section = (REFERENCE / page).read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def test_given_an_alarm_then_the_reference_says_what_it_means_and_what_to_do():
    assert first_cells("alarms.md", "Alarms on the server's page") == [str(kind) for kind in AlarmKind]


def test_given_an_alarm_of_an_edges_own_then_it_stands_there_too_and_the_page_of_alarms_has_words_for_it():
    source = "\n".join(Path(file).read_text(encoding="utf-8") for file in Path(edge.__path__[0]).rglob("*.py"))
    raised = {"".join(found).rstrip("-") for found in re.findall(r'(?i:alarm)\(\s*f?"([a-z-]+)|\bcode = f"([a-z-]+)', source)}
    written = {re.sub(r"-[A-Z]+$", "", code) for code in first_cells("alarms.md", "Alarms of an edge's own")}
    worded = {code.rstrip("-") for code, _, _ in _OWN_ALARMS}

    assert len(raised) > 5
    assert raised <= written
    assert written == worded | {"clock-off"}  # the clock is told from the terminal's drift


def test_given_a_reason_for_quarantine_then_the_reference_says_what_to_do_about_it():
    assert first_cells("alarms.md", "Reasons for quarantine") == [str(reason) for reason in Reason]


def test_given_a_fault_mode_then_the_reference_knows_it():
    text = (REFERENCE / "simulator.md").read_text(encoding="utf-8")

    assert [name for name in FAULTS if f"| `{name}` |" not in text] == []


# Links, README, structure ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_given_a_page_then_every_relative_link_leads_somewhere(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    broken = []
    for target in re.findall(r"\]\(<?([^)\s>]+)>?\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(target)

    assert broken == []


def anchors(page):
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "README.zh.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        *(f"docs/reference/{name}.md" for name in ("broker", "messages", "simulator", "terminals")),
    ],
)
def test_given_a_page_that_names_a_file_of_ours_then_it_exists(page):
    named = re.findall(r"`((?:docs|tests|edge|server|protocol|clockbridge|\.ci)/[\w./-]+)`", read(page))

    assert [name for name in named if not (ROOT / name).exists()] == []


def test_given_the_two_readmes_then_they_have_the_same_structure():
    def structure(page):
        text = read(page)
        other = {"README.zh.md", "README.md"}
        links = [one.replace("-zh.png", ".png") for one in re.findall(r"\]\(([^)]+)\)", text) if one not in other]
        return {
            "headings": [len(level) for level in re.findall(r"^(#+) ", text, re.MULTILINE)],
            "links": sorted(links),
            "commands": re.findall(r"`(?:\./dev|clockbridge) [\w ]+", text),
            "tables": [line.count("|") for line in text.splitlines() if line.startswith("|")],
            "limits": text.count("\n- "),
        }

    assert structure("README.zh.md") == structure("README.md")


def test_given_a_page_of_the_docs_then_it_is_of_one_of_five_kinds_and_the_readme_leads_to_it():
    readme = read("README.md")
    unreached = []
    for page in (ROOT / "docs").rglob("*.md"):
        kind, *_ = page.relative_to(ROOT / "docs").parts
        assert kind in KINDS_OF_PAGES, page
        if kind in ("tutorial", "how-to", "reference") and f"({page.relative_to(ROOT).as_posix()})" not in readme:
            unreached.append(page.name)

    assert unreached == []


def test_given_the_decisions_then_they_are_numbered_without_a_gap_and_each_has_its_parts():
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))

    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences", "Alternatives", "References"], (
            record.name
        )
        assert re.search(r"^> \S", text, re.MULTILINE), f"{record.name} has no sentence to quote"


if __name__ == "__main__":
    for file, text in generated().items():
        file.write_text(text, encoding="utf-8")
