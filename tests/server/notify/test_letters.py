"""Letters go out through a real mail server on this machine: those due, one a day, again after a fault, and never for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller

from server.notify import actions as notify, store
from server.notify.engine import RETRY_DELAYS, next_try
from server.notify.jobs import Post
from server.notify.model import MailWish, NoticeKind
from server.settings import MailSettings, ServerSettings
from server.web.language import translator
from tests.support.jobs import do_all
from tests.support.world import free_port

BOOK = {1: "wang.wei@example.com", 2: "li.na@example.com"}


class Box:
    """What a mail server took; `refuses` answers instead of taking."""

    def __init__(self) -> None:
        self.letters, self.refuses = [], ""

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.refuses:
            return self.refuses
        self.letters.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        return "250 OK"


@contextmanager
def mail_server(box: Box) -> Iterator[int]:
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), ready_timeout=240)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def post(box) -> Iterator[Post]:
    with mail_server(box) as port:
        yield the_post(port)


def the_post(port: int, *waits, language: str = "zh") -> Post:
    settings = MailSettings(
        host="127.0.0.1", port=port, security="none", sender="打卡 <clock@example.com>", pages="https://clock.example.com"
    )
    return Post(settings, "测试公司", translator(language), lambda _uow, people: {one: BOOK[one] for one in people if one in BOOK}, waits)


def tell(database, people, ago=timedelta()):
    """On the real clock, as letters are sent: what waits for longer than a day is no news."""
    with database.writing() as uow:
        notify.notify(uow, people, NoticeKind.REQUEST, "Approval", datetime.now(UTC) - ago, address="/me/requests")


def deliver(database, post, at=None, name="letters"):
    (schedule,) = [one for one in post.schedules("Asia/Shanghai") if one.name == name]
    with database.writing() as uow:
        schedule.do(uow, at or datetime.now(UTC))
    do_all(database, post.kinds)


def due(database, at):
    with database.reading() as uow:
        return store.letters_due(uow, at, 10)


class TestEachNotice:
    def test_it_goes_to_whoever_has_an_address_once_and_with_its_place(self, database, post, box):
        tell(database, [1, 3])

        deliver(database, post)
        deliver(database, post, datetime.now(UTC) + timedelta(minutes=1))

        ((receivers, mail),) = box.letters
        assert receivers == ["wang.wei@example.com"]
        assert mail["Subject"] == "审批"
        assert "https://clock.example.com/me/requests" in mail.get_content()
        assert mail["Message-ID"] == "<notice-1@example.com>"
        assert mail["Auto-Submitted"] == "auto-generated"

    def test_whoever_wants_none_or_one_a_day_gets_no_single_ones(self, database, post, box):
        with database.writing() as uow:
            notify.wish(uow, 1, MailWish.NONE)
            notify.wish(uow, 2, MailWish.DIGEST)
        tell(database, [1, 2])

        deliver(database, post)

        assert box.letters == []

    def test_a_refused_letter_is_tried_again_later_and_given_up_in_the_end(self, database, post, box):
        tell(database, [1])
        box.refuses = "451 come again"
        deliver(database, post)
        (waiting,) = due(database, datetime.now(UTC) + timedelta(minutes=2))
        assert (waiting.attempts, due(database, datetime.now(UTC))) == (1, [])

        box.refuses = ""
        with database.writing() as uow:
            store.settle_letters(uow, {waiting.notice.id: datetime.now(UTC)})
        deliver(database, post, datetime.now(UTC) + timedelta(minutes=1))

        assert len(box.letters) == 1
        now = datetime.now(UTC)
        assert [next_try(tries, now) is None for tries in range(len(RETRY_DELAYS) + 1)] == [False] * len(RETRY_DELAYS) + [True]

    def test_without_a_mail_server_nothing_is_lost_and_old_news_is_dropped(self, database, box):
        with mail_server(box) as port:
            pass
        tell(database, [1, 2])
        tell(database, [1], ago=timedelta(days=2))

        deliver(database, the_post(port))

        assert sorted(one.notice.person_id for one in due(database, datetime.now(UTC) + timedelta(minutes=3))) == [1, 2]
        with database.reading() as uow:
            assert len(notify.notices_of(uow, 1)) == 2

    def test_a_line_break_in_a_text_makes_no_header(self, database, post, box):
        with database.writing() as uow:
            notify.notify(uow, [1], NoticeKind.REQUEST, "{name} asks", datetime.now(UTC), facts={"name": "Eve\r\nBcc: all@example.com"})

        deliver(database, post)

        ((receivers, mail),) = box.letters
        assert (receivers, mail["Bcc"]) == (["wang.wei@example.com"], None)


class TestOneADay:
    def test_it_says_what_waits_and_what_is_not_read_once_a_day(self, database, box):
        with database.writing() as uow:
            notify.wish(uow, 1, MailWish.DIGEST)
            notify.wish(uow, 2, MailWish.DIGEST)
        tell(database, [1])

        def waits(_uow, person, _now):
            return [("Request", {}, "/approvals")] if person == 1 else []

        with mail_server(box) as port:
            for at in ("2026-11-26T00:00Z", "2026-11-26T00:00Z", "2026-11-27T00:00Z"):
                deliver(database, the_post(port, waits), datetime.fromisoformat(at), "daily-letters")

        assert [receivers for receivers, _ in box.letters] == [["wang.wei@example.com"]] * 2
        _, mail = box.letters[0]
        assert mail["Subject"] == "测试公司：有 2 项事务等待您处理"
        assert "https://clock.example.com/approvals" in mail.get_content()
        with database.reading() as uow:
            assert store.wanting_digest(uow, date(2026, 11, 27)) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"host": "mail.example.com"}, "set sender"),
        ({"host": "mail.example.com", "sender": "a@example.com", "security": "none"}, "without encryption"),
        ({"pages": "clock.example.com"}, "begins with https"),
    ],
)
def test_settings_that_cannot_work_are_said(wrong, said):
    with pytest.raises(ValueError, match=said):
        MailSettings(**wrong)


def test_a_server_with_a_mail_server_sends_to_the_addresses_in_its_records(database, tmp_path, box):
    from server.hr.staff import actions as staff
    from server.hr.staff.model import Fact
    from server.wiring import build_post
    from tests.support.company import TESTER, found_company

    company = found_company(database)
    with database.writing() as uow:
        staff.change_facts(uow, company.people["A1"], {Fact.MAIL: "a1@example.com"}, TESTER, datetime.now(UTC))
    tell(database, [company.people["A1"], company.people["A2"]])
    with mail_server(box) as port:
        mail = MailSettings(host="127.0.0.1", port=port, security="none", sender="clock@example.com")
        deliver(database, build_post(ServerSettings(data_dir=tmp_path, mail=mail)))

    assert [receivers for receivers, _ in box.letters] == [["a1@example.com"]]
