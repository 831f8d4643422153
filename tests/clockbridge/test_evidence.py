"""A person's month taken out, checked anywhere, and every changed byte found and named."""

import json
import re

import pytest

from server.storage import Database
from tests.clockbridge.server_commands import Installed, clockbridge
from tests.support.company import found_company
from tests.support.sending import SendingEdge, row

WALLS = ("2026-11-02 08:58:00", "2026-11-02 18:03:11", "2026-11-20 08:59:59")


@pytest.fixture(scope="module")
def month(pristine, tmp_path_factory) -> tuple[Installed, dict]:
    """(installation, evidence file as JSON) of person A1, who punched three times in November and once before."""
    installed = pristine.copy(tmp_path_factory.mktemp("evidence"))
    database = Database(f"sqlite:///{installed.database}")
    found_company(database)
    edge = SendingEdge(database)
    edge.send(row(wall="2026-10-30 09:00:00"), row(user="2", wall=WALLS[0], number=1), row(wall=WALLS[0], number=2))
    edge.send(row(wall=WALLS[1], number=3), row(wall=WALLS[2], number=4))
    database.close()
    file = installed.folder / "november.json"
    done = installed.run("evidence", "export", "A1", file, "--since", "2026-11-01", "--until", "2026-11-30")
    assert done.code == 0
    assert f"clockbridge evidence verify {file}" in done.out
    return installed, json.loads(file.read_bytes())


def check(tmp_path, evidence: dict):
    (tmp_path / "file.json").write_text(json.dumps(evidence))
    return clockbridge("evidence", "check", tmp_path / "file.json")


def test_given_a_month_when_exported_then_just_that_persons_punches_of_it_are_proven(month, tmp_path):
    _, evidence = month

    done = check(tmp_path, evidence)

    assert (done.code, done.err) == (0, "")
    assert "3 of 3 punches are proven." in done.out
    assert [json.loads(one["row"])["wall"] for one in evidence["punches"]] == list(WALLS)


def another_time(evidence: dict) -> None:
    one = evidence["punches"][1]
    one["row"] = one["row"].replace("18:03", "18:30")


CHANGES = {
    "a digit of a time": (another_time, "not the ones that were sealed", 1),
    "a place in the chain": (lambda it: it["punches"][1].update(sequence=5), "not the ones that were sealed", 1),
    "a head": (lambda it: it["batches"][1].update(head=it["batches"][0]["head"]), "chain", 2),
    "a digest": (lambda it: it["batches"][1]["digests"].reverse(), "chain", 2),
    "a signature": (lambda it: it["batches"][1].update(signature=it["batches"][0]["signature"]), "signature", 2),
    "the edge": (lambda it: it["batches"][0].update(edge="edge-b"), "", 1),
    "the key": (lambda it: it["keys"].update(dict.fromkeys(it["keys"], "A" * 43 + "=")), "key", 3),
    "no key": (lambda it: it["keys"].clear(), "key", 3),
    "no batch": (lambda it: it["punches"][0].update(batch=None), "no sealed batch", 1),
    "a batch that is not there": (lambda it: it["punches"][0].update(batch=9), "not in the file", 1),
}  # fmt: skip


@pytest.mark.parametrize(("change", "reason", "unproven"), CHANGES.values(), ids=CHANGES.keys())
def test_given_anything_changed_when_checked_then_just_those_punches_are_named_with_the_reason(month, tmp_path, change, reason, unproven):
    evidence = json.loads(json.dumps(month[1]))
    change(evidence)

    done = check(tmp_path, evidence)

    assert done.code == 1
    lines = done.err.splitlines()
    assert len(lines) == unproven
    assert all(reason in line for line in lines)
    assert all(re.search(r'\{.*"wall":"2026-11-', line) for line in lines), "each names its row"
    assert f"{3 - unproven} of 3" in done.out


@pytest.mark.parametrize("place", range(3))
def test_given_one_bit_of_any_row_flipped_when_checked_then_that_punch_alone_is_named(month, tmp_path, place):
    text = month[1]["punches"][place]["row"]
    for position in range(0, len(text), 7):
        evidence = json.loads(json.dumps(month[1]))
        evidence["punches"][place]["row"] = text[:position] + chr(ord(text[position]) ^ 1) + text[position + 1 :]

        done = check(tmp_path, evidence)

        assert done.code == 1
        assert "2 of 3" in done.out


def test_given_a_file_that_is_there_when_exporting_then_it_is_not_overwritten(month):
    installed, _ = month
    before = (installed.folder / "november.json").read_bytes()

    done = installed.run("evidence", "export", "A1", installed.folder / "november.json", "--since", "2026-11-01", "--until", "2026-11-30")

    assert done.code == 2
    assert (installed.folder / "november.json").read_bytes() == before


def test_given_nobody_of_that_number_when_exporting_then_it_says_so_and_writes_nothing(month, tmp_path):
    done = month[0].run("evidence", "export", "X9", tmp_path / "x.json", "--since", "2026-11-01", "--until", "2026-11-30")

    assert (done.code, done.sentence) == (2, "There is no person X9.")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"no JSON", b"{}", b"[1]"])
def test_given_a_file_that_is_no_evidence_when_checked_then_it_says_so(tmp_path, data):
    (tmp_path / "x.json").write_bytes(data)

    done = clockbridge("evidence", "check", tmp_path / "x.json")

    assert done.code == 2
    assert "no evidence file of Clockbridge" in done.sentence


def test_given_a_month_when_all_of_it_is_verified_then_the_servers_key_is_told_and_another_one_is_refused(month, tmp_path):
    evidence = month[1]
    (tmp_path / "file.json").write_text(json.dumps(evidence))

    done = clockbridge("evidence", "verify", tmp_path / "file.json")
    key = re.search(r"key ([0-9a-f]{16})", done.out)[1]

    assert (done.code, done.err) == (0, "")
    assert clockbridge("evidence", "verify", tmp_path / "file.json", "--server-key", key).code == 0
    assert clockbridge("evidence", "verify", tmp_path / "file.json", "--server-key", "0" * 16).code == 2


def test_given_a_file_of_the_first_format_when_verified_then_its_punches_are_proven(month, tmp_path):
    first = {name: month[1][name] for name in ("person", "since", "until", "punches", "batches", "keys")} | {"format": 1}
    first["punches"] = [{name: value for name, value in one.items() if name not in {"id", "zone"}} for one in first["punches"]]
    (tmp_path / "old.json").write_text(json.dumps(first))

    done = clockbridge("evidence", "verify", tmp_path / "old.json")

    assert (done.code, done.err) == (0, "")
    assert "3 of 3 punches are proven." in done.out
