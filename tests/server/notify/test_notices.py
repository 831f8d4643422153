"""Notices: told in the transaction in which it happens, read, kept for later, forgotten in time; nobody sees another's."""

from datetime import timedelta

import pytest

from server.errors import NotFoundError
from server.notify import actions as notify, pages
from server.notify.model import MailWish, NoticeKind
from tests.support.company import NOW
from tests.support.pages import Reader, browse

ASKED = "{name} asks for {kind}: {number}"
FACTS = {"name": "王伟", "kind": "employee", "number": "LV-2026-000001"}


def tell(database, people, text=ASKED, facts=FACTS, **more):
    with database.writing() as uow:
        notify.notify(uow, people, NoticeKind.APPROVAL, text, NOW, facts=facts, address="/approvals/1", **more)


def of(database, person):
    with database.reading() as uow:
        return notify.notices_of(uow, person)


@pytest.fixture
def reader(database):
    return browse(database, (pages.router,), Reader(frozenset({"see-own"}), person_id=1))


class TestTelling:
    def test_everybody_is_told_once_and_words_of_ours_are_translated(self, database):
        tell(database, [1, 2, 1])

        assert [len(of(database, person)) for person in (1, 2, 3)] == [1, 1, 0]
        (one,) = of(database, 1)
        assert notify.told(one, lambda text, **facts: f"<{text}>".format(**facts)) == "<王伟 asks for <employee>: LV-2026-000001>"

    def test_what_rolls_back_was_never_told(self, database):
        with pytest.raises(ZeroDivisionError), database.writing() as uow:
            notify.notify(uow, [1], NoticeKind.LEAVE, "Gone", NOW)
            _ = 1 / 0

        assert of(database, 1) == []

    def test_after_its_time_a_notice_is_forgotten(self, database):
        tell(database, [1])
        with database.writing() as uow:
            assert notify.tidy(uow, NOW + timedelta(days=399)) == 0
            assert notify.tidy(uow, NOW + timedelta(days=401)) == 1
        assert of(database, 1) == []


class TestReading:
    def test_one_is_read_kept_for_later_and_all_are_read(self, database):
        for number in range(3):
            tell(database, [1], "Notice {n}", {"n": number})
        newest, *_ = of(database, 1)

        with database.writing() as uow:
            assert notify.open_notice(uow, 1, newest.id, NOW).address == "/approvals/1"
            assert notify.unread(uow, 1) == 2
            notify.keep_unread(uow, 1, newest.id)
            assert notify.unread(uow, 1) == 3
            notify.read_all(uow, 1, NOW)
            assert notify.unread(uow, 1) == 0

    def test_anothers_is_not_there(self, database):
        tell(database, [2])
        (others,) = of(database, 2)
        with database.writing() as uow:
            for deed in (lambda: notify.open_notice(uow, 1, others.id, NOW), lambda: notify.keep_unread(uow, 1, others.id)):
                with pytest.raises(NotFoundError):
                    deed()
            assert notify.unread(uow, 2) == 1


class TestPages:
    def test_a_notice_leads_to_its_place_and_is_read_then(self, database, reader):
        tell(database, [1])
        tell(database, [2], "Of somebody else", {})
        (mine,) = of(database, 1)

        page = reader.get("/notices")
        assert "王伟 asks for employee: LV-2026-000001" in page.text
        assert "Of somebody else" not in page.text
        assert "员工" in reader.get("/notices", "zh").text
        answer = reader.get(f"/notices/{mine.id}")

        assert (answer.status_code, answer.headers["location"]) == (303, "/approvals/1")
        assert reader.get("/api/v1/notices").json()["unread"] == 0
        assert reader.get(f"/notices/{of(database, 2)[0].id}").status_code == 404

    def test_more_than_a_page_goes_on_with_older_ones(self, database, reader):
        for number in range(60):
            tell(database, [1], "Notice {n}!", {"n": number})

        first = reader.get("/api/v1/notices").json()
        rest = reader.get(f"/api/v1/notices?below={first['next']}").json()

        assert [one["text"] for one in (*first["notices"], *rest["notices"])] == [f"Notice {n}!" for n in reversed(range(60))]
        assert rest["next"] is None
        assert "Older" in reader.get("/notices").text

    def test_a_script_in_a_name_stays_text(self, database, reader):
        tell(database, [1], "{name} asks", {"name": "<script>alert(1)</script>"})

        assert "<script>alert" not in reader.get("/notices").text

    def test_what_comes_by_mail_is_chosen_and_nonsense_is_refused(self, database, reader):
        assert reader.post("/notices/mail", {"wish": "digest"}).status_code == 303
        assert reader.post("/notices/mail", {"wish": "pigeon"}).status_code == 422

        with database.reading() as uow:
            assert (notify.wish_of(uow, 1), notify.wish_of(uow, 2)) == (MailWish.DIGEST, MailWish.EACH)

    def test_somebody_who_is_nobody_in_the_directory_has_none(self, database):
        nobody = browse(database, (pages.router,), {"see-own"})

        assert "Nothing new" in nobody.get("/notices").text
