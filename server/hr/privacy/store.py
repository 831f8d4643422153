"""Reading and writing consents, keep times, what is due, receipts and exports."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, select, update

from server.hr.privacy.model import Consent, ConsentText, ErasureOrder, Export, Hold, Keep, Purpose, Receipt, Task, TaskKind, TextTerms, Way
from server.hr.privacy.tables import (
    consent,
    consent_text,
    erasure_due,
    erasure_hold,
    erasure_order,
    erasure_receipt,
    keep_time,
    personal_export,
    personal_export_part,
    privacy_settings,
    withdrawal_task,
)
from server.storage import UnitOfWork, portions, upsert

PART_BYTES = 1024 * 1024


def _key(made: Any) -> int:
    assert made is not None
    return int(made[0])


# Consents


def texts(uow: UnitOfWork) -> list[ConsentText]:
    """All versions, the latest of a purpose first."""
    return [_text(row) for row in uow.fetch_all(select(consent_text).order_by(consent_text.c.purpose, consent_text.c.version.desc()))]


def text_by_id(uow: UnitOfWork, text_id: int) -> ConsentText | None:
    row = uow.fetch_one(select(consent_text).where(consent_text.c.id == text_id))
    return None if row is None else _text(row)


def add_text(uow: UnitOfWork, purpose: Purpose, version: int, terms: TextTerms, author: str, now: datetime) -> int:
    values = {"purpose": purpose.value, "version": version, "terms": asdict(terms), "author": author, "published_at": now}
    return _key(uow.execute(consent_text.insert().values(**values)).inserted_primary_key)


def consents_of(uow: UnitOfWork, person_id: int) -> list[Consent]:
    """Somebody's, the latest first."""
    return _consents(uow, _with_texts().where(consent.c.person_id == person_id))


def consent_by_id(uow: UnitOfWork, consent_id: int) -> Consent | None:
    return next(iter(_consents(uow, _with_texts().where(consent.c.id == consent_id))), None)


def holding(uow: UnitOfWork, purpose: Purpose, within: Select[Any] | None) -> list[Consent]:
    """All that hold for a purpose, of the people within."""
    query = _with_texts().where(consent_text.c.purpose == purpose.value, consent.c.withdrawn_at.is_(None))
    return _consents(uow, query if within is None else query.where(consent.c.person_id.in_(within)))


def said_of(uow: UnitOfWork, purpose: Purpose, people: Collection[int]) -> dict[int, bool]:
    """Of these people those who ever agreed to a purpose, and whether one of their consents holds."""
    joined = consent.join(consent_text, consent_text.c.id == consent.c.text_id)
    open_ones = func.count().filter(consent.c.withdrawn_at.is_(None)).label("holding")
    query = select(consent.c.person_id, open_ones).select_from(joined).where(consent_text.c.purpose == purpose.value)
    found: dict[int, bool] = {}
    for keys in portions(people):
        rows = uow.fetch_all(query.where(consent.c.person_id.in_(keys)).group_by(consent.c.person_id))
        found |= {row.person_id: row.holding > 0 for row in rows}
    return found


def to_carry_out(uow: UnitOfWork, within: Select[Any] | None) -> list[Consent]:
    """Withdrawn, and what must follow is not done, of the people within."""
    query = _with_texts().where(consent.c.withdrawn_at.is_not(None), consent.c.carried_out_at.is_(None))
    return _consents(uow, query if within is None else query.where(consent.c.person_id.in_(within)))


def add_consent(uow: UnitOfWork, person_id: int, text_id: int, way: Way, by: str, now: datetime) -> int:
    values = {"person_id": person_id, "text_id": text_id, "way": way.value, "agreed_at": now, "recorded_by": by}
    return _key(uow.execute(consent.insert().values(**values, withdrawn_by="", carried_out_by="")).inserted_primary_key)


def change_consent(uow: UnitOfWork, consent_id: int, **values: Any) -> None:
    uow.execute(update(consent).where(consent.c.id == consent_id).values(**values))


# What follows a withdrawal


def add_tasks(uow: UnitOfWork, consent_id: int, tasks: Sequence[tuple[TaskKind, int | None, str]], now: datetime) -> None:
    """tasks: (kind, terminal, terminal user)."""
    same = {"consent_id": consent_id, "at": now, "done_by": ""}
    rows = [same | {"kind": kind.value, "terminal_id": terminal, "terminal_user": user} for kind, terminal, user in tasks]
    if rows:
        uow.execute(withdrawal_task.insert(), rows)


def tasks_of(uow: UnitOfWork, consent_ids: Collection[int]) -> list[Task]:
    """All of these consents, done ones, too."""
    return [_task(row) for row in uow.fetch_all(_TASKS.where(withdrawal_task.c.consent_id.in_(list(consent_ids))))]


def open_templates(uow: UnitOfWork) -> list[Task]:
    """Templates that are still to be erased, terminal by terminal."""
    wanted = (withdrawal_task.c.done_at.is_(None), withdrawal_task.c.kind == TaskKind.TEMPLATE.value)
    return [
        _task(row)
        for row in uow.fetch_all(_TASKS.where(*wanted).order_by(None).order_by(withdrawal_task.c.terminal_id, withdrawal_task.c.id))
    ]


def open_templates_at(uow: UnitOfWork, terminal_id: int, terminal_user: str) -> list[Task]:
    """Templates of a user that are still to be erased at a terminal."""
    column = withdrawal_task.c
    where = (column.done_at.is_(None), column.terminal_id == terminal_id, column.terminal_user == terminal_user)
    return [_task(row) for row in uow.fetch_all(_TASKS.where(*where))]


def task_by_id(uow: UnitOfWork, task_id: int) -> Task | None:
    row = uow.fetch_one(_TASKS.where(withdrawal_task.c.id == task_id))
    return None if row is None else _task(row)


def end_task(uow: UnitOfWork, task_id: int, by: str, now: datetime) -> None:
    uow.execute(update(withdrawal_task).where(withdrawal_task.c.id == task_id).values(done_at=now, done_by=by))


_TASKS = (
    select(withdrawal_task, consent.c.person_id)
    .select_from(withdrawal_task.join(consent, consent.c.id == withdrawal_task.c.consent_id))
    .order_by(withdrawal_task.c.id)
)


def _task(row: Row[Any]) -> Task:
    told = {name: getattr(row, name) for name in Task.__dataclass_fields__}
    return Task(**told | {"kind": TaskKind(row.kind)})


# Keep times and erasing


def months(uow: UnitOfWork) -> dict[Keep, int]:
    """Keep times that somebody set."""
    return {Keep(row.kind): row.months for row in uow.fetch_all(select(keep_time))}


def set_months(uow: UnitOfWork, wanted: Mapping[Keep, int]) -> None:
    upsert(uow, keep_time, [{"kind": kind.value, "months": count} for kind, count in wanted.items()], ("kind",))


def write_due(uow: UnitOfWork, kind: Keep, people: Mapping[int, date], now: datetime) -> None:
    """Let exactly these be listed for a kind."""
    uow.execute(delete(erasure_due).where(erasure_due.c.kind == kind.value))
    rows = [{"person_id": one, "kind": kind.value, "left_on": left, "listed_at": now} for one, left in people.items()]
    if rows:
        uow.execute(erasure_due.insert(), rows)


def due(uow: UnitOfWork, kind: Keep, within: Select[Any] | None) -> dict[int, date]:
    """Listed people to their last day, of those within, by id."""
    query = select(erasure_due.c.person_id, erasure_due.c.left_on).where(erasure_due.c.kind == kind.value)
    query = query if within is None else query.where(erasure_due.c.person_id.in_(within))
    return {row.person_id: row.left_on for row in uow.fetch_all(query.order_by(erasure_due.c.person_id))}


def take_due(uow: UnitOfWork, kind: Keep, person_id: int) -> date | None:
    """Somebody's last day by the list, of which they are taken; None for somebody who is not on it."""
    own = (erasure_due.c.kind == kind.value, erasure_due.c.person_id == person_id)
    found: date | None = uow.scalar(select(erasure_due.c.left_on).where(*own))
    uow.execute(delete(erasure_due).where(*own))
    return found


def add_hold(uow: UnitOfWork, person_id: int, reason: str, by: str, now: datetime) -> int:
    values = {"person_id": person_id, "reason": reason, "author": by, "at": now, "lifted_by": ""}
    return _key(uow.execute(erasure_hold.insert().values(**values)).inserted_primary_key)


def lift_hold(uow: UnitOfWork, hold_id: int, by: str, now: datetime) -> None:
    uow.execute(update(erasure_hold).where(erasure_hold.c.id == hold_id).values(lifted_at=now, lifted_by=by))


def holds(uow: UnitOfWork, within: Select[Any] | None) -> list[Hold]:
    """Those that are not lifted, of the people within."""
    held = erasure_hold.c
    query = select(held.id, held.person_id, held.reason, held.author, held.at).where(held.lifted_at.is_(None)).order_by(held.id)
    return [Hold(*tuple(row)) for row in uow.fetch_all(query if within is None else query.where(held.person_id.in_(within)))]


def is_held(uow: UnitOfWork, person_id: int) -> bool:
    held = erasure_hold.c
    return uow.fetch_one(select(held.id).where(held.person_id == person_id, held.lifted_at.is_(None)).limit(1)) is not None


def add_order(uow: UnitOfWork, kind: Keep, people: Sequence[int], by: str, now: datetime) -> int:
    values = {"kind": kind.value, "people": list(people), "asked_by": by, "asked_at": now, "ended_by": "", "confirmed": False}
    return _key(uow.execute(erasure_order.insert().values(**values)).inserted_primary_key)


def end_order(uow: UnitOfWork, order_id: int, by: str, now: datetime, *, confirmed: bool) -> None:
    uow.execute(update(erasure_order).where(erasure_order.c.id == order_id).values(ended_at=now, ended_by=by, confirmed=confirmed))


def open_orders(uow: UnitOfWork) -> list[ErasureOrder]:
    """Those that wait for a second person."""
    order = erasure_order.c
    query = select(order.id, order.kind, order.people, order.asked_by, order.asked_at).where(order.ended_at.is_(None)).order_by(order.id)
    return [ErasureOrder(row.id, Keep(row.kind), tuple(row.people), row.asked_by, row.asked_at) for row in uow.fetch_all(query)]


def needs_second(uow: UnitOfWork) -> bool:
    """Whether another one than who asks must confirm."""
    return bool(uow.scalar(select(privacy_settings.c.second_person)))


def set_needs_second(uow: UnitOfWork, wanted: bool) -> None:
    upsert(uow, privacy_settings, [{"id": 1, "second_person": wanted}], ("id",))


def add_receipt(uow: UnitOfWork, values: Mapping[str, Any]) -> int:
    return _key(uow.execute(erasure_receipt.insert().values(**values)).inserted_primary_key)


def receipt_by_id(uow: UnitOfWork, receipt_id: int) -> Receipt | None:
    row = uow.fetch_one(select(erasure_receipt).where(erasure_receipt.c.id == receipt_id))
    return None if row is None else _receipt(row)


def receipts(uow: UnitOfWork, within: Select[Any] | None, limit: int) -> list[Receipt]:
    """The latest, of the people within."""
    query = select(erasure_receipt).order_by(erasure_receipt.c.id.desc()).limit(limit)
    query = query if within is None else query.where(erasure_receipt.c.person_id.in_(within))
    return [_receipt(row) for row in uow.fetch_all(query)]


# Exports


def add_export(uow: UnitOfWork, person_id: int, by: str, language: str, now: datetime) -> int:
    values = {"person_id": person_id, "asked_by": by, "language": language, "asked_at": now, "parts": 0}
    return _key(uow.execute(personal_export.insert().values(**values)).inserted_primary_key)


def export_by_id(uow: UnitOfWork, export_id: int) -> Export | None:
    row = uow.fetch_one(select(personal_export).where(personal_export.c.id == export_id))
    return None if row is None else Export(**row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name for a row as a mapping


def exports_of(uow: UnitOfWork, person_id: int, asked_by: str) -> list[Export]:
    """What somebody asked for about a person, the latest first."""
    export = personal_export.c
    query = select(personal_export).where(export.person_id == person_id, export.asked_by == asked_by).order_by(export.id.desc()).limit(10)
    return [Export(**row._mapping) for row in uow.fetch_all(query)]  # noqa: SLF001 - as above


def keep_export(uow: UnitOfWork, export_id: int, pieces: Sequence[bytes], now: datetime, until: datetime) -> None:
    """Seal a file away, piece by piece."""
    for number, piece in enumerate(pieces):
        sealed = uow.vault.seal_bytes(piece, _place(export_id, number, len(pieces)))
        uow.execute(personal_export_part.insert().values(export_id=export_id, number=number, sealed=sealed))
    made = {"made_at": now, "size": sum(map(len, pieces)), "parts": len(pieces), "until": until}
    uow.execute(update(personal_export).where(personal_export.c.id == export_id).values(**made))


def pieces_of(uow: UnitOfWork, wanted: Export) -> Iterator[bytes]:
    part = personal_export_part.c
    for number in range(wanted.parts):
        sealed = uow.scalar(select(part.sealed).where(part.export_id == wanted.id, part.number == number))
        yield uow.vault.open_bytes(bytes(sealed), _place(wanted.id, number, wanted.parts))


def drop_exports(uow: UnitOfWork, now: datetime) -> int:
    """Delete the content of what could be fetched long enough; that it was made stays."""
    old = select(personal_export.c.id).where(personal_export.c.until <= now, personal_export.c.parts > 0)
    uow.execute(delete(personal_export_part).where(personal_export_part.c.export_id.in_(old)))
    return uow.execute(update(personal_export).where(personal_export.c.id.in_(old)).values(parts=0)).rowcount


def counted(uow: UnitOfWork, kinds: Collection[Keep], within: Select[Any] | None) -> dict[Keep, int]:
    """How many people are listed for each kind."""
    query = select(erasure_due.c.kind, func.count().label("n")).group_by(erasure_due.c.kind)
    query = query if within is None else query.where(erasure_due.c.person_id.in_(within))
    found = {row.kind: row.n for row in uow.fetch_all(query)}
    return {kind: found.get(kind.value, 0) for kind in kinds}


def _place(export_id: int, number: int, parts: int) -> str:
    return f"personal-export/{export_id}/{number}/{parts}"


def _with_texts() -> Select[Any]:
    joined = consent.join(consent_text, consent_text.c.id == consent.c.text_id)
    return select(consent, consent_text.c.purpose, consent_text.c.version).select_from(joined).order_by(consent.c.id.desc())


def _consents(uow: UnitOfWork, query: Select[Any]) -> list[Consent]:
    names = Consent.__dataclass_fields__
    told = ({name: getattr(row, name) for name in names} for row in uow.fetch_all(query))
    return [Consent(**one | {"purpose": Purpose(one["purpose"]), "way": Way(one["way"])}) for one in told]


def _text(row: Row[Any]) -> ConsentText:
    return ConsentText(row.id, Purpose(row.purpose), row.version, TextTerms(**row.terms), row.author, row.published_at)


def _receipt(row: Row[Any]) -> Receipt:
    told = {name: getattr(row, name) for name in Receipt.__dataclass_fields__}
    return Receipt(**told | {"kind": Keep(row.kind), "digest": bytes(row.digest)})
