"""What is known of each terminal's users as a whole; the digest of what is wanted is kept up with each row that changes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from protocol.wanted import digest
from server.dispatch.areas.model import Book, WantedRow
from server.dispatch.areas.tables import user_book
from server.storage import UnitOfWork, insert_ignoring

_c = user_book.c
BLANK = {"wanted": 0, "digest": f"{0:016x}", "resent": 0, "resent_at": None, "finger_algorithm": "", "face_algorithm": ""}


def books(uow: UnitOfWork, terminals: Collection[int] | None = None) -> dict[int, Book]:
    """By terminal; those that nothing is known of are left out."""
    query = select(user_book) if terminals is None else select(user_book).where(_c.terminal_id.in_(list(terminals)))
    return {row.terminal_id: _book(row) for row in uow.fetch_all(query)}


def ensure(uow: UnitOfWork, terminals: Iterable[int]) -> None:
    """Let there be a book of each of these."""
    insert_ignoring(uow, user_book, [BLANK | {"terminal_id": key} for key in sorted(set(terminals))], ["terminal_id"])


def change(uow: UnitOfWork, terminal_id: int, **values: Any) -> None:
    uow.execute(update(user_book).where(_c.terminal_id == terminal_id).values(**values))


def follow_rows(uow: UnitOfWork, before: Mapping[tuple[int, str], WantedRow], after: Iterable[WantedRow]) -> None:
    """Bring counts and digests to rows that were written: the digest is an XOR, so only what changed counts."""
    more: dict[int, int] = defaultdict(int)
    turned: dict[int, int] = defaultdict(int)
    for row in after:
        earlier = before.get((row.terminal_id, row.user))
        more[row.terminal_id] += earlier is None
        turned[row.terminal_id] ^= _one(row) ^ (_one(earlier) if earlier else 0)
    if not more:
        return
    ensure(uow, more)
    there = books(uow, more)
    rows = [
        {"of": key, "new_wanted": there[key].wanted + more[key], "new_digest": f"{there[key].digest ^ turned[key]:016x}"}
        for key in sorted(more)
    ]
    new: dict[str, Any] = {"wanted": bindparam("new_wanted"), "digest": bindparam("new_digest")}
    uow.execute(update(user_book).where(_c.terminal_id == bindparam("of")).values(**new), rows)


def _one(row: WantedRow) -> int:
    return int(digest([(row.user, row.revision)]), 16)


def _book(row: Row[Any]) -> Book:
    return Book(**(dict(row._mapping) | {"digest": int(row.digest, 16)}))  # noqa: SLF001 - a documented name
