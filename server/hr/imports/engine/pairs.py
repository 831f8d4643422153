"""New people of a sheet beside those who may be the same. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from server.hr.imports.model import Pair

MOST_WEAK = 200
"""Equal sounds in a large company are no news: beyond so many they are left out."""
SAME_ID, SAME_MOBILE, SAME_BIRTH = "the same ID number", "the same mobile number", "the same name and birth date"
SAME_NAME, SAME_SOUND = "the same name", "a name of the same sound"


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody to be compared with. row: where they stand in the file, 0 for who is here."""

    number: str
    name: str
    sound: str
    birth_date: str = ""
    id_number: str = ""
    mobile: str = ""
    row: int = 0


@dataclass(slots=True)
class _Found:
    reasons: list[str] = field(default_factory=list)
    strong: bool = False


def pairs_of(
    new: Sequence[Known], there: Sequence[Known], by_fact: Mapping[tuple[str, str], Iterable[str]], most_weak: int = MOST_WEAK
) -> tuple[Pair, ...]:
    """Each new person with whoever may be the same, the surest first.

    by_fact: employee numbers of those who are here by ("id_number" or "mobile", text). Somebody of the file is compared with rows above.
    """
    listed = {one.number: one for one in there}
    by_sound: dict[str, list[Known]] = defaultdict(list)
    for one in there:
        by_sound[one.sound].append(one)
    in_file: dict[tuple[str, str], Known] = {}
    pairs: list[Pair] = []
    for one in new:
        found: dict[str, _Found] = defaultdict(_Found)
        for field_name, reason in (("id_number", SAME_ID), ("mobile", SAME_MOBILE)):
            text = getattr(one, field_name)
            for number in by_fact.get((field_name, text), ()) if text else ():
                _note(found[number], reason, strong=True)
        for other in by_sound.get(one.sound, ()):
            if one.name == other.name and one.birth_date and one.birth_date == other.birth_date:
                _note(found[other.number], SAME_BIRTH, strong=True)
            elif not (one.birth_date and other.birth_date):
                _note(found[other.number], SAME_NAME if one.name == other.name else SAME_SOUND, strong=False)
        pairs += [_pair(one, listed[number], each) for number, each in found.items() if number in listed and number != one.number]
        pairs += _within_the_file(one, in_file)
    weak = [one for one in pairs if not one.strong][:most_weak]
    return (*(one for one in pairs if one.strong), *weak)


def _within_the_file(one: Known, in_file: dict[tuple[str, str], Known]) -> Iterable[Pair]:
    keys = {SAME_ID: one.id_number, SAME_BIRTH: f"{one.name} {one.birth_date}" if one.birth_date else ""}
    found: dict[int, tuple[Known, list[str]]] = {}
    for reason, text in keys.items():
        other = in_file.get((reason, text)) if text else None
        if other is not None:
            found.setdefault(other.row, (other, []))[1].append(reason)
        elif text:
            in_file[reason, text] = one
    for other, reasons in found.values():
        yield _pair(one, other, _Found(reasons, strong=True))


def _note(found: _Found, reason: str, *, strong: bool) -> None:
    found.reasons.append(reason)
    found.strong = found.strong or strong


def _pair(one: Known, other: Known, found: _Found) -> Pair:
    return Pair(one.row, one.number, one.name, other.number, other.name, other.row, tuple(found.reasons), found.strong)
