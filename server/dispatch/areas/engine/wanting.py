"""What terminals should hold of somebody. One function: what it was before, and in which order things happened, changes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from protocol.wanted import Biometrics, Kind
from server.dispatch.areas.engine.belonging import Below, terminals_of
from server.dispatch.areas.model import Area, Consent, Held, Point, Want, Who

BIOMETRICS: Mapping[Consent, Biometrics] = {
    Consent.NEVER: Biometrics.LEAVE,
    Consent.HOLDS: Biometrics.CARRY,
    Consent.ENDED: Biometrics.ERASE,
}


def wants(who: Who, areas: Sequence[Area], points: Mapping[int, Point], below: Below) -> dict[tuple[int, str], Want]:
    """(terminal, user number) to what should be there; a terminal in whose zone somebody has no number is left out.

    Where somebody has more than one number in a zone, the one that began last counts: two users with one card would be one too many.
    """
    found: dict[tuple[int, str], Want] = {}
    for key, said in terminals_of(who, areas, _days(points), below).items():
        held = _number_on(who, points[key])
        if held is not None:
            found[key, held.user] = _want(who, held, points[key], said)
    return found


def numbers_missing(who: Who, areas: Sequence[Area], points: Mapping[int, Point], below: Below) -> frozenset[int]:
    """Zones in which somebody needs a number and has none today, and will have none by what is entered already."""
    needed = {points[key].zone_id: points[key].day for key in terminals_of(who, areas, _days(points), below)}
    return frozenset(zone for zone, day in needed.items() if not any(one.zone_id == zone and one.last >= day for one in who.held))


def _want(who: Who, held: Held, point: Point, areas: Sequence[Area]) -> Want:
    faces = who.consent is Consent.HOLDS and any(one.carries_faces for one in areas)
    carried = sorted(
        (one.kind, one.place, one.mark)
        for one in who.templates
        if who.consent is Consent.HOLDS and one.algorithm and one.algorithm == _algorithm(point, one.kind, faces=faces)
    )
    return Want(
        person_id=who.person_id,
        name=who.name,
        card=held.card,
        privilege=who.right.privilege,
        password_version=who.right.password_version,
        group=who.right.group or _first(one.group for one in areas),
        verify=who.right.verify or _first(one.verify for one in areas),
        biometrics=BIOMETRICS[who.consent],
        templates=tuple(mark for *_, mark in carried),
        faces=faces,
    )


def _algorithm(point: Point, kind: Kind, *, faces: bool) -> str:
    """Of the templates of a kind that a terminal takes; "" for none."""
    match kind:
        case Kind.FINGER:
            return point.finger_algorithm
        case Kind.FACE:
            return point.face_algorithm if faces else ""
        case Kind.PALM | Kind.OTHER:
            return ""


def _number_on(who: Who, point: Point) -> Held | None:
    there = [one for one in who.held if one.zone_id == point.zone_id and one.first <= point.day <= one.last]
    return max(there, key=lambda one: (one.first, one.user), default=None)


def _days(points: Mapping[int, Point]) -> dict[int, date]:
    return {key: point.day for key, point in points.items()}


def _first(words: Iterable[str]) -> str:
    """The first that says something."""
    return next((one for one in words if one), "")
