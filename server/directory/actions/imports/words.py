"""What people may write for a department or a site: its code, its name where only one has it, and for a department its path."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from server.directory.model import Department, EmploymentKind, HoursSystem, PayGroup, Position
from server.fleet.model import Site

Key = TypeVar("Key")


def several_names(names: Iterable[tuple[str, Key]]) -> dict[str, Key | None]:
    """Keys by name; None where several have the name."""
    found: dict[str, Key | None] = {}
    for name, key in names:
        found[name] = None if name in found else key
    return found


def department_words(departments: Iterable[Department]) -> dict[str, int | None]:
    """Ids by code, by name, and by path such as 总部/研发部; None where a word means several."""
    by_id = {one.id: one for one in departments}
    paths = several_names((_path(one, by_id), key) for key, one in by_id.items())
    names = several_names((one.name, key) for key, one in by_id.items())
    return paths | names | {one.code: key for key, one in by_id.items()}


def site_words(sites: Iterable[Site]) -> dict[str, int | None]:
    """Ids by code and by name; None where a name means several."""
    listed = list(sites)
    return several_names((one.name, one.id) for one in listed) | {one.code: one.id for one in listed}


def listed_words(listed: Sequence[Position] | Sequence[PayGroup]) -> dict[str, int | None]:
    """Ids of positions or pay groups by code and by name; None where a name means several."""
    return several_names((one.name, one.id) for one in listed) | {one.code: one.id for one in listed}


KINDS = {
    EmploymentKind.REGULAR: ("regular", "full-time", "全日制", "正式", "正式工", "正式员工"),
    EmploymentKind.PART_TIME: ("part-time", "part time", "非全日制", "兼职", "小时工"),
    EmploymentKind.DISPATCHED: ("dispatched", "劳务派遣", "派遣", "派遣工"),
    EmploymentKind.INTERN: ("intern", "实习", "实习生"),
    EmploymentKind.PENSIONER: ("pensioner", "re-hired pensioner", "退休返聘", "返聘"),
    EmploymentKind.LABOUR_SERVICE: ("labour-service", "labour service", "劳务", "劳务用工", "劳务协议"),
}
HOURS_SYSTEMS = {
    HoursSystem.STANDARD: ("standard", "标准", "标准工时", "标准工时制"),
    HoursSystem.COMPREHENSIVE: ("comprehensive", "综合", "综合工时", "综合工时制", "综合计算工时", "综合计算工时制"),
    HoursSystem.IRREGULAR: ("irregular", "不定时", "不定时工时", "不定时工时制", "不定时工作制"),
}
"""What people write for a kind of employment and an hours system; the first word is ours."""


def _path(one: Department, by_id: dict[int, Department]) -> str:
    names: list[str] = []
    at: Department | None = one
    while at is not None and len(names) <= len(by_id):
        names.insert(0, at.name)
        at = by_id.get(at.parent_id) if at.parent_id is not None else None
    return "/".join(names)
