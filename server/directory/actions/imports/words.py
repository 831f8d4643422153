"""What people may write for a department or a site: its code, its name where only one has it, and for a department its path."""

from collections.abc import Iterable
from typing import TypeVar

from server.directory.model import Department
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


def _path(one: Department, by_id: dict[int, Department]) -> str:
    names: list[str] = []
    at: Department | None = one
    while at is not None and len(names) <= len(by_id):
        names.insert(0, at.name)
        at = by_id.get(at.parent_id) if at.parent_id is not None else None
    return "/".join(names)
