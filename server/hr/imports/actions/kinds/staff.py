"""The sheet of staff: people with their terms (the directory's), and what is known of them as citizens (the staff records')."""

from collections.abc import Mapping
from datetime import datetime

from server.access.model import Permission
from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.actions.imports import PERSON_COLUMNS, Column, SheetRow, Work, import_people, read_day
from server.directory.model import ImportChange, ImportFinding, ImportReport
from server.errors import InvalidInputError
from server.hr.imports.actions.kinds.kind import Kind
from server.hr.imports.engine.sheets import Lines, only_columns, to_csv
from server.hr.staff import actions as staff
from server.hr.staff.model import Fact, IdKind, RetirementCategory, Sex
from server.storage import UnitOfWork

FACT_COLUMNS = (
    Column("id_kind", ("kind of ID", "证件类型", "证件种类")),
    Column("id_number", ("ID number", "身份证号", "证件号码", "身份证号码", "身份证", "证件号")),
    Column("birth_date", ("birth date", "出生日期", "生日")),
    Column("sex", ("sex", "性别")),
    Column("retirement_category", ("retirement category", "退休类别", "法定退休类别")),
    Column("mobile", ("mobile", "手机号", "手机", "手机号码", "联系电话", "电话")),
    Column("mail", ("mail", "邮箱", "电子邮箱", "email", "e-mail"), most=254),
    Column("address", ("address", "住址", "家庭住址", "地址"), most=300),
    Column("bank", ("bank", "开户行", "银行", "开户银行"), most=100),
    Column("bank_holder", ("account holder", "户名", "账户名"), most=100),
    Column("bank_account", ("bank account", "银行账号", "银行卡号", "工资卡号")),
)
COLUMNS = (*PERSON_COLUMNS, *FACT_COLUMNS)
ID_KINDS = {
    IdKind.RESIDENT: ("resident", "身份证", "居民身份证"),
    IdKind.RESIDENCE_PERMIT: ("residence-permit", "港澳台居民居住证", "居住证"),
    IdKind.HOME_RETURN: ("home-return", "港澳居民来往内地通行证", "回乡证"),
    IdKind.TAIWAN_PASS: ("taiwan-pass", "台湾居民来往大陆通行证", "台胞证"),
    IdKind.PASSPORT: ("passport", "护照"),
    IdKind.PERMANENT_RESIDENT: ("permanent-resident", "外国人永久居留身份证", "永居证"),
}
SEXES = {Sex.MALE: ("male", "男", "m"), Sex.FEMALE: ("female", "女", "f")}
CATEGORIES = {
    RetirementCategory.MALE_60: ("male", "男职工", "男60", "男"),
    RetirementCategory.FEMALE_55: ("female55", "女干部", "女55"),
    RetirementCategory.FEMALE_50: ("female50", "女工人", "女50"),
}
WORDS: Mapping[Fact, Mapping[str, str]] = {
    fact: {word.casefold(): meant.value for meant, words in table.items() for word in words}
    for fact, table in ((Fact.ID_KIND, ID_KINDS), (Fact.SEX, SEXES), (Fact.RETIREMENT_CATEGORY, CATEGORIES))
}
PAY = {"bank": Permission.CHANGE_PAY, "bank_holder": Permission.CHANGE_PAY, "bank_account": Permission.CHANGE_PAY}
RECORD = {column.name: Permission.CHANGE_STAFF for column in FACT_COLUMNS}


def take_staff(uow: UnitOfWork, lines: Lines, by: Actor, now: datetime) -> ImportReport:
    """People first, then their facts, which need somebody to belong to."""
    work = Work(to_csv(lines), COLUMNS)
    rows = [row for row in work.lines() if row.get("employee_number")]
    changes = {row.number: found for row in rows if (found := facts_in(work, row))}
    report = import_people(uow, to_csv(only_columns(lines, PERSON_COLUMNS)), by, now)
    if report.findings or work.findings:
        for row in rows:
            if row.number in changes:
                _check(uow, work, row, changes[row.number], now)
        findings = _each_once((*report.findings, *work.findings))
        return ImportReport(report.new, report.changed, report.unchanged, findings)
    known = directory.people_by_number(uow)
    ids = {row.number: known[row.cells["employee_number"]].id for row in rows}
    done = staff.change_facts_of_many(uow, {ids[number]: facts for number, facts in changes.items()}, by, now)
    for row in rows:
        if error := done.refused.get(ids[row.number]):
            _refuse(work, row, changes[row.number], error)
    if work.findings:
        return ImportReport(report.new, report.changed, report.unchanged, tuple(work.findings))
    return _together(report, rows, {number: done.changed[ids[number]] for number in changes if ids[number] in done.changed})


def _check(uow: UnitOfWork, work: Work, row: SheetRow, facts: Mapping[Fact, str], now: datetime) -> None:
    """Find what is wrong with facts also where the rest of the file is wrong, so that one look tells everything."""
    try:
        staff.check_facts(uow, facts, now)
    except InvalidInputError as error:
        _refuse(work, row, facts, error)


def _refuse(work: Work, row: SheetRow, said: Mapping[Fact, str], error: InvalidInputError) -> None:
    facts = dict(error.facts)
    column = str(facts.pop("field", "id_number"))
    named = column if work.has(column) else str(next(iter(said)))
    work.find(row, named, str(facts.pop("reason", error.message)), "look at the document again, or empty this cell", **facts)


def facts_in(work: Work, row: SheetRow) -> dict[Fact, str]:
    """What a row says; an empty cell says nothing."""
    found: dict[Fact, str] = {}
    for column in FACT_COLUMNS:
        word = row.get(column.name)
        if not word:
            continue
        fact = Fact(column.name)
        if fact in WORDS:
            meant = WORDS[fact].get(word.casefold())
            if meant is None:
                listed = ", ".join(WORDS[fact])
                work.find(row, fact, "{cell} is none of those that there are", "write one of: {words}", cell=word, words=listed)
            found[fact] = meant or ""
        elif fact is Fact.BIRTH_DATE:
            day = read_day(word)
            if day is None:
                work.find(row, fact, "{cell} is no date", "write it as 2026-11-23", cell=word)
            found[fact] = day.isoformat() if day else ""
        else:
            found[fact] = word
    return found


def _together(report: ImportReport, rows: list[SheetRow], facts: Mapping[int, tuple[Mapping[str, str], Mapping[str, str]]]) -> ImportReport:
    """One change for a row, of its terms and its facts; facts are masked."""
    changes = {one.row: one for one in report.changes}
    for row in rows:
        if row.number in facts:
            before, after = facts[row.number]
            held = changes.get(row.number)
            number = row.cells["employee_number"]
            if held is None:
                changes[row.number] = ImportChange(row.number, number, dict(before), dict(after))
            else:
                kept = None if held.before is None else {**held.before, **before}
                changes[row.number] = ImportChange(row.number, number, kept, {**held.after, **after})
    listed = tuple(changes[number] for number in sorted(changes))
    new = sum(one.before is None for one in listed)
    return ImportReport(new, len(listed) - new, len(rows) - len(listed), (), listed, report.stored, report.entry)


def _each_once(findings: tuple[ImportFinding, ...]) -> tuple[ImportFinding, ...]:
    """Both readings of the sheet find what is wrong with the sheet itself."""
    seen: dict[tuple[int, str, str], ImportFinding] = {}
    for one in findings:
        seen.setdefault((one.row, one.column, one.problem), one)
    return tuple(sorted(seen.values(), key=lambda one: one.row))


KIND = Kind(
    "people",
    "Staff",
    ("Staff", "员工", "人员", "花名册", "员工花名册", "People", "人员信息", "员工信息"),
    COLUMNS,
    take_staff,
    {
        "en": (
            ("0001", "Wang Wei", "HR", "hq", "yes", "1001", "2026-01-01", "2024-03-01", "", "", "regular", "irregular", "", "", "",
             "", "", "1991-01-01", "male", "", "13800138000", "", "", "", "", ""),
            ("0002", "Li Na", "HR", "hq", "", "1002", "", "2026-01-01", "", "0001", "regular", "", "", "", "",
             "", "", "", "female", "", "", "li.na@example.com", "", "", "", ""),
        ),
        "zh": (
            ("0001", "王伟", "HR", "hq", "是", "1001", "2026-01-01", "2024-03-01", "", "", "全日制", "不定时", "", "", "",
             "", "", "1991-01-01", "男", "", "13800138000", "", "", "", "", ""),
            ("0002", "李娜", "HR", "hq", "", "1002", "", "2026-01-01", "", "0001", "全日制", "", "", "", "",
             "", "", "", "女", "", "", "li.na@example.com", "", "", "", ""),
        ),
    },
    days=frozenset({"valid_from", "hire_date", "leaving_date", "change_date", "birth_date"}),
    column_needs=RECORD | PAY,
    tables=("person", "employment", "employment_event", "enrolment", "personal_fact"),
    beside=("employment_span", "provisioning"),
)  # fmt: skip
