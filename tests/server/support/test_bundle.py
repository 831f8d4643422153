"""The support bundle of a server: enough to find a fault by, and nothing of people and no secrets, wherever they may lie."""

import io
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import CheckConstraint, LargeBinary, String, Table, Text
from sqlalchemy.types import Boolean, Float

import server.wiring  # noqa: F401 - every area's tables are known
from protocol.messages import TerminalHealth
from server.access.model import Permission, Role
from server.audit import actions as audit
from server.audit.model import TrailFilter
from server.directory import actions as directory
from server.fleet import actions as fleet
from server.logs import KEPT_FILE, KEPT_FOLDER, kept_lines
from server.migrations import head_revision
from server.settings import CompanySettings, MailSettings, OidcSettings, ServerSettings, WebSettings
from server.storage import PackedDate, UtcInstant, metadata, to_microseconds
from server.support.actions import pack_bundle
from server.support.engine import Hiding
from server.support.pages import router
from tests.support.company import TESTER, found_company
from tests.support.pages import browse
from tests.support.sending import SendingEdge, row

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
PLANTED = (
    "王小芳", "Xiaofang", "13812345678", "fang.w@corp.example", "110101199003078515", "6222020200112233445", "sk_live9f8e7d6c5b4a39281706",
    "10.1.2.3", "fe80::1ff:fe23:4567:890a", "W7K-0042", "https://hooks.example/abc", "SsS21AAAtemplateBYTES",
)  # fmt: skip
"""A name in both scripts, a telephone, a mail address, an identity number, a bank account, a token, addresses, an employee number, a
webhook, a template."""
EVERYTHING = " ".join(PLANTED)
PLACE = 777
CLEAN = {
    ("edge", "name"): "edge-planted", ("terminal", "serial"): "PLANTED777", ("site", "time_zone"): "Asia/Shanghai",
    ("person", "name"): "Xiaofang 王小芳", ("person", "employee_number"): "W7K-0042",
}  # fmt: skip
"""What machines are called is told and is never a person's name; the rest is as the directory has it."""
DETAIL = "DETAIL:  Key (name)=(王小芳) already exists."
TRACEBACK = f"""Traceback (most recent call last):
  File "/home/xiaofang/clockbridge/server/ingest/admit.py", line 12, in take
    self._take(one)
KeyError: '{EVERYTHING}'"""
BODY = {"alarms": [f"clock-off: {EVERYTHING}"], "version": EVERYTHING, "stages": {EVERYTHING: NOW.isoformat()}, "queue_depth": 3}


def settings_for(database, folder):
    return ServerSettings(
        data_dir=folder,
        database_url=str(database.url),
        company=CompanySettings(name=EVERYTHING),
        web=WebSettings(names=["10.1.2.3"], address="https://hooks.example/abc"),
        mail=MailSettings(host="10.1.2.3", user="Xiaofang", password="sk_live9f8e7d6c5b4a39281706", sender="fang.w@corp.example"),
        oidc=OidcSettings(issuer="https://hooks.example/abc", client_id="Xiaofang", client_secret="sk_live9f8e7d6c5b4a39281706"),
    )


def bundle_of(database, folder):
    """The files of a bundle by name."""
    made = pack_bundle(database, settings_for(database, folder), TESTER, NOW)
    with zipfile.ZipFile(io.BytesIO(made.data)) as bundle:
        return {name: bundle.read(name).decode() for name in bundle.namelist()}


def log_lines(folder, *lines):
    (folder / KEPT_FOLDER).mkdir()
    (folder / KEPT_FOLDER / KEPT_FILE).write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines))


def left_of(parts):
    """What of the planted is in a bundle, with where."""
    return [(name, word) for name, text in parts.items() for word in PLANTED if word.casefold() in text.casefold()]


def plant(file):
    """A row full of personal data and secrets in every table, each pointing at those of the others; an SQLite file."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for table in metadata.sorted_tables:
            values = {column.name: planted(table, column) for column in table.columns}
            names, marks = ", ".join(f'"{name}"' for name in values), ", ".join("?" * len(values))
            connection.execute(f'INSERT OR REPLACE INTO "{table.name}" ({names}) VALUES ({marks})', list(values.values()))
        connection.commit()


def planted(table: Table, column):
    if (table.name, column.name) in CLEAN:
        return CLEAN[table.name, column.name]
    rules = [str(one.sqltext) for one in table.constraints if isinstance(one, CheckConstraint)]
    if found := next((one for rule in rules if (one := re.match(rf"{column.name} (?:IN \('([\w-]+)'|= (\d+))", rule))), None):
        return found[1] or int(found[2])
    if (table.name, column.name) == ("edge_health", "body"):
        return json.dumps(BODY)
    kind = column.type
    if isinstance(kind, UtcInstant):
        return to_microseconds(NOW - timedelta(hours=1))
    if isinstance(kind, PackedDate):
        return 20261123
    if "JSON" in str(kind):
        return json.dumps({"told": EVERYTHING, "firmware": EVERYTHING, "code": EVERYTHING})
    if isinstance(kind, LargeBinary):
        return EVERYTHING.encode()
    if isinstance(kind, String | Text):
        return EVERYTHING
    return 1 if isinstance(kind, Boolean) else 1.0 if isinstance(kind, Float) else PLACE


class TestWhatIsPlanted:
    @pytest.fixture
    def dialect(self):
        return "sqlite"

    def test_in_every_column_of_every_table_is_nowhere_in_the_bundle(self, database, tmp_path):
        plant(database.url.database)

        parts = bundle_of(database, tmp_path)

        with database.reading() as uow:
            assert fleet.find_edge(uow, "edge-planted") is not None
        assert left_of(parts) == []
        assert "edge-planted" in parts["edges.json"]
        assert "PLANTED777" in parts["terminals.json"]
        assert json.loads(parts["edges.json"])[0]["alarms"][0].startswith("clock-off: ***")


def test_names_numbers_and_secrets_of_a_living_company_are_nowhere_in_the_bundle(database, tmp_path):
    company = found_company(database)
    with database.writing() as uow:
        who = directory.add_person(uow, "W7K-0042", "王小芳 Xiaofang", TESTER, NOW, site_id=company.site)
        directory.enrol(uow, who.id, company.zone, "904217", NOW.date(), TESTER, NOW)
    edge = SendingEdge(database, now=NOW)
    edge.send(row("1"), row("904217", number=2), row("77", doubt="王小芳 W7K-0042"[:64], number=3))
    error = f"no answer of 10.1.2.3 for user 904217 {EVERYTHING}"
    edge.tell_health(
        TerminalHealth(
            serial="T1", name="Xiaofang's door", address="10.1.2.3:4370", state="unreachable", last_error=error, held=9, appended=9,
            facts={"firmware": "Ver 6.60 Apr 28 2017", "mac": "00:17:61:12:34:56"},
        ),
        alarms=[f"read-incomplete-T1: {EVERYTHING}"],
    )  # fmt: skip
    log_lines(
        tmp_path,
        {"event": "the database failed", "level": "error", "error": f"(IntegrityError) {DETAIL} [parameters: ('{EVERYTHING}')]"},
        {"event": f"sign-in of {EVERYTHING}", "level": "warning", "login": "admin77", "user": 904217, "count": 12, "seconds": 1.5},
        {"event": "terminal_lost", "level": "error", "terminal": "T1", "exception": TRACEBACK},
        f"no JSON at all: {EVERYTHING}, token=abc, password: 'x y z', PIN=904217 and 904217 alone",
    )

    parts = bundle_of(database, tmp_path)

    assert left_of(parts) == []
    everything = "\n".join(parts.values())
    assert not [
        word for word in ("904217", "admin77", "上海总部", "研发部", "王伟", "x y z", "00:17:61", "postgresql://") if word in everything
    ]
    lines = [json.loads(line) for line in parts["log.jsonl"].splitlines()[:3]]
    assert lines[0]["event"] == "the database failed"
    assert "IntegrityError" in lines[0]["error"]
    assert (lines[1]["count"], lines[1]["seconds"], lines[1]["login"]) == (12, 1.5, "***")
    assert "server/ingest/admit.py:12 take" in lines[2]["exception"]
    assert lines[2]["terminal"] == "T1"
    door = json.loads(parts["terminals.json"])[0]
    assert (door["terminal"], door["state"], door["held"], door["facts"]) == ("T1", "unreachable", 9, {"firmware": "Ver 6.60 Apr 28 2017"})


def test_a_bundle_says_how_things_stand_and_is_on_the_trail(database, tmp_path):
    found_company(database)
    SendingEdge(database, now=NOW).send(row("1"), row("900", number=2), row("901", number=3))

    parts = bundle_of(database, tmp_path)

    told = json.loads(parts["database.json"])
    assert (told["kind"], told["revision"], told["needs"]) == (database.dialect, head_revision(), head_revision())
    assert told["bytes"] > 0
    assert "punch" in told["rows"]
    assert json.loads(parts["queues.json"])["quarantine"] == {"unknown-user": {"open": 2}}
    settings = json.loads(parts["settings.json"])
    assert (settings["mail"], settings["web"]["port"], settings["time_zone"]) == (
        {"host": "(set)", "port": 587, "security": "starttls", "user": "(set)", "password": "(set)", "sender": "(set)", "pages": ""},
        8000,
        "Asia/Shanghai",
    )
    assert any(one.startswith("sqlalchemy") for one in map(str.lower, json.loads(parts["about.json"])["packages"]))
    with database.reading() as uow:
        trail = audit.search(uow, TrailFilter(action="support.bundle"), None, below=None, limit=5, see_pay=False)
    assert [one.subject_kind for one in trail.rows] == ["server"]


def test_the_page_gives_it_to_whoever_looks_after_the_machines_and_asks_an_edge_for_its_own(database, tmp_path):
    found_company(database)
    browser = browse(database, [router], Role.IT)
    browser.client.app.state.settings = settings_for(database, tmp_path)

    answer = browser.post("/support/server.zip")

    assert zipfile.is_zipfile(io.BytesIO(answer.content))
    assert "clockbridge-server-" in answer.headers["content-disposition"]
    assert "edge-hq" in browser.get("/support").text
    assert browser.post("/support/edge", {"edge": "edge-hq"}).headers["location"] == "/orders/1"
    assert browser.post("/support/edge", {"edge": "nobody"}).status_code == 404
    assert browse(database, [router], {Permission.SEE_FLEET}).post("/support/server.zip").status_code == 403


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("3 rows of shard 07 wait since 08:58:03, batch 12 to 512", "3 rows of shard 07 wait since 08:58:03, batch 12 to 512"),
        ("terminal CJ9218000001 answers at 192.168.1.201:4370", "terminal CJ9218000001 answers at ***"),
        ("TerminalUnreachableError: no route to host", "TerminalUnreachableError: no route to host"),
        ("user=1001, card: 3087675; name='Li Na'", "user=***, card: ***; name=***"),
        ("mail to li.na@example.com failed with 550", "mail to *** failed with 550"),
        ("called +86 13800138000 for W7K-0042 and Lina", "called +86 *** for *** and ***"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("GET https://x.example/?key=1 gave 503", "GET *** gave 503"),
        ("员工 is unknown", "*** is unknown"),
    ],
)
def test_sentences_keep_what_helps_and_lose_what_is_of_people(text, left):
    hide = Hiding({"W7K-0042", "Lina", "1"}, {"CJ9218000001"})

    assert hide.sentence(text) == left


def test_warnings_and_errors_of_a_process_are_kept_in_two_small_files(tmp_path):
    from server.logs import KEPT_BYTES, _Kept

    kept = _Kept(tmp_path / KEPT_FOLDER / KEPT_FILE)
    assert kept_lines(tmp_path) == []
    for number in range(KEPT_BYTES // 100):
        kept.note(None, "error", {"event": "x" * 100, "level": "error", "number": number})
    kept.note(None, "info", {"event": "well", "level": "info"})
    kept.note(None, "error", {"event": "y" * 100_000, "level": "error"})

    lines = kept_lines(tmp_path)

    assert "well" not in "".join(lines)
    assert json.loads(lines[-2])["number"] == KEPT_BYTES // 100 - 1
    assert sum(map(len, lines)) < 3 * KEPT_BYTES
    assert (tmp_path / KEPT_FOLDER / KEPT_FILE).stat().st_mode & 0o077 == 0
