"""What each terminal told on each day, table by table: counted, told, remembered over a restart, forgotten when it is over."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from edge.collect.duty import Rules
from edge.collect.push.file import push_file
from edge.collect.push.receipts import COUNTED, Receipts
from edge.devices.iclock.protocol.punches import Found
from edge.devices.iclock.protocol.react import Reaction
from edge.devices.iclock.protocol.request import read_request
from edge.outbox.file import full
from protocol.wanted import ClockRule
from tests.edge.collect.push.conftest import SN, get, greeted, post, running_desk

NOON = datetime(2026, 11, 27, 4, tzinfo=UTC)
RULES = Rules(ZoneInfo("Asia/Shanghai"), ClockRule(), lambda: True)
DAY = timedelta(days=1)
PUNCHES = read_request("POST", f"/iclock/cdata?SN={SN}&table=ATTLOG&Stamp=7")


@pytest.fixture
def file(tmp_path):
    with push_file(tmp_path / "push.db") as file:
        yield file


def opened(file):
    receipts = Receipts(file, RULES)
    receipts.open()
    return receipts


def took(receipts, at, rows=2):
    receipts.took(SN, PUNCHES, Reaction(found=Found(lines=rows), stamp=("attlog", "7")), 1, at)


def told(receipts):
    return {(one.table, one.day): one for one in receipts.due(500)}


def test_given_what_a_terminal_tells_when_it_is_taken_then_it_stands_by_table_and_day_and_what_was_refused_beside_it(
    settings, outbox, monkeypatch
):
    async def live():
        async with running_desk(settings(), outbox) as (desk, _):
            await greeted(desk)
            rows = b"1001\t2026-11-27 08:58:00\t0\t1\n1001\t2026-11-27 08:58:00\t0\t1\nnonsense\n"
            await post(desk, f"cdata?SN={SN}&table=ATTLOG&Stamp=9999", rows)
            await post(desk, f"cdata?SN={SN}&table=ATTLOG&Stamp=0", rows)
            await post(desk, f"cdata?SN={SN}&table=OPERLOG&OpStamp=12", b"OPLOG 4\t0\t2026-11-27 08:00:00\t0\t0\t0\t0\n")
            await post(desk, f"cdata?SN={SN}&table=ODDLOG", b"a\tb\n")
            await post(desk, f"cdata?SN={SN}&table=rtstate", b"time=2026-11-27 08:00:00\n")
            await get(desk, f"getrequest?SN={SN}")
            monkeypatch.setattr("edge.collect.push.work.take_pushed", refusing)
            refused = await post(desk, f"cdata?SN={SN}&table=ATTLOG", b"1002\t2026-11-27 09:00:00\t0\t1\n")
            return refused[0], desk._receipts.due(500)

    def refusing(*_, **__):
        raise full()

    status, receipts = asyncio.run(live())
    of = {one.table: [other for other in receipts if other.table == one.table] for one in receipts}  # midnight may come between
    sums = {
        name: sum(getattr(one, name) for one in of["attlog"]) for name in ("bodies", "refused", "rows", "punches", "doubtful", "appended")
    }
    assert status == 503
    assert sums == {"bodies": 2, "refused": 1, "rows": 6, "punches": 4, "doubtful": 2, "appended": 2}
    assert [one.stamp for one in of["attlog"] if one.stamp] == ["9999"]
    assert [(one.rows, one.stamp) for one in of["operlog"]] == [(1, "12")]
    assert [one.bodies for one in of["others"]] == [1]
    assert set(of) == {"attlog", "operlog", "others"}


def test_given_what_goes_on_changing_when_told_then_after_a_while_and_once_again_and_no_more(file, monkeypatch):
    moments = iter([0.0, 30.0, 61.0, 100.0, 700.0, 2000.0])
    monkeypatch.setattr("edge.collect.push.receipts.time.monotonic", lambda: next(moments))
    receipts = opened(file)
    took(receipts, NOON)

    first = told(receipts)
    took(receipts, NOON)
    soon, then, still, again, after = (told(receipts) for _ in range(5))

    key = ("attlog", "2026-11-27")
    assert first[key].rows == 2
    assert soon == {}
    assert then[key].rows == 4
    assert (still, again, after) == ({}, then, {})


def test_given_a_restart_when_a_day_goes_on_then_its_count_goes_on_and_what_is_over_and_told_is_forgotten(file):
    receipts = opened(file)
    took(receipts, NOON)
    receipts.counted(SN, date(2026, 11, 27), 5, 4, 1, NOON)
    receipts.write(NOON)

    later = opened(file)
    took(later, NOON + timedelta(hours=1))
    took(later, NOON + DAY)
    found = told(later)
    assert found["attlog", "2026-11-27"].bodies == 2
    assert found["attlog", "2026-11-27"].first_at == NOON
    assert found["attlog", "2026-11-28"].bodies == 1
    counted = found[COUNTED, "2026-11-27"]
    assert (counted.rows, counted.punches, counted.missing) == (5, 4, 1)

    for one in later._kept.values():
        one.untold = 0
    later.write(NOON + 2 * DAY)
    assert set(told_keys(file)) == {("attlog", "2026-11-28")}


def test_given_months_without_a_line_then_the_oldest_are_let_go(file, monkeypatch):
    monkeypatch.setattr("edge.collect.push.receipts.MOST", 3)
    receipts = opened(file)
    for day in range(5):
        took(receipts, NOON + day * DAY)
    receipts.write(NOON + 5 * DAY)

    assert sorted(day for _, day in told_keys(file)) == ["2026-11-29", "2026-11-30", "2026-12-01"]


def told_keys(file):
    with file.look() as connection:
        return connection.execute("SELECT name, day FROM receipt").fetchall()


def test_given_a_count_of_a_day_when_it_says_what_was_said_before_then_only_lately_it_leaves_a_receipt(settings, outbox):
    today = datetime.now(RULES.zone).date()
    old = today - 20 * DAY

    async def live():
        async with running_desk(settings(), outbox) as (desk, _):
            await greeted(desk)
            seen = []
            for day, holds in ((old, 0), (old, 0), (old, 2), (today, 0), (today, 0)):
                number = desk._queue.add(SN, "VERIFY SUM ATTLOG", int(datetime.now(UTC).timestamp()), purpose=f"count:{day}")
                await get(desk, f"getrequest?SN={SN}")
                await post(desk, f"devicecmd?SN={SN}", f"ID={number}&Return=0&CMD=VERIFY SUM&AttlogSum={holds}\n".encode())
                kept = desk._receipts._kept.get((SN, str(day), COUNTED))
                seen.append((kept.receipt.bodies, kept.receipt.rows, kept.receipt.missing) if kept else None)
            return seen

    assert asyncio.run(live()) == [(1, 0, 0), (1, 0, 0), (2, 2, 2), (1, 0, 0), (2, 0, 0)]
