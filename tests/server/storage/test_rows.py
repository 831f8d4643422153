"""Rows that are written at most once, on both databases."""

from datetime import timedelta

import pytest

from server.access.tables import spent_return
from server.storage import insert_ignoring
from server.storage.rows import COPY_FROM_ROWS
from tests.support.company import NOW


def hashes(first: int, last: int) -> list[dict]:
    return [{"secret_hash": n.to_bytes(32), "at": NOW + timedelta(seconds=n)} for n in range(first, last)]


@pytest.mark.parametrize("many", [1, 2, COPY_FROM_ROWS + 1])
def test_given_rows_some_of_which_are_there_when_inserted_then_it_counts_the_new_ones(database, many):
    with database.writing() as uow:
        counts = [
            insert_ignoring(uow, spent_return, rows, ("secret_hash",)) for rows in (hashes(0, many), hashes(0, many), hashes(1, many + 2))
        ]

    assert counts == [many, 0, 2]
