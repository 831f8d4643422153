"""Rule sets as people see them: as a form, in words, compared, and checked for contradictions."""

import re

import pytest
from hypothesis import given, strategies as st
from msgspec import convert, structs, to_builtins

from server.attendance.engine.rules.changes import compare_rules
from server.attendance.engine.rules.checks import by_path, check_rules
from server.attendance.engine.rules.fields import CHOICES, GROUPS, Field, Kind, Table, all_fields
from server.attendance.engine.rules.forms import form_of, rules_of_form
from server.attendance.engine.rules.ready_made import READY_MADE, localized
from server.attendance.engine.rules.words import describe_rules
from server.attendance.model.rules import (
    Allowance,
    BreakMode,
    BreakRule,
    Consequence,
    Counter,
    DayRules,
    LunchRule,
    OvertimeRule,
    OvertimeTier,
    OvertimeWindow,
    PeriodRules,
    Rounding,
    RoundingMode,
    Rules,
    SettledBy,
    Settlement,
    Tier,
    lawful_overtime,
)
from server.roster.model import DayKind
from server.web.language import LANGUAGES, chinese, translator

ENGLISH, CHINESE = translator("en"), translator("zh")
EVERYTHING = Rules(
    day=DayRules(
        duplicate_seconds=60,
        whole_seconds=True,
        count_before_start=False,
        count_after_end=False,
        day_boundary=300,
        new_shift_minutes=240,
        longest_shift_minutes=960,
        round_in=Rounding(mode=RoundingMode.UP, step_minutes=15, grace_minutes=5, near_roster=True, within_minutes=10),
        round_out=Rounding(mode=RoundingMode.DOWN, step_minutes=15, near=1080, within_minutes=10),
        round_break=Rounding(mode=RoundingMode.NEAREST, step_minutes=5),
        round_total=Rounding(mode=RoundingMode.DOWN, step_minutes=30, grace_minutes=5, near=480, within_minutes=15),
        breaks=BreakRule(
            mode=BreakMode.PAID, minutes=30, after_minutes=240, cap_to_taken=True, count=2, merge=True, each_shift=True, punched_counts=True
        ),
        lunch=LunchRule(opens_after_minutes=180, window_minutes=120, shortest_minutes=20, longest_minutes=90),
        grace_in_minutes=5,
        grace_out_minutes=2,
        late_tiers=(Tier(beyond_minutes=30, consequence=Consequence.SERIOUS), Tier(beyond_minutes=120, consequence=Consequence.ABSENT)),
        early_tiers=(Tier(beyond_minutes=30, consequence=Consequence.MISSING),),
        absent_below_minutes=120,
        half_day_below_minutes=240,
        holiday_work=False,
        day_off_breaks=True,
        overtime=lawful_overtime()
        | {
            DayKind.REST_DAY: OvertimeRule(
                rate=200,
                settlement=Settlement.BOTH,
                settled_by=SettledBy.TIME_OFF,
                minimum_minutes=60,
                step_minutes=30,
                after_end_minutes=15,
                before_start=False,
                most_minutes=480,
            )
        },
        overtime_tolerance_minutes=10,
        undertime_tolerance_minutes=10,
        daily_tiers=(OvertimeTier(after_minutes=480, rate=150), OvertimeTier(after_minutes=600, rate=200)),
        holiday_takes_all=True,
        overtime_windows=(OvertimeWindow(name="夜间", start=1320, end=1800), OvertimeWindow(name="排班外", outside_roster=True)),
        bank_after_minutes=480,
        night=(1320, 1800),
        allowances=(Allowance(code="1", name="夜班", start=1320, end=1800, weekdays=(0, 6), partial=False, shortest_minutes=60),),
        minimum_shift_minutes=180,
        close_after_minutes=60,
        longest_open_minutes=720,
        geofence_metres=200,
        irregular_holiday_pay=True,
    ),
    period=PeriodRules(
        weekly_tiers=(OvertimeTier(after_minutes=2400, rate=150),),
        week_starts_on=6,
        consecutive_from=6,
        counters=(Counter(kind="late", free=2, each=3, half_days=1, up_to_minutes=10), Counter(kind="early-leave", free=1)),
        corrections_allowed=3,
        overtime_limit_minutes=2160,
        overtime_day_limit_minutes=180,
    ),
)


def said(rules: Rules, tell=ENGLISH) -> list[str]:
    return [sentence for section in describe_rules(rules, tell) for sentence in section.sentences]


def wrong(**day) -> set[str]:
    """Paths of the problems of day rules that stop."""
    return {one.path for one in check_rules(Rules(day=DayRules(**day))) if one.stops}


def wrong_period(**period) -> set[str]:
    return {one.path for one in check_rules(Rules(period=PeriodRules(**period))) if one.stops}


class TestForms:
    @pytest.mark.parametrize("rules", [Rules(), EVERYTHING, *(one.rules for one in READY_MADE.values())])
    def test_what_a_form_shows_is_what_it_gives_back(self, rules):
        assert rules_of_form(form_of(rules)).rules == rules

    def test_every_field_of_the_rules_is_in_the_form(self):
        paths = {field.path.split(".")[1] for field in all_fields()}

        assert paths == {*DayRules.__struct_fields__, *PeriodRules.__struct_fields__}

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("day.grace_in_minutes", "five"),
            ("day.day_boundary", "5"),
            ("day.day_boundary", "24:61"),
            ("day.direction", "sideways"),
            ("day.overtime.workday.rate", "-150"),
            ("day.allowances.0.weekdays", "8"),
            ("day.allowances.0.name", "x" * 41),
            ("period.counters.0.kind", "laziness"),
            ("period.week_starts_on", "7"),
        ],
    )
    def test_what_cannot_be_a_value_is_named_and_nothing_is_made_of_it(self, path, text):
        filled = rules_of_form(form_of(EVERYTHING) | {path: text})

        assert filled.rules is None
        assert [problem.path for problem in filled.problems] == [path]
        assert all(problem.told(CHINESE) for problem in filled.problems)

    def test_half_a_night_is_named(self):
        filled = rules_of_form(form_of(Rules()) | {"day.night.0": "22:00"})

        assert [problem.path for problem in filled.problems] == ["day.night.1"]

    def test_a_row_that_is_emptied_is_gone_and_the_last_is_for_another(self):
        form = form_of(EVERYTHING) | {"day.late_tiers.0.beyond_minutes": "", "day.late_tiers.7.beyond_minutes": "200"}

        rules = rules_of_form(form | {"day.late_tiers.7.consequence": "absent"}).rules

        assert [tier.beyond_minutes for tier in rules.day.late_tiers] == [120, 200]

    @given(form=st.dictionaries(st.sampled_from(sorted(form_of(EVERYTHING))), st.text(max_size=8)))
    def test_any_form_gives_rules_or_says_why_not(self, form):
        filled = rules_of_form(form_of(EVERYTHING) | form)

        assert (filled.rules is None) == bool(filled.problems)


class TestChecks:
    @pytest.mark.parametrize("key", list(READY_MADE))
    def test_ready_made_sets_have_neither_a_fault_nor_a_doubt(self, key):
        assert check_rules(READY_MADE[key].rules) == ()

    def test_rules_that_are_all_off_contradict_nothing(self):
        assert check_rules(Rules()) == ()

    @pytest.mark.parametrize(
        ("day", "path"),
        [
            ({"absent_below_minutes": 300, "half_day_below_minutes": 240}, "day.absent_below_minutes"),
            ({"longest_shift_minutes": 200, "new_shift_minutes": 240}, "day.longest_shift_minutes"),
            ({"daily_tiers": (OvertimeTier(after_minutes=600, rate=150), OvertimeTier(after_minutes=480, rate=200))}, "day.daily_tiers"),
            ({"daily_tiers": (OvertimeTier(after_minutes=480, rate=200), OvertimeTier(after_minutes=600, rate=150))}, "day.daily_tiers"),
            ({"round_in": Rounding(mode=RoundingMode.UP, step_minutes=0)}, "day.round_in.step_minutes"),
            ({"round_total": Rounding(mode=RoundingMode.UP, step_minutes=1441)}, "day.round_total.step_minutes"),
            ({"round_out": Rounding(mode=RoundingMode.UP, step_minutes=5, near=480, near_roster=True)}, "day.round_out.near"),
            ({"night": (1320, 1320)}, "day.night.1"),
            ({"allowances": (Allowance(code="n", name="n", start=0, end=0),)}, "day.allowances.0.end"),
            ({"overtime_windows": (OvertimeWindow(name="n", start=60),)}, "day.overtime_windows.0.end"),
            ({"duplicate_seconds": 7200}, "day.duplicate_seconds"),
            ({"geofence_metres": 0}, "day.geofence_metres"),
            ({"day_boundary": 1440}, "day.day_boundary"),
            ({"longest_shift_minutes": 0}, "day.longest_shift_minutes"),
            ({"breaks": BreakRule(mode=BreakMode.DEDUCT)}, "day.breaks.minutes"),
            ({"breaks": BreakRule(mode=BreakMode.PAID, minutes=10, count=0)}, "day.breaks.count"),
            ({"lunch": LunchRule(shortest_minutes=40, longest_minutes=30)}, "day.lunch.longest_minutes"),
            ({"lunch": LunchRule(opens_after_minutes=40)}, "day.lunch.window_minutes"),
            ({"grace_in_minutes": 10, "late_tiers": (Tier(beyond_minutes=5, consequence=Consequence.SERIOUS),)}, "day.late_tiers"),
            ({"overtime_counts": False, "irregular_holiday_pay": True}, "day.overtime_counts"),
        ],
    )
    def test_a_day_that_contradicts_itself_is_named(self, day, path):
        assert path in wrong(**day)

    @pytest.mark.parametrize(
        "tiers", [((30, "absent"), (60, "serious")), ((60, "serious"), (30, "absent")), ((30, "serious"), (30, "absent"))]
    )
    def test_late_tiers_in_the_wrong_order_are_named(self, tiers):
        rows = tuple(Tier(beyond_minutes=beyond, consequence=Consequence(then)) for beyond, then in tiers)

        assert wrong(late_tiers=rows) == {"day.late_tiers"}

    @pytest.mark.parametrize("kind", [DayKind.WORKDAY, DayKind.STATUTORY_HOLIDAY])
    def test_time_off_for_other_than_rest_days_is_refused(self, kind):
        overtime = lawful_overtime()
        overtime[kind] = structs.replace(overtime[kind], settled_by=SettledBy.TIME_OFF)

        assert wrong(overtime=overtime) == {f"day.overtime.{kind}.settled_by"}

    def test_time_off_for_rest_days_is_a_choice(self):
        overtime = lawful_overtime() | {DayKind.REST_DAY: OvertimeRule(rate=200, settled_by=SettledBy.TIME_OFF)}

        assert check_rules(Rules(day=DayRules(overtime=overtime))) == ()

    def test_less_than_the_law_is_a_doubt_that_stops_nobody(self):
        overtime = lawful_overtime() | {DayKind.WORKDAY: OvertimeRule(rate=120)}

        (doubt,) = check_rules(Rules(day=DayRules(overtime=overtime)))

        assert (doubt.path, doubt.stops) == ("day.overtime.workday.rate", False)
        assert doubt.told(CHINESE) == "法律要求不低于 150 %（《劳动法》第四十四条）。"

    @pytest.mark.parametrize(
        ("period", "path"),
        [
            ({"overtime_limit_minutes": 100, "overtime_day_limit_minutes": 180}, "period.overtime_day_limit_minutes"),
            ({"counters": (Counter(kind="late", each=3),)}, "period.counters.0.half_days"),
            ({"counters": (Counter(kind="late", each=0, free=1),)}, "period.counters.0.each"),
            ({"counters": (Counter(kind="late"),)}, "period.counters.0.free"),
            ({"counters": (Counter(kind="late", free=1), Counter(kind="late", free=2))}, "period.counters.1.kind"),
            ({"consecutive_from": 8}, "period.consecutive_from"),
            ({"standard_minutes_a_day": 0}, "period.standard_minutes_a_day"),
            ({"weekly_tiers": (OvertimeTier(after_minutes=9, rate=150), OvertimeTier(after_minutes=9, rate=200))}, "period.weekly_tiers"),
        ],
    )
    def test_a_period_that_contradicts_itself_is_named(self, period, path):
        assert path in wrong_period(**period)

    def test_problems_stand_at_their_fields(self):
        found = by_path(check_rules(Rules(day=DayRules(night=(0, 0), geofence_metres=0))))

        assert set(found) == {"day.geofence_metres", "day.night.1"}


class TestWords:
    def test_an_office_reads_as_a_clerk_would_say_it(self):
        told = said(READY_MADE["office"].rules)

        assert "Coming up to 5 min after the start is not late; beyond that, lateness counts from the start." in told
        assert "More than 30 min late: counts as serious." in told
        assert "Overtime on a statutory holiday: what was approved and punched, the shorter of both, paid at 300 %." in told
        assert "More than 36 h of overtime in a period is a warning; it is paid all the same." in told

    def test_in_chinese_there_is_no_english(self):
        told = said(EVERYTHING, CHINESE) + [section.title for section in describe_rules(EVERYTHING, CHINESE)]

        assert [one for one in told if re.search("[A-Za-z]{2,}", one)] == []

    @pytest.mark.parametrize("field", [one for one in all_fields() if isinstance(one, Field)], ids=lambda one: one.path)
    def test_every_field_can_be_heard(self, field):
        """Another value gives other words, so nothing of a rule set goes unsaid."""
        form = form_of(EVERYTHING)
        other = rules_of_form(form | {field.path: another(field, form[field.path])} | heard_beside(field.path)).rules
        base = rules_of_form(form | heard_beside(field.path)).rules

        assert other != base
        assert said(other) != said(base)

    def test_every_column_can_be_heard(self):
        form = form_of(EVERYTHING)
        for table in (one for one in all_fields() if isinstance(one, Table)):
            key = "rest-day" if table.keyed else "0"
            for column in table.columns:
                path = f"{table.path}.{key}.{column.path}"
                assert said(rules_of_form(form | {path: another(column, form[path])}).rules) != said(EVERYTHING), path


class TestChanges:
    def test_the_same_rules_have_no_changes(self):
        assert compare_rules(EVERYTHING, EVERYTHING, ENGLISH) == []

    def test_a_change_names_the_field_and_both_values(self):
        before = READY_MADE["office"].rules
        after = structs.replace(before, day=structs.replace(before.day, grace_in_minutes=10, late_tiers=before.day.late_tiers[:1]))

        told = [(one.label, one.before, one.after) for one in compare_rules(before, after, ENGLISH)]

        assert told == [
            ("Grace coming in", "5 min", "10 min"),
            (
                "Lateness beyond a limit",
                "Beyond 30 min, Counts as serious; Beyond 3 h, Counts as half a day of absence",
                "Beyond 30 min, Counts as serious",
            ),
        ]

    @pytest.mark.parametrize("key", list(READY_MADE))
    def test_every_change_has_its_chinese(self, key):
        changes = compare_rules(EVERYTHING, READY_MADE[key].rules, CHINESE)
        rows = [text for one in changes for text in (one.label, one.before, one.after)]
        ours = [re.sub("Late shift|Night shift", "", one) for one in rows]  # names are the company's

        assert [one for one in ours if re.search("[A-Za-z]{3,}", one)] == []


class TestTexts:
    def test_every_text_of_the_form_has_its_chinese(self):
        texts = {group.title for group in GROUPS} | {word for words in CHOICES.values() for word in words.values()}
        for field in all_fields():
            texts |= {field.label, field.help}
            if isinstance(field, Table):
                texts |= {column.label for column in field.columns}
        for one in READY_MADE.values():
            texts |= {one.title, one.purpose, *(allowance.name for allowance in one.rules.day.allowances)}

        assert texts - {""} - chinese().keys() == set()

    def test_a_ready_made_set_is_kept_with_names_of_the_readers_language(self):
        names = [one.name for one in localized(READY_MADE["factory"].rules, CHINESE).day.allowances]

        assert names == ["中班", "夜班"]

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_problem_is_told_whole(self, language):
        wrong_rules = convert(to_builtins(EVERYTHING) | {"day": to_builtins(EVERYTHING.day) | {"longest_shift_minutes": 10}}, Rules)

        assert all("{" not in problem.told(translator(language)) for problem in check_rules(wrong_rules))


def another(field: Field, text: str) -> str:
    """Another value that the field can have."""
    match field.kind:
        case Kind.FLAG:
            return "" if text else "on"
        case Kind.CHOICE:
            values = [one.value for one in field.choices]
            return values[(values.index(text) + 1) % len(values)] if text else values[0]
        case Kind.TIME:
            return "03:33"
        case Kind.TEXT:
            return "其他"
        case Kind.WEEKDAYS:
            return "2"
        case Kind.WEEKDAY:
            return str((int(text) + 1) % 7)
    return str(int(text or 0) + 1)


def heard_beside(path: str) -> dict[str, str]:
    """What has to be so for a field to matter at all."""
    if path in {"day.breaks.each_shift", "day.breaks.punched_counts"}:
        return {"day.breaks.mode": "deduct"}
    if path == "day.round_in.near":
        return {"day.round_in.near_roster": ""}
    if path == "day.round_break.within_minutes":
        return {"day.round_break.near": "60"}
    return {}
