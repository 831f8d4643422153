"""Who is told of alarms, and when: the rules by themselves, the watch over a database, and its pages."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from protocol.messages import Health
from server.access.actions import create_account, link_account
from server.access.model import Role
from server.audit import actions as audit
from server.audit.model import TrailFilter
from server.directory.actions import person_with_number
from server.errors import InvalidInputError
from server.fleet.actions import record_cut, record_health
from server.ingest import pages
from server.ingest.watch import actions as watch, store
from server.ingest.watch.actions import Office
from server.ingest.watch.engine import fits, is_quiet, next_step, receivers_of
from server.ingest.watch.model import Episode, Passes, Quiet, Receiver, ReceiverKind, Rule, RuleTerms, Step, Told
from server.notify import actions as notify
from server.web.language import translator
from tests.support.company import TESTER
from tests.support.pages import browse, said
from tests.support.sending import SendingEdge

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
"""Wednesday, 10:00 in Shanghai."""
IT = Receiver(ReceiverKind.ROLE, "it")
BOSS = Receiver(ReceiverKind.MAIL, "boss@example.com")
TERMS = RuleTerms("值班", frozenset(), frozenset(), False, (IT,), 5, 0, 0, (), None, Passes.URGENT, True)
EPISODE = Episode(
    1, "edge-cut:/edges/hq:", "edge-cut", "wrong", False, "hq", "/edges/hq", 1, "t", "a", {}, AT, AT, None, None, "", ""
)  # fmt: skip
OFFICE = Office("测试公司", translator("en"), ZONE, "https://clock.example.com")


def step(terms=TERMS, episode=EPISODE, *told, after=6, muted=()):
    history = [Told(1, 1, one, AT + timedelta(minutes=minutes)) for one, minutes in told]
    return next_step(Rule(1, terms, True), episode, history, ZONE, AT + timedelta(minutes=after), muted)


class TestWhen:
    def test_what_heals_within_the_time_of_waiting_is_told_to_nobody(self):
        over = replace(EPISODE, ended_at=AT + timedelta(minutes=3))

        assert (step(after=4), step(after=5), step(TERMS, over, after=9)) == (None, Step.BEGAN, None)

    def test_it_is_told_once_then_its_end(self):
        over = replace(EPISODE, ended_at=AT + timedelta(minutes=50))

        assert step(TERMS, EPISODE, (Step.BEGAN, 5), after=300) is None
        assert step(TERMS, over, (Step.BEGAN, 5), after=51) is Step.OVER
        assert step(TERMS, over, (Step.BEGAN, 5), (Step.OVER, 51), after=52) is None
        assert step(replace(TERMS, tells_end=False), over, (Step.BEGAN, 5), after=51) is None

    def test_it_is_repeated_and_escalated_until_somebody_takes_it_on(self):
        terms = replace(TERMS, repeat_minutes=30, escalate_minutes=60, escalation=(BOSS,))
        taken = replace(EPISODE, taken_at=AT, taken_by="it")

        assert step(terms, EPISODE, (Step.BEGAN, 5), after=35) is Step.LASTS
        assert step(terms, EPISODE, (Step.BEGAN, 5), (Step.LASTS, 35), after=65) is Step.ESCALATED
        assert step(terms, EPISODE, (Step.BEGAN, 5), (Step.ESCALATED, 65), after=95) is Step.LASTS
        assert step(terms, taken, (Step.BEGAN, 5), after=95) is None

    def test_those_of_the_escalation_hear_of_it_from_then_on_each_once(self):
        terms = replace(TERMS, escalation=(BOSS, IT))

        assert receivers_of(terms, Step.BEGAN, ()) == (IT,)
        assert receivers_of(terms, Step.ESCALATED, ()) == receivers_of(terms, Step.OVER, [Told(1, 1, Step.ESCALATED, AT)]) == (IT, BOSS)

    def test_a_muted_one_is_told_when_the_mute_is_over(self):
        assert (step(muted={EPISODE.key}), step()) == (None, Step.BEGAN)

    @pytest.mark.parametrize(
        ("terms", "is_told"),
        [
            ({"kinds": frozenset({"edge-cut"})}, True),
            ({"kinds": frozenset({"rows-wait"})}, False),
            ({"sites": frozenset({1, 2})}, True),
            ({"sites": frozenset({2})}, False),
            ({"only_wrong": True}, True),
        ],
    )
    def test_a_rule_is_about_what_it_names(self, terms, is_told):
        assert fits(replace(TERMS, **terms), EPISODE) is is_told


class TestQuietHours:
    NIGHT = Quiet(time(22), time(7), weekends=True)

    @pytest.mark.parametrize(
        ("local", "quiet"),
        [
            ((2026, 11, 25, 21, 59), False),
            ((2026, 11, 25, 22, 0), True),
            ((2026, 11, 26, 6, 59), True),
            ((2026, 11, 26, 7, 0), False),
            ((2026, 11, 28, 12, 0), True),
        ],
    )
    def test_they_go_over_midnight_and_weekends_on_the_clock_of_the_site(self, local, quiet):
        assert is_quiet(self.NIGHT, datetime(*local, tzinfo=ZONE)) is quiet

    @pytest.mark.parametrize(
        ("passes", "changes", "told"),
        [
            (Passes.URGENT, {}, False),
            (Passes.URGENT, {"urgent": True}, True),
            (Passes.WRONG, {}, True),
            (Passes.WRONG, {"severity": "attention"}, False),
            (Passes.NOTHING, {"urgent": True}, False),
        ],
    )
    def test_what_must_not_wait_passes(self, passes, changes, told):
        terms = replace(TERMS, quiet=Quiet(time(9), time(12), weekends=False), passes=passes)

        assert (step(terms, replace(EPISODE, **changes)) is not None) is told

    def test_what_lasts_beyond_them_is_told_when_they_end(self):
        terms = replace(TERMS, quiet=Quiet(time(9), time(12), weekends=False))

        assert (step(terms, after=119), step(terms, after=120)) == (None, Step.BEGAN)


@pytest.fixture
def company(database, founded):
    """An edge that lives, and a person of IT with an account; its line is cut by `cut`."""
    with database.writing() as uow:
        person = person_with_number(uow, "A1")
        create_account(uow, "it", "it", "x", frozenset({Role.IT}), TESTER, datetime.now(UTC))
        link_account(uow, "it", person, TESTER, datetime.now(UTC))
    SendingEdge(database, now=datetime.now(UTC)).tell_health()
    return founded


def cut(database, company, at=None):
    with database.writing() as uow:
        record_cut(uow, company.edge, at or datetime.now(UTC))


def rule_of(database, *receivers, **changes):
    with database.writing() as uow:
        terms = replace(TERMS, wait_minutes=0, only_wrong=True, receivers=receivers, **changes)
        return watch.put_rule(uow, None, terms, TESTER, datetime.now(UTC))


def look(database, minutes=0, office=OFFICE):
    with database.writing() as uow:
        return watch.watch(uow, office, datetime.now(UTC) + timedelta(minutes=minutes))


def cut_key(database):
    with database.reading() as uow:
        return next(one.key for one in store.open_episodes(uow) if one.kind == "edge-cut")


class TestWatch:
    def test_a_cut_is_told_in_the_app_and_by_mail_once_and_its_end_too(self, database, company):
        rule = rule_of(database, IT, BOSS)
        cut(database, company)

        assert (look(database), look(database, 1)) == (1, 0)
        with database.writing() as uow:
            later = datetime.now(UTC) + timedelta(seconds=30)
            record_health(uow, company.edge, Health(edge="edge-hq", at=later, version="1", queue_depth=0), later)
        assert look(database, 2) == 1
        with database.reading() as uow:
            notices = notify.notices_of(uow, company.people["A1"])
            sent = notify.sendings(uow, [f"rule-{rule}"])
            past = watch.history_of(uow, kind="edge-cut")

        assert [(one.kind, one.address) for one in notices] == [("alarm", "/edges/edge-hq")] * 2
        assert [(one.way, one.receiver, one.due_at is not None) for one in sent] == [("mail", "bo…@example.com", True)] * 2
        assert [step for step, _, _ in past[0].told] == [Step.BEGAN, Step.OVER]
        assert past[0].episode.ended_at is not None

    def test_called_twice_for_a_moment_it_is_done_once(self, database, company):
        rule_of(database, IT)
        cut(database, company)
        at = datetime.now(UTC)

        with database.writing() as uow:
            assert (watch.watch(uow, OFFICE, at), watch.watch(uow, OFFICE, at)) == (1, 0)

    def test_one_that_is_off_tells_nobody_and_one_that_was_removed_is_not_listed(self, database, company):
        rule = rule_of(database, IT)
        cut(database, company)
        with database.writing() as uow:
            watch.switch_rule(uow, rule, is_on=False, by=TESTER, now=datetime.now(UTC))
        assert look(database) == 0
        with database.writing() as uow:
            watch.remove_rule(uow, rule, TESTER, datetime.now(UTC))
            assert watch.list_rules(uow) == []

    def test_the_trail_has_no_whole_mail_address(self, database, company):
        rule_of(database, IT, BOSS)

        with database.reading() as uow:
            (row,) = audit.search(uow, TrailFilter(action="alarm-rule.add"), None, below=None, limit=9, see_pay=False).rows
        assert row.after["receivers"] == [{"role": "it"}, {"mail": "bo…@example.com"}]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"receivers": ()}, "receivers"),
            ({"receivers": (Receiver(ReceiverKind.MAIL, "no address"),)}, "receivers"),
            ({"receivers": (Receiver(ReceiverKind.WEBHOOK, "9"),)}, "receivers"),
            ({"name": ""}, "name"),
            ({"kinds": frozenset({"no such"})}, "alarms"),
            ({"repeat_minutes": 99_999}, "minutes"),
            ({"escalate_minutes": 5}, "escalation"),
            ({"quiet": Quiet(time(22), None, weekends=False)}, "quiet hours"),
            ({"quiet": Quiet(time(22), time(22), weekends=False)}, "quiet hours"),
            ({"quiet": Quiet(time(22, tzinfo=UTC), time(7, tzinfo=UTC), weekends=False)}, "quiet hours"),
        ],
    )
    def test_a_rule_that_cannot_be_is_refused_by_the_field_and_nothing_is_kept(self, database, company, changes, field):
        with pytest.raises(InvalidInputError) as refused, database.writing() as uow:
            watch.put_rule(uow, None, replace(TERMS, **changes), TESTER, AT)

        assert refused.value.facts["field"] == field
        with database.reading() as uow:
            assert watch.list_rules(uow) == []


class TestPages:
    @pytest.fixture
    def it(self, database, company):
        return browse(database, (pages.router,), Role.IT)

    def test_somebody_takes_an_alarm_on_and_it_needs_nobody_else(self, database, company, it):
        cut(database, company)
        look(database)
        key = cut_key(database)

        assert it.post("/alarms/take-on", {"key": key, "note": "电话已打"}).status_code == 303

        page = said(it.get("/alarms").text)
        assert "Taken on by tester" in page
        assert "电话已打" in page
        assert "edge-hq" not in said(it.get("/alarms?state=open").text).split("<ul")[-1]
        assert 'class="cb-count ' not in said(it.get("/fleet?needs=1&edge=edge-hq").text)
        assert "电话已打" in it.get("/alarms/history").text

    def test_somebody_mutes_one_with_a_reason_and_ends_that(self, database, company, it):
        cut(database, company)
        look(database)
        key = cut_key(database)

        assert it.post("/alarms/mute", {"key": key, "hours": "24", "reason": ""}).status_code == 422
        assert it.post("/alarms/mute", {"key": key, "hours": "24", "reason": "光纤施工"}).status_code == 303
        rule_of(database, IT, kinds=frozenset({"edge-cut"}))
        assert look(database, 1) == 0
        assert "光纤施工" in it.get("/alarms?state=taken").text
        assert it.post("/alarms/unmute", {"key": key}).status_code == 303
        assert look(database, 2) == 1

    def test_a_rule_is_made_shown_changed_and_tried(self, database, company, it):
        form = {
            "name": "夜班", "role": ["it"], "mails": "a@example.com\nb@example.com", "wait": "5", "repeat": "60", "quiet_from": "22:00",
            "quiet_until": "07:00", "passes": "urgent", "tells_end": "1", "kind": ["edge-cut", "rows-lost"], "site": [str(company.site)],
            "escalate": "30", "second_accounts": "it",
        }  # fmt: skip
        assert it.post("/alarms/rules/new", form).headers["location"] == "/alarms/rules?done=stored"

        listed, filled = it.get("/alarms/rules").text, it.get("/alarms/rules/1").text
        assert ("夜班" in listed, "22:00–07:00" in listed, "a@example.com" in listed, "again every 60 minutes" in listed) == (True,) * 4
        assert filled.count(" checked") == 5
        assert "b@example.com" in filled
        assert it.post("/alarms/rules/1/test").status_code == 303
        assert it.get("/alarms/rules?done=tested").text.count("is tried<") == 2

    def test_a_wrong_rule_comes_back_as_it_was_typed_with_the_mend(self, it):
        answer = it.post("/alarms/rules/new", {"name": "夜班", "mails": "nobody", "passes": "urgent"})

        assert answer.status_code == 422
        assert "nobody is no mail address" in answer.text
        assert ">nobody</textarea>" in answer.text

    def test_a_webhooks_secret_is_shown_once_and_an_address_inside_is_refused(self, database, it):
        made = it.post("/alarms/webhooks", {"name": "监控", "url": "https://hooks.example.com/x?key=k", "form": "signed"})
        with database.reading() as uow:
            secret = notify.list_webhooks(uow) and store_secret(uow)

        assert secret in made.text
        assert secret not in it.get("/alarms/webhooks").text
        inside = it.post("/alarms/webhooks", {"name": "内网", "url": "https://10.0.0.5/x", "form": "signed"})
        assert (inside.status_code, "lies inside your network" in inside.text) == (422, True)
        assert it.post("/alarms/webhooks/1/remove").status_code == 303

    def test_hr_sees_alarms_and_may_change_nothing(self, database, company):
        hr = browse(database, (pages.router,), Role.HR)
        cut(database, company)

        assert "Take on" not in said(hr.get("/alarms").text)
        assert hr.get("/alarms/rules").status_code == 403


def store_secret(uow):
    from server.notify.store import outgoing

    return outgoing.secret_of(uow, 1)
