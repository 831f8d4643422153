"""Shifts and patterns that cannot be: each finding names the field and the mend."""

import ast
from datetime import date
from pathlib import Path

import pytest

import server.roster.engine
from server.roster.actions import UnusableError
from server.roster.actions.refusals import FIELDS, require
from server.roster.engine.checking import check_pattern, check_shift, overlapping_parts
from server.roster.engine.times import minutes_of, text_of
from server.roster.model import Anchor, HolidayChoice, LateLeave, PatternTerms, RequiredPunches, ShiftBreak, ShiftPart, ShiftTerms
from server.web.language import chinese, translator

NINE, SIX = 9 * 60, 18 * 60
LATE_LEAVE = LateLeave(after_minutes=240, later_minutes=60)
LUNCH = ShiftBreak(start=12 * 60, end=13 * 60)


def shift(*spans, breaks=(), **more):
    parts = tuple(ShiftPart(start=start, end=end, breaks=breaks) for start, end in spans or [(NINE, SIX)])
    return ShiftTerms(parts=parts, **more)


def fields(terms):
    return [one.field for one in check_shift(terms)]


@pytest.mark.parametrize(
    "terms",
    [
        shift(breaks=(LUNCH,)),
        shift((22 * 60, 30 * 60)),
        shift((9 * 60, 12 * 60), (14 * 60, 18 * 60), (19 * 60, 21 * 60)),
        shift(breaks=(ShiftBreak(minutes=30), ShiftBreak(start=15 * 60, end=15 * 60 + 15, paid=True))),
        shift(come_late_minutes=60, core=(10 * 60, 16 * 60)),
        shift(late_leave=(LateLeave(after_minutes=120, later_minutes=60), LateLeave(after_minutes=240, later_minutes=120))),
        shift(breaks=(ShiftBreak(start=12 * 60, end=13 * 60, punched=True),), required_punches=RequiredPunches.WITH_BREAKS),
        ShiftTerms(required_minutes=480, required_punches=RequiredPunches.ANY_ONE),
        shift((0, 1440)),
    ],
    ids=["office", "night", "three parts", "two breaks", "flexible", "late leave", "four punches", "hours only", "a whole day"],
)
def test_a_shift_that_people_work_has_no_findings(terms):
    assert check_shift(terms) == ()


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (shift((-60, SIX)), "parts.0.start"),
        (shift((NINE, 49 * 60)), "parts.0.end"),
        (shift((NINE, NINE)), "parts.0.end"),
        (shift((22 * 60, 6 * 60)), "parts.0.end"),
        (shift((8 * 60, 38 * 60)), "parts.0.end"),
        (shift((25 * 60, 33 * 60)), "parts.0.start"),
        (shift((8 * 60, 12 * 60), (11 * 60, 18 * 60)), "parts.1.start"),
        (shift((14 * 60, 18 * 60), (8 * 60, 12 * 60)), "parts"),
        (shift((8 * 60, 12 * 60), (20 * 60, 33 * 60)), "parts.1.end"),
        (shift(breaks=(ShiftBreak(start=8 * 60, end=10 * 60),)), "parts.0.breaks.0.start"),
        (shift(breaks=(ShiftBreak(start=12 * 60, end=13 * 60, minutes=60),)), "parts.0.breaks.0.minutes"),
        (shift(breaks=(ShiftBreak(start=12 * 60),)), "parts.0.breaks.0.end"),
        (shift(breaks=(ShiftBreak(),)), "parts.0.breaks.0.minutes"),
        (shift(breaks=(LUNCH, ShiftBreak(start=12 * 60 + 30, end=14 * 60))), "parts.0.breaks.1.start"),
        (shift(breaks=(ShiftBreak(minutes=600),)), "parts.0.breaks"),
        (shift(breaks=(ShiftBreak(minutes=30, punched=True),), required_punches=RequiredPunches.ANY_ONE), "parts.0.breaks.0.punched"),
        (shift(required_punches=RequiredPunches.WITH_BREAKS), "required_punches"),
        (shift(come_late_minutes=600), "come_late_minutes"),
        (shift(come_late_minutes=-5), "come_late_minutes"),
        (shift((8 * 60, 12 * 60), (14 * 60, 18 * 60), come_late_minutes=30), "come_late_minutes"),
        (shift(come_late_minutes=60, core=(NINE, 16 * 60)), "core"),
        (shift(core=(20 * 60, 21 * 60)), "core"),
        (shift(core=(15 * 60, 11 * 60)), "core"),
        (shift(required_minutes=480), "required_minutes"),
        (ShiftTerms(), "parts"),
        (ShiftTerms(required_minutes=30 * 60), "required_minutes"),
        (shift(late_leave=(LATE_LEAVE, LateLeave(after_minutes=120, later_minutes=30))), "late_leave.1.after_minutes"),
        (shift(*((hour * 60, hour * 60 + 60) for hour in range(5, 15, 2))), "parts"),
    ],
)  # fmt: skip
def test_a_shift_that_cannot_be_names_the_field(terms, field):
    assert field in fields(terms)


def test_windows_may_not_reach_over_the_gap_between_parts():
    first = ShiftPart(start=8 * 60, end=12 * 60, closes_after=90)
    second = ShiftPart(start=14 * 60, end=18 * 60, opens_before=60)

    assert fields(ShiftTerms(parts=(first, second))) == ["parts.0.closes_after"]
    assert fields(ShiftTerms(parts=(ShiftPart(start=8 * 60, end=12 * 60, opens_before=-1), second))) == ["parts.0.opens_before"]


def test_overlapping_parts_are_named_by_their_places_whatever_their_order():
    assert overlapping_parts(shift((8 * 60, 12 * 60), (14 * 60, 18 * 60))) == ()
    assert overlapping_parts(shift((13 * 60, 18 * 60), (8 * 60, 14 * 60))) == ((0, 1),)
    assert overlapping_parts(shift((8 * 60, 12 * 60), (12 * 60, 18 * 60))) == ()


def test_a_mend_after_midnight_is_told_in_the_words_of_the_form():
    with pytest.raises(UnusableError) as raised:
        require(check_shift(shift((22 * 60, 6 * 60))))

    assert str(raised.value) == "part 1, ends at: the end 06:00 is not after the start 22:00; write an end after midnight as 30:00."
    assert raised.value.told(translator("zh")) == "时段 1，结束时间：结束时间 06:00 不晚于开始时间 22:00；过零点的下班时间请写作 30:00。"


def test_every_finding_is_told_at_once():
    with pytest.raises(UnusableError) as raised:
        require(check_shift(shift(breaks=(ShiftBreak(start=8 * 60, end=10 * 60), ShiftBreak()))))

    assert [one.field for one in raised.value.findings] == ["parts.0.breaks.0.start", "parts.0.breaks.1.minutes"]
    assert "break 2" in str(raised.value)


def pattern(*days, **changes):
    values = {"anchor": Anchor.WEEK, "starts_on": date(2026, 11, 2), "holidays": HolidayChoice.OFF} | changes
    return PatternTerms(days=days, **values)


WEEK = (1, 1, 1, 1, 1, None, None)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (pattern(), "days"),
        (pattern(None, anchor=Anchor.ROTATION), "days"),
        (pattern(1, 1, None), "days"),
        (pattern(*WEEK, starts_on=date(2026, 11, 3)), "starts_on"),
        (pattern(1, 9, 1, 1, 1, None, None), "days.1"),
        (pattern(*WEEK, make_up_shift=9), "make_up_shift"),
        (pattern(*[1] * 400, anchor=Anchor.ROTATION), "days"),
    ],
)
def test_a_pattern_that_cannot_be_names_the_field(terms, field):
    assert field in [one.field for one in check_pattern(terms, [1, 2])]


def test_patterns_that_people_work_have_no_findings():
    assert check_pattern(pattern(*WEEK, 1, 1, 1, 1, 1, 1, None), [1]) == ()
    assert check_pattern(pattern(1, 1, 2, 2, None, anchor=Anchor.ROTATION, starts_on=date(2026, 11, 5)), [1, 2]) == ()


@pytest.mark.parametrize(
    ("text", "minutes"), [("09:00", 540), ("9:05", 545), ("26:00", 1560), ("48:00", 2880), (" 08：30 ", 510), ("00:00", 0)]
)
def test_times_are_read_as_people_write_them(text, minutes):
    assert minutes_of(text) == minutes
    assert minutes_of(text_of(minutes)) == minutes


@pytest.mark.parametrize("text", ["", "9", "9:60", "48:01", "99:00", "-1:00", "9:5", "nine", "09:00:00"])
def test_what_is_no_time_is_none(text):
    assert minutes_of(text) is None


def test_every_finding_and_field_has_its_chinese():
    folder = Path(server.roster.engine.__path__[0])
    texts = set(FIELDS.values())
    for name in ("checking.py", "holidays.py"):
        for node in ast.walk(ast.parse((folder / name).read_text(encoding="utf-8"))):
            texts |= (
                {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and _is_sentence(one.value)} if _told(node) else set()
            )

    assert len(texts) > 80
    assert texts - chinese().keys() == set()


def _told(node):
    """Findings themselves, and the words that are put together for one beside them."""
    if isinstance(node, ast.Call):
        return getattr(node.func, "id", "") == "Finding"
    return isinstance(node, ast.Assign) and any(
        getattr(name, "id", "") in {"mend", "problem"} for target in node.targets for name in ast.walk(target)
    )


def _is_sentence(value):
    return isinstance(value, str) and " " in value
