"""The sample company: 200 people with Chinese names, eleven departments, two sites. The same seed gives the same people."""

import random
from dataclasses import dataclass
from enum import Enum

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
GIVEN = (
    "伟 芳 娜 秀英 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀兰 霞 平 刚 桂英 建华 文 玉兰 辉 鑫 玲 俊杰 梓涵 浩然 欣怡 子轩 "
    "雨桐 宇航 思远 晓燕 志强 海燕 国庆 立新 春梅 雪 婷婷 佳琪 博文 一鸣 嘉怡 振华"
).split()
LEADERS = "朱铁军 沈若兰 罗海波 唐雅琴 冯立群 蒋文博 曾淑珍 贾宏伟 薛冬梅 叶知秋 林国栋".split()
"""Of each department, in their order; the last one leads the company."""


class Duty(Enum):
    """When a person works."""

    OFFICE = "office"
    THREE_SHIFTS = "three shifts"


@dataclass(frozen=True, slots=True)
class Department:
    code: str
    name: str
    site: str
    heads: int
    duty: Duty


@dataclass(frozen=True, slots=True)
class Person:
    """`user` is the person's number on every terminal of the site."""

    employee_number: str
    name: str
    department: Department
    user: str

    @property
    def site(self) -> str:
        return self.department.site


@dataclass(frozen=True, slots=True)
class Site:
    code: str
    name: str
    edge: str


SITES = (Site("hq", "上海总部", "edge-shanghai"), Site("plant", "苏州工厂", "edge-suzhou"))

DEPARTMENTS = (
    Department("HR", "人力资源部", "hq", 8, Duty.OFFICE),
    Department("FIN", "财务部", "hq", 10, Duty.OFFICE),
    Department("SALES", "销售部", "hq", 26, Duty.OFFICE),
    Department("RND", "研发部", "hq", 30, Duty.OFFICE),
    Department("ADM", "行政部", "hq", 7, Duty.OFFICE),
    Department("PROD1", "生产一部", "plant", 44, Duty.THREE_SHIFTS),
    Department("PROD2", "生产二部", "plant", 38, Duty.THREE_SHIFTS),
    Department("QA", "质检部", "plant", 14, Duty.THREE_SHIFTS),
    Department("WH", "仓储部", "plant", 14, Duty.OFFICE),
    Department("MAINT", "设备部", "plant", 8, Duty.THREE_SHIFTS),
    Department("GM", "总经理室", "hq", 1, Duty.OFFICE),
)


def hire(seed: int = 1) -> list[Person]:
    """The 200 people, in the order of their employee numbers; names are distinct."""
    chance = random.Random(seed)
    names = [surname + given for surname in SURNAMES for given in GIVEN]
    chance.shuffle(names)
    people: list[Person] = []
    for department, leader in zip(DEPARTMENTS, LEADERS, strict=True):
        for place in range(department.heads):
            number = 1001 + len(people)
            name = leader if place == 0 else names.pop()
            people.append(Person(f"CB{number}", name, department, str(number)))
    return people
