"""A workbook of new people that somebody handed in with the mistakes that people make: its findings are there to be mended."""

import io
from datetime import datetime

from server.access.model import Role, permissions_of
from server.audit.model import Actor
from server.hr.imports import actions as imports
from server.storage import UnitOfWork

NAME = "新员工名单.xlsx"
PEOPLE = (
    ("工号", "姓名", "部门", "站点", "岗位", "入职日期", "手机号", "身份证号", "上级工号"),
    ("CB1201", "钟一凡", "研发部", "上海总部", "RND-2", "2026-12-01", "19900001201", "", "CB1045"),
    ("CB1202", "方晓琳", "研发部", "上海总部", "RND-2", "2026/12/1", "19900001202", "", "CB1045"),
    ("CB1203", "康佳豪", "生产三部", "苏州工厂", "PROD-3", "2026-12-01", "19900001203", "", "CB1082"),
    ("CB1204", "石海峰", "生产一部", "苏州工厂", "PROD-3", "2026-13-01", "19900001204", "", "CB1083"),
    ("CB1205", "龙小雨", "生产一部", "苏州工厂", "PROD-3", "2026-12-07", "1990000", "", "CB1083"),
    ("CB1206", "段文静", "质检部", "苏州工厂", "QA-2", "2026-12-07", "19900001206", "320000199503071234", "CB1164"),
    ("CB1207", "", "仓储部", "苏州工厂", "WH-2", "2026-12-07", "19900001207", "", "CB1178"),
    ("CB1204", "汤国强", "仓储部", "苏州工厂", "WH-2", "2026-12-07", "19900001208", "", "CB1178"),
    ("CB1209", "邱丽华", "财务部", "上海总部", "FIN-2", "2026-12-07", "19900001209", "", "CB9999"),
)
"""An unknown department and manager, a month and a mobile number that are none, a wrong check digit, no name, a number given twice."""


def hand_in_a_workbook(uow: UnitOfWork, by: Actor, now: datetime) -> None:
    """A runner looks at it as soon as the server runs."""
    imports.receive(uow, NAME, _workbook(), "", frozenset(permissions_of(frozenset({Role.HR}))), by, now)


def _workbook() -> bytes:
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("员工")
        for number, row in enumerate(PEOPLE):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()
