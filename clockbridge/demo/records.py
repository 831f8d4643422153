"""What the sample company's records hold: identities, contracts, documents, contacts, fields of its own, earlier work, consents.

Everything is invented, and looks it: ID numbers are of no county, mobile numbers begin with 199000, mail goes to nowhere, the bank is an
example. All of it is well-formed, so that whatever checks it can be tried.
"""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from stdnum import luhn
from stdnum.cn import ric

from clockbridge.demo.careers import DAY, ENDING, HEAD, NEAR_PENSION, PENSIONER, PROBATION_MONTHS, TERM_MONTHS, UNSIGNED, Career
from clockbridge.demo.company import Duty, Person
from clockbridge.demo.hiring import Staff
from server.audit.model import Actor
from server.directory import actions as directory
from server.hr.privacy import actions as privacy
from server.hr.privacy.model import Purpose, TextTerms, Way
from server.hr.staff import actions as staff
from server.hr.staff.engine.months import months_later
from server.hr.staff.model import ContractKind, ContractTerms, DocumentAccess, DocumentKind, Fact, FieldKind, RetirementCategory
from server.storage import UnitOfWork

NO_COUNTY = {"hq": "310000", "plant": "320000"}
"""A province alone: no ID number was ever given by one."""
LACKING = {"CB1044", "CB1074"}
"""Of whom neither ID number nor contact is known yet."""
CONTACTS = (("父亲", "父"), ("母亲", "母"), ("配偶", "偶"))
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
"""An empty document, which every reader opens."""
BIOMETRICS = TextTerms(
    why="在考勤机上以人脸或指纹确认本人",
    what="人脸或指纹的特征模板，仅存于考勤机",
    how_long="至离职或撤回同意之日，之后删除",
    who="公司人力资源部；不提供给第三方",
    otherwise="可改用工号加密码或刷卡，待遇不受影响",
)
CONSENTS = 60


def keep_records(uow: UnitOfWork, held: Staff, by: Actor, now: datetime, seed: int = 1) -> None:
    """Fill in everybody's record."""
    chance, today = random.Random(seed), directory.today_of(uow, now)
    facts = {
        key: _facts(one, held.careers[one.employee_number], today, chance)
        for key, one in held.people.items()
        if one.employee_number not in LACKING
    }
    refused = staff.change_facts_of_many(uow, facts, by, now).refused
    assert not refused, "the demo's own facts are well-formed"
    for key, one in held.people.items():
        for terms in _contract(one, held.careers[one.employee_number], today):
            staff.add_contract(uow, key, terms, by, now)
        if one.employee_number not in LACKING:
            relation, sign = chance.choice(CONTACTS)
            staff.add_contact(uow, key, f"{one.name[0]}先生" if sign == "父" else f"{one.name[0]}女士", relation, _mobile(one, 7), by, now)
    _own_fields(uow, held, by, now)
    _documents(uow, held, today, by, now)
    _consents(uow, held, by, now)


def _facts(one: Person, career: Career, today: date, chance: random.Random) -> dict[Fact, str]:
    age, male = chance.randrange(21, 46), chance.random() < 0.55
    born = career.first_hired_on.replace(day=1) - timedelta(days=age * 365 + chance.randrange(365))
    born = max(born, today - timedelta(days=57 * 365))
    if one.employee_number in {PENSIONER, NEAR_PENSION}:
        years = 62 if one.employee_number == PENSIONER else 60
        male, born = True, today - timedelta(days=years * 365 + 60)
    number = f"{NO_COUNTY[one.site]}{born:%Y%m%d}{int(one.user) % 100:02d}{chance.randrange(5) * 2 + male}"
    account = f"620000000000{one.user}"
    facts = {
        Fact.ID_NUMBER: number + ric.calc_check_digit(number + "0"),
        Fact.MOBILE: _mobile(one),
        Fact.MAIL: f"{one.employee_number.lower()}@yunqiao.example",
        Fact.ADDRESS: f"示例市示例路 {int(one.user) % 100 + 1} 号",
        Fact.BANK: "示例银行",
        Fact.BANK_HOLDER: one.name,
        Fact.BANK_ACCOUNT: account + luhn.calc_check_digit(account),
    }
    if not male:
        worker = one.department.duty is Duty.THREE_SHIFTS and career.position != HEAD
        facts[Fact.RETIREMENT_CATEGORY] = RetirementCategory.FEMALE_50 if worker else RetirementCategory.FEMALE_55
    return facts


def _mobile(one: Person, last: int = 0) -> str:
    """A number that nobody has."""
    return f"199000{last}{one.user}"


def _contract(one: Person, career: Career, today: date) -> Iterator[ContractTerms]:
    """The contract that holds: the first and second of three years each, then one without an end."""
    first = career.hired_on
    if one.employee_number in {PENSIONER, UNSIGNED}:
        return
    over = months_later(first, TERM_MONTHS)
    if today < over or one.employee_number in ENDING:
        tried = months_later(first, PROBATION_MONTHS) - DAY
        yield ContractTerms(ContractKind.FIXED, first, over - DAY, tried, signed_on=first)
    elif today < months_later(over, TERM_MONTHS):
        yield ContractTerms(ContractKind.FIXED, over, months_later(over, TERM_MONTHS) - DAY, signed_on=over, signing_order=2)
    else:
        third = months_later(over, TERM_MONTHS)
        yield ContractTerms(ContractKind.OPEN_ENDED, third, signed_on=third, signing_order=3)


def _own_fields(uow: UnitOfWork, held: Staff, by: Actor, now: datetime) -> None:
    size = staff.add_own_field(uow, "工服尺码", FieldKind.CHOICE, "S\nM\nL\nXL", needed=False, access=DocumentAccess.SELF, by=by, now=now)
    bus = staff.add_own_field(uow, "班车线路", FieldKind.TEXT, "", needed=False, access=DocumentAccess.SELF, by=by, now=now)
    for key, one in held.people.items():
        if one.site == "plant":
            filled = {size.id: "SMLX"[int(one.user) % 4].replace("X", "XL"), bus.id: f"{int(one.user) % 5 + 1} 号线"}
            staff.change_own_values(uow, key, filled, by, now)


def _documents(uow: UnitOfWork, held: Staff, today: date, by: Actor, now: datetime) -> None:
    for number, days in (("CB1092", 9), ("CB1098", 21), ("CB1165", -3), ("CB1171", 200), ("CB1193", 26)):
        expires = today + timedelta(days=days)
        staff.add_document(uow, held.keys[number], DocumentKind.HEALTH, "健康证.pdf", PDF, DocumentAccess.HR, by, now, expires_on=expires)
    for number, employer, years in (("CB1050", "示例软件公司", 6), ("CB1051", "示例电子厂", 11), ("CB1128", "示例机械厂", 4)):
        key, until = held.keys[number], held.careers[number].hired_on - timedelta(days=30)
        proof = staff.add_document(uow, key, DocumentKind.SERVICE_PROOF, "社保缴费证明.pdf", PDF, DocumentAccess.SELF, by, now)
        document = None if number == "CB1128" else proof.id
        staff.add_prior_service(uow, key, employer, until - timedelta(days=years * 365), until, document, by, now)


def _consents(uow: UnitOfWork, held: Staff, by: Actor, now: datetime) -> None:
    text = privacy.publish_text(uow, Purpose.BIOMETRICS, BIOMETRICS, by, now)
    asked = list(held.people)[:CONSENTS]
    given = [privacy.agree(uow, key, text.id, Way.PAPER, by, now) for key in asked]
    privacy.withdraw(uow, given[7].id, by, now)
