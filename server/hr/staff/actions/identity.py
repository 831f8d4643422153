"""Personal facts: changed, looked at, and people found by them. No trail has a fact in the clear."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from server.audit.actions import record, record_look
from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.model import Person
from server.errors import InvalidInputError
from server.hr.staff import store
from server.hr.staff.engine.identity import merged, written
from server.hr.staff.engine.masking import in_trail, masked
from server.hr.staff.engine.retirement import Retirement, retirement_of
from server.hr.staff.model import FOUND_BY, BirthAndSex, Fact, Facts, RetirementCategory, Sex
from server.storage import UnitOfWork

LEAST_DIGITS = 7
"""Of a mobile number; what has fewer is none."""
SOMEBODY_ELSES = "another record has this ID number already: find it by the number, and hire that person again instead"


@dataclass(frozen=True, slots=True)
class FactsOfMany:
    """By person: what was before and is after, masked; and why somebody's facts were refused."""

    changed: Mapping[int, tuple[Mapping[str, str], Mapping[str, str]]]
    refused: Mapping[int, InvalidInputError]


def change_facts(
    uow: UnitOfWork, person_id: int, changes: Mapping[Fact, str], by: Actor, now: datetime, *, reason: str = ""
) -> tuple[Fact, ...]:
    """Change what is known of somebody; "" takes a fact away. Returns which facts are others now.

    Raises NotFoundError; InvalidInputError for what cannot be, what contradicts, or an ID number that is somebody else's.
    """
    who = known_person(uow, person_id)
    held = store.facts_of(uow, [person_id])[person_id]
    new = merged(held, changes, directory.today_of(uow, now))
    changed = tuple(fact for fact in Fact if held.get(fact) != new.get(fact))
    if not changed:
        return ()
    if Fact.ID_NUMBER in changed and Fact.ID_NUMBER in new:
        _check_nobody_elses(uow, person_id, new[Fact.ID_NUMBER])
    store.write_facts(uow, {person_id: new}, {person_id: worked_out(new)}, now)
    before, after = ({fact.value: in_trail(fact, facts[fact]) for fact in changed if fact in facts} for facts in (held, new))
    record(uow, by, "identity.change", "person", who.employee_number, at=now, before=before, after=after, reason=reason, people=(who.id,))
    return changed


def change_facts_of_many(uow: UnitOfWork, wanted: Mapping[int, Mapping[Fact, str]], by: Actor, now: datetime) -> FactsOfMany:
    """As `change_facts` for each of these people, with one row of the trail for all; a person whose facts are refused keeps theirs."""
    today = directory.today_of(uow, now)
    held = store.facts_of(uow, list(wanted))
    new, refused = {}, {}
    for person_id, changes in wanted.items():
        try:
            facts = merged(held[person_id], changes, today)
        except InvalidInputError as error:
            refused[person_id] = error
            continue
        if facts != held[person_id]:
            new[person_id] = facts
    for person_id in _with_a_number_of_others(uow, held, new):
        refused[person_id] = InvalidInputError(field="id_number", reason=SOMEBODY_ELSES)
        del new[person_id]
    store.write_facts(uow, new, {person_id: worked_out(facts) for person_id, facts in new.items()}, now)
    changed = {person_id: _masked_change(held[person_id], facts) for person_id, facts in new.items()}
    if changed:
        numbers = {one.id: number for number, one in directory.people_by_number(uow).items()}
        told = [{numbers[person_id]: change[place] for person_id, change in changed.items()} for place in (0, 1)]
        record(uow, by, "identity.change", "import", "people", at=now, before=told[0], after=told[1], people=changed)
    return FactsOfMany(changed, refused)


def check_facts(uow: UnitOfWork, changes: Mapping[Fact, str], now: datetime) -> None:
    """Whether this could be known of somebody of whom nothing is known yet; raises InvalidInputError."""
    merged({}, changes, directory.today_of(uow, now))


def masked_facts(uow: UnitOfWork, person_id: int, wanted: Collection[Fact] = tuple(Fact)) -> dict[Fact, str]:
    """What is known of somebody, as it may stand on a page."""
    return {fact: masked(fact, text) for fact, text in store.facts_of(uow, [person_id], wanted)[person_id].items()}


def own_facts(uow: UnitOfWork, person_id: int) -> dict[Fact, str]:
    """What is known of somebody, in full: for the person alone."""
    return store.facts_of(uow, [person_id])[person_id]


def look_at_facts(uow: UnitOfWork, person_id: int, wanted: Collection[Fact], by: Actor, now: datetime) -> dict[Fact, str]:
    """Facts in full, for whoever has the permission for them; the look is on the trail."""
    who = known_person(uow, person_id)
    found = store.facts_of(uow, [person_id], wanted)[person_id]
    if found:
        record_look(uow, by, ", ".join(sorted(found)), who.employee_number, who.id, now)
    return found


def find_by_fact(uow: UnitOfWork, fact: Fact, text: str, by: Actor, now: datetime) -> list[int]:
    """Whose ID number, mobile, mail address or account is exactly this. That was asked is on the trail, with whom it found."""
    if fact not in FOUND_BY or not text.strip():
        raise InvalidInputError(field="text", reason="give the whole ID number, mobile number, mail address or account number")
    found = sorted(people_with_fact(uow, fact, [text]).get(text, ()))
    numbers = [known_person(uow, one).employee_number for one in found]
    record(uow, by, "identity.find", "people", fact.value, at=now, after={"found": numbers}, people=found)
    return found


def mail_addresses(uow: UnitOfWork, person_ids: Collection[int]) -> dict[int, str]:
    """Where letters to these people go, of those whose address is known. For the program that sends them."""
    found = store.facts_of(uow, person_ids, (Fact.MAIL,))
    return {person_id: facts[Fact.MAIL] for person_id, facts in found.items() if Fact.MAIL in facts}


def people_with_fact(uow: UnitOfWork, fact: Fact, texts: Iterable[str]) -> dict[str, set[int]]:
    """People by the texts as they were given; a text that cannot be such a fact finds nobody. For programs that look for duplicates."""
    forms: dict[str, str] = {}
    for text in texts:
        try:
            forms[text] = written(fact, text)
        except InvalidInputError:
            continue
    found = store.people_with(uow, fact.value, {form for form in forms.values() if form})
    return {text: found[form] for text, form in forms.items() if form in found}


def person_with_mobile(uow: UnitOfWork, text: str) -> int | None:
    """Whose mobile number this is, as people type it to sign in; None for nobody's, and for one that several people have."""
    if sum(sign.isdecimal() for sign in text) < LEAST_DIGITS:
        return None
    return _only_person_with(uow, Fact.MOBILE, text)


def person_with_mail(uow: UnitOfWork, text: str) -> int | None:
    """Whose mail address this is, as people type it to sign in; None for nobody's, and for one that several people have."""
    return _only_person_with(uow, Fact.MAIL, text) if "@" in text else None


def index_facts(uow: UnitOfWork, _now: datetime) -> int:
    """Let people be found by facts that were stored before people were found by such; returns how many there were."""
    return store.index_facts(uow)


def birth_and_sex(uow: UnitOfWork, person_ids: Collection[int]) -> dict[int, BirthAndSex]:
    """What leave and retirement go by, for each of these people."""
    wanted = (Fact.BIRTH_DATE, Fact.SEX, Fact.RETIREMENT_CATEGORY)
    return {person_id: _birth_and_sex(facts) for person_id, facts in store.facts_of(uow, person_ids, wanted).items()}


def retirement_on(one: BirthAndSex) -> Retirement | None:
    """When somebody retires by law; None where birth date or category is not known."""
    return retirement_of(one.birth_date, one.category) if one.birth_date and one.category else None


def worked_out(facts: Facts) -> dict[str, str]:
    """What lists find people by: the birthday, and the month of retirement."""
    one = _birth_and_sex(facts)
    found = {}
    if one.birth_date:
        found[store.BIRTHDAY] = one.birth_date.strftime("%m-%d")
    if retirement := retirement_on(one):
        found[store.RETIRES] = retirement.retires_on.strftime("%Y-%m")
    return found


def known_person(uow: UnitOfWork, person_id: int) -> Person:
    """Raises NotFoundError."""
    return directory.see_person(uow, person_id)[0].person


def _only_person_with(uow: UnitOfWork, fact: Fact, text: str) -> int | None:
    found = people_with_fact(uow, fact, [text]).get(text, set())
    return next(iter(found)) if len(found) == 1 else None


def _birth_and_sex(facts: Facts) -> BirthAndSex:
    born, sex, category = facts.get(Fact.BIRTH_DATE), facts.get(Fact.SEX), facts.get(Fact.RETIREMENT_CATEGORY)
    return BirthAndSex(
        date.fromisoformat(born) if born else None,
        Sex(sex) if sex else None,
        RetirementCategory(category) if category else None,
    )


def _check_nobody_elses(uow: UnitOfWork, person_id: int, number: str) -> None:
    if store.people_with(uow, Fact.ID_NUMBER.value, [number]).get(number, set()) - {person_id}:
        raise InvalidInputError(field="id_number", reason=SOMEBODY_ELSES)


def _with_a_number_of_others(uow: UnitOfWork, held: Mapping[int, Facts], new: Mapping[int, Facts]) -> list[int]:
    """Whose new ID number is somebody else's, here or among the same changes."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for person_id, facts in new.items():
        if Fact.ID_NUMBER in facts and facts[Fact.ID_NUMBER] != held[person_id].get(Fact.ID_NUMBER):
            numbers[facts[Fact.ID_NUMBER]].append(person_id)
    there = store.people_with(uow, Fact.ID_NUMBER.value, numbers)
    taken = {number for number, people in numbers.items() if len(people) > 1 or there.get(number, set()) - set(people)}
    return [person_id for number in taken for person_id in numbers[number]]


def _masked_change(before: Facts, after: Facts) -> tuple[dict[str, str], dict[str, str]]:
    changed = [fact for fact in Fact if before.get(fact) != after.get(fact)]
    return (
        {fact.value: masked(fact, before[fact]) for fact in changed if fact in before},
        {fact.value: masked(fact, after[fact]) for fact in changed if fact in after},
    )
