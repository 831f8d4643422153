"""The three kinds of file, in the order in which a company brings them in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from server.audit.model import Actor
from server.directory.actions import import_departments, import_people, import_sites
from server.directory.actions.imports import DEPARTMENT_COLUMNS, PERSON_COLUMNS, SITE_COLUMNS
from server.directory.engine import Column
from server.directory.model import ImportReport
from server.errors import InvalidInputError
from server.storage import UnitOfWork


class Import(Protocol):
    """What the three imports have in common."""

    def __call__(self, uow: UnitOfWork, data: bytes, by: Actor, now: datetime, *, dry_run: bool = False) -> ImportReport: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file. title: its English word and key of the translation. sample: rows by language, without the heading."""

    name: str
    title: str
    work: Import
    columns: Sequence[Column]
    sample: Mapping[str, Sequence[Sequence[str]]]

    def heading(self, language: str) -> list[str]:
        """The columns' headings in a language."""
        return [column.headings[1 if language == "zh" else 0] for column in self.columns]


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "sites",
            "Sites",
            import_sites,
            SITE_COLUMNS,
            {
                "en": (("hq", "Shanghai head office", "Asia/Shanghai"), ("plant", "Suzhou plant", "Asia/Shanghai")),
                "zh": (("hq", "上海总部", "Asia/Shanghai"), ("plant", "苏州工厂", "Asia/Shanghai")),
            },
        ),
        Kind(
            "departments",
            "Departments",
            import_departments,
            DEPARTMENT_COLUMNS,
            {
                "en": (("HR", "Human resources", ""), ("HR1", "Hiring", "HR"), ("PROD", "Production", "")),
                "zh": (("HR", "人力资源部", ""), ("HR1", "招聘组", "HR"), ("PROD", "生产部", "")),
            },
        ),
        Kind(
            "people",
            "People",
            import_people,
            PERSON_COLUMNS,
            {
                "en": (
                    ("0001", "Wang Wei", "HR", "hq", "yes", "1001", "2026-01-01", "2024-03-01", "", "", "regular", "irregular", "", "", ""),
                    (
                        "0002",
                        "Li Na",
                        "Human resources/Hiring",
                        "hq",
                        "yes",
                        "1002",
                        "",
                        "2026-01-01",
                        "",
                        "0001",
                        "intern",
                        "",
                        "",
                        "",
                        "",
                    ),
                    ("0003", "Zhang Min", "PROD", "plant", "no", "", "", "2020-05-06", "", "", "", "", "", "2025-12-31", ""),
                ),
                "zh": (
                    ("0001", "王伟", "HR", "hq", "是", "1001", "2026-01-01", "2024-03-01", "", "", "全日制", "不定时", "", "", ""),
                    ("0002", "李娜", "人力资源部/招聘组", "hq", "是", "1002", "", "2026-01-01", "", "0001", "实习", "", "", "", ""),
                    ("0003", "张敏", "PROD", "plant", "否", "", "", "2020-05-06", "", "", "", "", "", "2025-12-31", ""),
                ),
            },
        ),
    )
}


def kind_of(name: str) -> Kind:
    """Raises InvalidInputError for a kind that there is not."""
    if name not in KINDS:
        raise InvalidInputError(field="kind", reason="use sites, departments or people")
    return KINDS[name]
