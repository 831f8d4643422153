"""Legal entities with many stored faces. They are counted above, where it is known who stands on which terminal, and noted here."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select

from server.fleet.model import ManyFaces
from server.fleet.tables import legal_entity, many_faces
from server.storage import UnitOfWork


def many_faces_of(uow: UnitOfWork) -> list[ManyFaces]:
    """As they were counted last, by the name of the legal entity."""
    joined = many_faces.outerjoin(legal_entity, legal_entity.c.id == many_faces.c.legal_entity_id)
    query = select(many_faces.c.legal_entity_id, legal_entity.c.name, many_faces.c.people, many_faces.c.since).select_from(joined)
    found = [ManyFaces(row.legal_entity_id, row.name or "", row.people, row.since) for row in uow.fetch_all(query)]
    return sorted(found, key=lambda one: one.name)


def note_many_faces(uow: UnitOfWork, counted: Mapping[int | None, int], now: datetime) -> None:
    """These and no others have many; since when stays known for as long as it lasts."""
    before = {one.legal_entity_id: one for one in many_faces_of(uow)}
    if {key: one.people for key, one in before.items()} == dict(counted):
        return
    uow.execute(delete(many_faces))
    rows = [
        {"legal_entity_id": key, "people": people, "since": before[key].since if key in before else now} for key, people in counted.items()
    ]
    if rows:
        uow.execute(insert(many_faces), rows)
