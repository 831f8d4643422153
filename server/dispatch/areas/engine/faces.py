"""How many people of a legal entity may have a face stored. Terminals tell how many they hold; whose, only where faces are carried."""

from collections.abc import Mapping

from server.dispatch.areas.model import FaceCount

Entity = int | None


def face_counts(known: Mapping[Entity, int], others: Mapping[Entity, int], unnamed: int) -> dict[Entity, FaceCount]:
    """known: people with a face. others: people besides who are on a terminal with faces of nobody known. unnamed: how many such faces."""
    found = {key: (known.get(key, 0), min(others.get(key, 0), unnamed)) for key in known.keys() | others.keys()}
    return {key: FaceCount(count, count + more) for key, (count, more) in found.items()}
