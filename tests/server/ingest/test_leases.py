"""Who takes in which shard, on both dialects."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from protocol.identifiers import ALL_SHARDS
from server.ingest.leases import LEASE, Lease, LeaseLostError, at_work, give_up, heartbeat, owners, require
from server.ingest.tables import shard_lease
from server.storage import Database, StorageError
from server.storage.database import IDLE_WRITER_MS
from tests.support.company import NOW

SECOND = timedelta(seconds=1)
AFTER = NOW + LEASE + SECOND


def check(database, name, held, now=NOW):
    with database.writing() as uow:
        require(uow, name, held.values(), now)


def settle(database, names, now=NOW, rounds=3):
    """Heartbeats in turn until everybody has a fair share; gives what each holds."""
    held = {}
    for _ in range(rounds):
        held = {name: heartbeat(database, name, now) for name in names}
    return held


def test_given_nobody_when_a_worker_comes_then_it_owns_every_shard(database):
    held = heartbeat(database, "a", NOW)

    assert set(held) == set(ALL_SHARDS)
    check(database, "a", held)


def test_given_a_worker_when_it_renews_then_generations_stay(database):
    before = heartbeat(database, "a", NOW)

    assert heartbeat(database, "a", NOW + SECOND) == before


@pytest.mark.parametrize("count", [2, 3, 5, 16, 20])
def test_given_several_workers_when_their_hearts_beat_then_they_share_every_shard_and_none_twice(database, count):
    held = settle(database, [f"w{number:02}" for number in range(count)])

    shards = [shard for one in held.values() for shard in one]
    assert sorted(shards) == list(ALL_SHARDS)
    assert max(len(one) for one in held.values()) == -(-16 // count)


def test_given_a_second_worker_when_it_comes_then_the_first_loses_nothing_before_it_gives_back(database):
    first = heartbeat(database, "a", NOW)

    assert heartbeat(database, "b", NOW) == {}
    check(database, "a", first)


def test_given_two_workers_when_shards_changed_hands_then_the_former_holder_commits_nothing_for_them(database):
    before = heartbeat(database, "a", NOW)
    held = settle(database, ["a", "b"])

    with pytest.raises(LeaseLostError) as lost:
        check(database, "a", before)

    assert set(lost.value.shards) == set(held["b"])
    check(database, "a", held["a"])
    check(database, "b", held["b"])


def test_given_a_dead_worker_when_its_leases_end_then_the_other_takes_over_in_a_new_generation(database):
    settle(database, ["a", "b"])

    held = heartbeat(database, "b", AFTER)

    assert set(held) == set(ALL_SHARDS)
    assert {lease.generation for lease in held.values()} <= {2, 3}


def test_given_a_lease_that_has_ended_when_nobody_took_it_then_it_is_lost_all_the_same(database):
    held = heartbeat(database, "a", NOW)

    with pytest.raises(LeaseLostError):
        check(database, "a", held, NOW + LEASE)


def test_given_a_frozen_worker_when_it_comes_back_and_beats_then_its_old_generations_are_no_longer_good(database):
    held = heartbeat(database, "a", NOW)

    anew = heartbeat(database, "a", AFTER)

    assert set(anew) == set(held)
    with pytest.raises(LeaseLostError):
        check(database, "a", held, AFTER)
    check(database, "a", anew, AFTER)


def test_given_a_worker_that_ends_in_order_when_the_other_beats_then_it_has_everything_at_once(database):
    settle(database, ["a", "b"])

    give_up(database, "a", NOW)

    assert set(heartbeat(database, "b", NOW + SECOND)) == set(ALL_SHARDS)


def test_given_a_lease_of_another_worker_or_generation_when_required_then_it_is_refused(database):
    held = heartbeat(database, "a", NOW)
    shard = ALL_SHARDS[0]

    for name, lease in (("b", held[shard]), ("a", Lease(shard, held[shard].generation + 1))):
        with pytest.raises(LeaseLostError):
            check(database, name, {shard: lease})


def test_given_no_shards_when_required_then_it_passes(database):
    check(database, "nobody", {})


def test_given_owners_when_asked_for_then_shards_are_counted_by_worker(database):
    settle(database, ["a", "b"])
    give_up(database, "b", NOW)

    with database.reading() as uow:
        assert owners(uow) == {"a": 8}


def test_given_a_clock_that_was_set_back_when_the_owner_of_later_leases_is_dead_then_another_takes_over(database):
    heartbeat(database, "dead", NOW + timedelta(hours=1))

    held = heartbeat(database, "b", NOW)

    assert set(held) == set(ALL_SHARDS)
    assert {lease.generation for lease in held.values()} == {2}


def test_given_workers_when_asked_who_is_at_work_then_those_whose_heart_beat_within_a_lease(database):
    heartbeat(database, "a", NOW)
    heartbeat(database, "b", NOW + LEASE)

    with database.reading() as uow:
        assert at_work(uow, NOW + LEASE) == ["b"]


def test_given_a_commit_under_way_when_another_wants_the_shards_then_it_waits_for_it_and_the_next_commit_is_refused(database):
    """The lease is held to be ours inside the transaction: nobody takes it between that look and the commit."""
    held = heartbeat(database, "a", NOW)
    order = []

    def take_over() -> None:
        heartbeat(database, "b", AFTER)
        order.append("taken over")

    other = threading.Thread(target=take_over)
    with database.writing() as uow:
        require(uow, "a", held.values(), NOW)
        other.start()
        other.join(0.3)
        assert other.is_alive(), "it must wait"
        order.append("committed")
    other.join()

    assert order == ["committed", "taken over"]
    with pytest.raises(LeaseLostError):
        check(database, "a", held)


def test_given_a_takeover_under_way_when_the_former_owner_commits_then_it_waits_and_is_refused(database):
    held = heartbeat(database, "a", NOW)
    refused = []

    def commit() -> None:
        try:
            check(database, "a", held)
        except LeaseLostError as error:
            refused.append(error)

    frozen = threading.Thread(target=commit)
    with database.writing() as uow:
        uow.execute(update(shard_lease).values(owner="b", generation=shard_lease.c.generation + 1, expires_at=AFTER + LEASE))
        frozen.start()
        frozen.join(0.3)
        assert frozen.is_alive(), "it must wait"
    frozen.join()

    assert len(refused) == 1
    assert len(refused[0].shards) == 16


def test_given_two_workers_that_begin_at_once_when_their_hearts_beat_then_no_shard_has_two_owners(database):
    found = {}
    together = threading.Barrier(2)

    def begin(name: str) -> None:
        together.wait()
        for _ in range(4):
            found[name] = heartbeat(database, name, NOW)

    workers = [threading.Thread(target=begin, args=(name,)) for name in ("a", "b")]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    held = settle(database, ["a", "b"])

    assert sorted(shard for one in held.values() for shard in one) == list(ALL_SHARDS)
    for name in ("a", "b"):
        check(database, name, held[name])


def test_given_postgresql_and_a_worker_frozen_in_a_commit_when_its_time_is_over_then_it_holds_nobody_up_and_commits_nothing(
    new_database_url,
):
    database = Database(new_database_url("postgresql"))
    held = heartbeat(database, "a", NOW)

    def commit_late() -> None:
        with database.writing() as uow:
            require(uow, "a", held.values(), NOW)
            uow.execute(update(shard_lease).values(owner="a"))
            assert uow.scalar(text("SHOW idle_in_transaction_session_timeout")) == f"{IDLE_WRITER_MS // 1000}s"
            uow.execute(text("SET LOCAL idle_in_transaction_session_timeout = 400"))  # only now: a slow machine comes this far first
            anew = heartbeat(database, "b", AFTER)  # waits for the frozen one's locks, and gets them
            assert {lease.generation for lease in anew.values()} == {2}

    with pytest.raises(StorageError):
        commit_late()

    with database.reading() as uow:
        assert owners(uow) == {"b": 16}
    database.close()


def test_given_postgresql_and_a_worker_frozen_in_a_statement_when_its_time_is_over_then_it_is_ended(new_database_url, monkeypatch):
    monkeypatch.setattr("server.ingest.leases.STATEMENT_MS", 200)
    database = Database(new_database_url("postgresql"))
    held = heartbeat(database, "a", NOW)

    with pytest.raises(StorageError), database.writing() as uow:
        require(uow, "a", held.values(), NOW)
        uow.execute(text("SELECT pg_sleep(30)"))
    database.close()
