"""The sheet of enrolments: who is which terminal user in which group of terminals, from when to when."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from server.audit.model import Actor
from server.directory import actions as directory
from server.directory.actions.imports import Column, SheetRow, Work
from server.directory.model import ImportReport, TemplateKind
from server.fleet import actions as fleet
from server.hr.imports.actions.kinds.kind import Kind
from server.hr.imports.actions.kinds.rows import Rows
from server.hr.imports.engine.sheets import Lines
from server.storage import UnitOfWork

KNOWN_BY = (
    Column("card", ("card", "卡号", "考勤卡号")),
    Column("templates", ("templates", "生物特征", "已登记特征"), most=100),
)
KINDS = {
    TemplateKind.FINGER: ("finger", "指纹"),
    TemplateKind.FACE: ("face", "人脸", "面部"),
    TemplateKind.PALM: ("palm", "掌纹", "掌静脉"),
}
WORDS = {word: kind for kind, words in KINDS.items() for word in words}
COLUMNS = (
    Column("employee_number", ("employee number", "工号", "员工编号"), needed=True),
    Column("zone", ("group of terminals", "终端分组", "站点", "站点编码"), needed=True, most=100),
    Column("terminal_user", ("terminal user", "考勤号", "考勤机编号", "设备用户号"), needed=True),
    Column("valid_from", ("valid from", "生效日期", "开始日期"), needed=True),
    Column("valid_until", ("valid until", "失效日期", "结束日期")),
    *KNOWN_BY,
)


def take_enrolments(uow: UnitOfWork, lines: Lines, by: Actor, now: datetime) -> ImportReport:
    """Enrol people; what holds already stays as it is."""
    rows = Rows(uow, lines, COLUMNS)
    zones = zone_words(uow)
    for row, who in rows.people("zone", "terminal_user", "valid_from"):
        zone, first, last = rows.one_of(row, "zone", zones), rows.day(row, "valid_from"), rows.day(row, "valid_until")
        if zone is None or first is None or (row.get("valid_until") and last is None):
            continue
        user = row.cells["terminal_user"]
        card, templates = row.get("card") or "", kinds_in(rows.work, row)
        shown = {"zone": row.cells["zone"], "terminal_user": user, "valid_from": first, "valid_until": last}
        held = directory.enrolments_at(uow, zone, user)
        there = next((one for one in held if (one.person_id, one.valid_from, one.valid_until) == (who.id, first, last)), None)
        do: Callable[[], object]
        before: dict[str, object] | None
        if there is None:
            do = partial(
                directory.enrol, uow, who.id, zone, user, first, by, now, valid_until=last, reason="import", card=card, templates=templates
            )
            before, after = None, shown | _shown(card, templates)
        else:
            card, templates = card or there.card, there.templates if templates is None else templates
            do = partial(directory.note_known_by, uow, there.id, card, templates, by, now)
            before, after = _shown(there.card, there.templates), _shown(card, templates)
            if before == after:
                rows.work.note(row, who.employee_number, shown, {})
                continue
        if rows.attempt(row, "terminal_user", do):
            rows.work.note(row, who.employee_number, before, after)
    return rows.work.report()


def zone_words(uow: UnitOfWork) -> dict[str, int]:
    """Groups of terminals by what people call them: code, name, the name of their site."""
    zones = fleet.list_zones(uow)
    sites = {one.id: one for one in fleet.list_sites(uow)}
    words = {word: one.id for one in zones for word in (one.code.casefold(), one.name.casefold())}
    return words | {sites[one.site_id].name.casefold(): one.id for one in zones if one.site_id in sites}


def kinds_in(work: Work, row: SheetRow) -> tuple[TemplateKind, ...] | None:
    """The kinds of templates that a cell lists; None for an empty cell, and for an unknown word with a finding."""
    words = [word.casefold() for word in re.split(r"[,，、;；/\s]+", row.get("templates") or "") if word]
    if unknown := next((word for word in words if word not in WORDS), None):
        listed = ", ".join(WORDS)
        work.find(row, "templates", "{cell} is none of those that there are", "write one of: {words}", cell=unknown, words=listed)
        return None
    return tuple(sorted({WORDS[word] for word in words})) if words else None


def _shown(card: str, templates: Sequence[TemplateKind] | None) -> dict[str, object]:
    return {"card": card, "templates": ", ".join(sorted(templates or ()))}


KIND = Kind(
    "enrolments",
    "Enrolments",
    ("Enrolments", "登记", "考勤登记", "考勤号对照"),
    COLUMNS,
    take_enrolments,
    {
        "en": (("0001", "hq", "1001", "2026-01-01", "", "", ""), ("0002", "hq", "1002", "2026-01-01", "", "", "")),
        "zh": (("0001", "hq", "1001", "2026-01-01", "", "", ""), ("0002", "hq", "1002", "2026-01-01", "", "", "")),
    },
    days=frozenset({"valid_from", "valid_until"}),
    tables=("enrolment", "employment_event", "terminal_user"),
    beside=("person", "employment", "employment_span", "provisioning"),
)
