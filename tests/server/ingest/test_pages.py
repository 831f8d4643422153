"""The pages of terminals, edges, alarms, evidence and quarantine, in the real application on both databases."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from protocol.messages import TerminalHealth
from server.access.model import Permission, Role
from server.fleet.actions import record_cut
from server.ingest import pages, routes
from server.ingest.evidence import check_evidence
from tests.support.pages import browse
from tests.support.sending import SendingEdge, row

ROUTERS = (pages.router, routes.router)


@pytest.fixture
def edge(database, company):
    """An edge that lives now, so that it is not silent."""
    return SendingEdge(database, now=datetime.now(UTC))


@pytest.fixture
def visit(database):
    return lambda who=Role.ADMINISTRATOR: browse(database, ROUTERS, who)


def told(serial="T1", **values):
    return TerminalHealth(
        **{"serial": serial, "name": serial, "address": "10.0.0.9:4370", "state": "listening", "held": 2, "appended": 2} | values
    )


def lines_of(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


ADDRESSES = {
    "/terminals": Permission.SEE_FLEET,
    "/terminals.csv": Permission.SEE_FLEET,
    "/terminals/1": Permission.SEE_FLEET,
    "/terminals/new": Permission.CHANGE_FLEET,
    "/terminals/1/change": Permission.CHANGE_FLEET,
    "/terminals/1/role": Permission.CHANGE_FLEET,
    "/terminals/1/service": Permission.CHANGE_FLEET,
    "/edges": Permission.SEE_FLEET,
    "/edges.csv": Permission.SEE_FLEET,
    "/edges/edge-hq": Permission.SEE_FLEET,
    "/alarms": Permission.SEE_FLEET,
    "/alarms.csv": Permission.SEE_FLEET,
    "/punches/1": Permission.SEE_PUNCHES,
    "/quarantine": Permission.SEE_QUARANTINE,
    "/quarantine.csv": Permission.SEE_QUARANTINE,
    "/quarantine/1": Permission.SEE_QUARANTINE,
    "/quarantine/refused": Permission.SEE_QUARANTINE,
    "/quarantine/refused.csv": Permission.SEE_QUARANTINE,
    "/quarantine/refused/1": Permission.SEE_QUARANTINE,
    "/quarantine/refused/1/body": Permission.SEE_QUARANTINE,
    "/api/v1/terminals": Permission.SEE_FLEET,
    "/api/v1/edges": Permission.SEE_FLEET,
    "/api/v1/alarms": Permission.SEE_FLEET,
    "/api/v1/quarantine": Permission.SEE_QUARANTINE,
    "/api/v1/quarantine/1": Permission.SEE_QUARANTINE,
    "/api/v1/quarantine/refused": Permission.SEE_QUARANTINE,
    "/api/v1/punches/1/trace": Permission.SEE_PUNCHES,
    "/api/v1/punches/1/evidence": Permission.SEE_PUNCHES,
}


class TestEveryAddress:
    @pytest.fixture
    def dialect(self):
        return "sqlite"

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_opens_with_its_permission_and_only_with_it(self, company, edge, visit, address):
        edge.send(row("1", number=1), row("9", number=2))
        edge.arrive("cb/nonsense", b"\x00\x01")
        edge.tell_health(told())
        needed = ADDRESSES[address]
        others = set(Permission) - {needed}

        assert visit([needed]).get(address).status_code == 200
        assert visit(others).get(address).status_code == 403
        assert visit(None).get(address).status_code == (401 if address.startswith("/api/") else 303)

    @pytest.mark.parametrize("address", [one for one in ADDRESSES if not one.endswith((".csv", "/body")) and not one.startswith("/api/")])
    def test_is_whole_in_chinese(self, company, edge, visit, address):
        edge.send(row("1", number=1), row("9", number=2))
        edge.arrive("cb/nonsense", b"\x00\x01")
        edge.tell_health(told())

        page = visit().get(address, "zh").text

        body = re.sub(r"<[^>]*>", " ", page.split('<main id="main"')[1])
        left = re.findall(r"[A-Za-z][a-z]+(?: [a-z]+){2,}", body)
        assert left == []

    @pytest.mark.parametrize("address", ["/terminals/99", "/edges/nobody", "/punches/99", "/quarantine/99", "/quarantine/refused/99"])
    def test_of_what_is_not_there_says_so(self, company, visit, address):
        assert visit().get(address).status_code == 404

    @pytest.mark.parametrize(
        "address", ["/terminals?site=x", "/quarantine?state=x", "/quarantine?after=x", "/quarantine?view=rows&after=x"]
    )
    def test_with_bad_input_says_so(self, company, visit, address):
        assert visit().get(address).status_code == 422

    @pytest.mark.parametrize(
        ("address", "words"),
        [
            ("/terminals", "There are no terminals yet"),
            ("/edges", "There are no edges yet"),
            ("/alarms", "There is no edge yet"),
            ("/quarantine", "every row that came has become a punch"),
            ("/quarantine?view=rows", "every row that came has become a punch"),
            ("/quarantine?reason=x", "Take a filter away"),
            ("/quarantine/refused", "No message was ever refused"),
        ],
    )
    def test_without_anything_to_show_says_what_that_means(self, visit, address, words):
        assert words in visit().get(address).text


class TestTerminals:
    def test_given_all_is_here_then_counts_agree(self, company, edge, visit):
        edge.send(row("1", number=1), row("9", number=2))
        edge.tell_health(told())

        page = visit().get("/terminals").text
        found = visit().get("/api/v1/terminals").json()[0]

        assert "agrees" in page
        assert (found["admitted"], found["quarantined_open"], found["missing"], found["counts"]) == (1, 1, 0, "agrees")
        assert found["state"] == "listening"

    def test_given_fewer_than_the_edge_has_then_the_number_is_missing_and_there_is_an_alarm(self, company, edge, visit):
        edge.send(row("1"))
        edge.tell_health(told(appended=4))

        assert "3 missing" in visit().get("/terminals").text
        assert [one["kind"] for one in visit().get("/api/v1/alarms").json() if one["subject"] == "门 T1"] == ["counts-disagree"]

    def test_given_rows_in_the_queue_then_they_are_on_the_way(self, company, edge, visit):
        edge.tell_health(told(appended=4), queue_depth=5)

        assert "4 on the way" in visit().get("/terminals").text

    def test_filters_by_site_and_state_and_exports_what_is_seen(self, company, edge, visit):
        edge.tell_health(told(state="unreachable"), told("T2"))

        page, export = visit().get(f"/terminals?site={company.site}&state=wrong").text, visit().get("/terminals.csv?state=wrong")

        assert "/terminals/1" in page
        assert "/terminals/2" not in page
        assert [line[0] for line in lines_of(export)] == ["Serial number", "T1"]
        assert len({len(line) for line in lines_of(export)}) == 1

    def test_an_edge_that_is_away_makes_its_terminals_grey_and_not_wrong(self, database, company, edge, visit):
        edge.tell_health(told(appended=9))
        with database.writing() as uow:
            record_cut(uow, company.edge, edge.now)

        page = visit().get("/terminals/1").text
        alarms = visit().get("/api/v1/alarms").json()

        assert "Its edge is away" in page
        assert [one["kind"] for one in alarms] == ["edge-cut"]

    def test_adding_one_replays_what_waited_for_it(self, database, company, edge, visit):
        edge.send(row("1", terminal="T9"))
        form = {"serial": "T9", "name": "新门", "site": "hq", "zone": "", "edge": "edge-hq"}

        assert "1 row of this terminal waits" in visit().get("/terminals/new?serial=T9").text
        answer = visit(Role.IT).post("/terminals/new", form)

        assert answer.status_code == 303
        assert visit().get("/api/v1/quarantine").json()["total"] == 0
        assert "新门" in visit().get(answer.headers["location"]).text

    def test_adding_one_twice_keeps_what_was_typed_and_says_why(self, company, visit):
        answer = visit().post("/terminals/new", {"serial": "T1", "name": "又一个", "site": "hq"})

        assert answer.status_code == 409
        assert "又一个" in answer.text
        assert "There is a terminal T1 already." in answer.text

    def test_changing_one_changes_it(self, company, visit):
        answer = visit(Role.IT).post("/terminals/1/change", {"name": "东门", "site": "hq", "edge": "edge-hq", "reason": "moved"})

        assert answer.status_code == 303
        assert "东门" in visit().get("/terminals/1").text

    def test_one_is_added_as_an_entrance_and_is_an_exit_from_a_day_on(self, company, visit):
        added = visit(Role.IT).post("/terminals/new", {"serial": "T9", "name": "新门", "site": "hq", "role": "entrance"})
        address = added.headers["location"]
        assert visit().get("/api/v1/terminals").json()[2]["role"] == "entrance"

        answer = visit(Role.IT).post(f"{address}/role", {"role": "exit", "first_day": "2020-01-01", "reason": "doors"})

        assert answer.status_code == 303
        assert "from 2020-01-01" in visit().get(address).text
        assert "修改考勤机用途" in visit().get(address, language="zh").text
        assert '<option value="exit" selected>' in visit().get(f"{address}/role").text
        assert "exit" in visit().get("/terminals.csv").text.splitlines()[3]
        assert [one["role"] for one in visit().get("/api/v1/terminals").json()] == [None, None, "exit"]

    @pytest.mark.parametrize("form", [{"role": "window", "first_day": "2026-01-01"}, {"role": "exit"}, {"first_day": "soon"}])
    def test_an_impossible_role_or_day_is_told_beside_the_form_and_changes_nothing(self, company, visit, form):
        answer = visit(Role.IT).post("/terminals/1/role", form)

        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        assert visit().get("/api/v1/terminals").json()[0]["role"] is None

    def test_out_of_service_and_back(self, company, visit):
        assert visit(Role.IT).post("/terminals/1/service", {"start": "2026-01-01T08:00", "reason": "rebuilding"}).status_code == 303
        assert "out of service" in visit().get("/terminals/1").text
        assert "2026-01-01T08:00" in visit().get("/terminals/1/service").text

        assert visit(Role.IT).post("/terminals/1/service", {"start": "", "end": ""}).status_code == 303
        assert "Out of service from" not in visit().get("/terminals/1").text

    @pytest.mark.parametrize(
        "form", [{"start": "yesterday"}, {"end": "2026-01-01T08:00"}, {"start": "2026-01-02T08:00", "end": "2026-01-01T08:00"}]
    )
    def test_impossible_spans_are_told_beside_the_form(self, company, visit, form):
        answer = visit(Role.IT).post("/terminals/1/service", form)

        assert answer.status_code == 422
        assert 'role="alert"' in answer.text


class TestEdges:
    def test_tells_line_queue_disk_and_stages(self, company, edge, visit):
        oldest = edge.now - timedelta(minutes=10)
        ends = edge.now + timedelta(days=10)
        edge.tell_health(told(), queue_depth=7, oldest_at=oldest, hours_left=40.0, certificate_ends_at=ends, stages={"receipt": edge.now})

        found = visit().get("/api/v1/edges").json()[0]
        page = visit().get("/edges/edge-hq").text

        assert (found["state"], found["queue_depth"], found["hours_left"]) == ("up", 7, 40.0)
        assert [one["kind"] for one in visit().get("/api/v1/alarms").json() if one["subject"] == "edge-hq"] == [
            "rows-wait",
            "certificate-ends",
            "disk-short",
        ]
        assert "7 rows of edge edge-hq have no receipt" in page

    def test_offers_to_add_a_terminal_that_is_not_provisioned(self, company, edge, visit):
        edge.tell_health(told("T7"))

        assert "/terminals/new?serial=T7&amp;edge=edge-hq" in visit().get("/edges/edge-hq").text
        assert "/terminals/new" not in visit(Role.HR).get("/edges/edge-hq").text

    def test_an_alarm_of_a_later_release_is_shown_as_it_is(self, company, edge, visit):
        edge.tell_health(told(), alarms=["new-thing: something {odd}"])

        assert "new-thing something {odd}" in visit().get("/alarms").text


class TestPunch:
    @pytest.fixture
    def sent(self, company, edge):
        edge.send(row("1", number=1), row("2", number=2), row("9", number=3))
        return edge

    def test_shows_times_chain_and_a_seal_that_holds(self, sent, visit):
        page = visit().get("/punches/2").text
        trace = visit().get("/api/v1/punches/2/trace").json()

        assert "verified" in page
        assert "not verified" not in page
        assert "01 02 fe" in page
        assert "李娜" in page
        assert (trace["verified"], trace["batch"], trace["sequence"], trace["mark"], trace["receipted"]) == (True, [1, 3], 2, 3, True)
        assert "2026-11-23 08:58:01" in page  # drift of minus 1.5 s taken out

    def test_names_nobody_to_readers_who_may_not_see_people(self, sent, visit):
        page, evidence = visit(Role.IT).get("/punches/2").text, visit(Role.IT).get("/api/v1/punches/2/evidence")

        assert "李娜" not in page
        assert "A2" not in page
        assert msgspec.json.decode(evidence.content)["person"] == ""

    def test_evidence_proves_itself_and_a_changed_byte_is_found(self, sent, visit):
        evidence = visit().get("/api/v1/punches/1/evidence").content

        assert [one.proven for one in check_evidence(evidence)] == [True]
        assert [one.proven for one in check_evidence(evidence.replace(b"08:58:00", b"08:48:00"))] == [False]

    def test_of_the_live_lane_is_not_verified_until_its_batch_comes(self, database, company, edge, visit):
        from protocol import codec
        from protocol.messages import Live

        body = codec.encode_row(row("1"))
        edge.say(Live(edge=edge.edge, epoch=edge.epoch, first=1, rows=[msgspec.Raw(body)]))

        before = visit().get("/punches/1").text
        edge.send(body)
        after = visit().get("/punches/1").text

        assert "no sealed batch holds it yet" in before
        assert "not verified" not in after

    def test_that_was_replayed_tells_of_its_quarantine(self, sent, visit):
        visit().post("/quarantine/1/map", {"person": "1", "since": "2026-11-01"})

        page = visit().get("/punches/3").text

        assert "It was quarantined first and replayed later." in page
        assert "Row 1 in quarantine" in page
        assert "not verified" not in page


class TestQuarantine:
    @pytest.fixture
    def held(self, company, edge):
        edge.send(row("9", number=1), row("9", terminal="T2", number=2), row("3", "2031-01-01 08:00:00", number=3), edge.garbage())
        return edge

    def test_lists_causes_and_rows_and_exports(self, held, visit):
        page, rows = visit().get("/quarantine").text, visit().get("/quarantine?view=rows&user=9").text

        assert "Say who this is" in page
        assert "/quarantine/2" in rows
        assert "/quarantine/3" not in rows
        assert [line[0] for line in lines_of(visit().get("/quarantine.csv?user=9"))] == ["Reason", "unknown-user", "unknown-user"]

    def test_names_people_only_to_those_who_may_see_them(self, held, visit):
        assert "张敏" in visit(Role.HR).get("/quarantine").text
        assert "张敏" not in visit(Role.IT).get("/quarantine").text
        assert "张敏" not in visit(Role.IT).get("/quarantine/3").text

    def test_mapping_a_user_makes_its_rows_punches(self, held, visit):
        search = visit(Role.HR).get("/quarantine/1?search=wang+wei").text
        answer = visit(Role.HR).post("/quarantine/1/map", {"person": "1", "since": "2026-11-23"})

        assert "王伟" in search
        assert answer.headers["location"] == "/quarantine/1?done=mapped"
        assert visit().get("/api/v1/quarantine?user=9").json()["total"] == 0

    def test_another_user_number_finds_its_person(self, held, visit):
        assert "李娜" in visit(Role.HR).get("/quarantine/1?search=2").text

    def test_it_may_not_map_and_sees_no_search(self, held, visit):
        assert visit(Role.IT).post("/quarantine/1/map", {"person": "1", "since": "2026-11-23"}).status_code == 403
        assert "Who is this?" not in visit(Role.IT).get("/quarantine/1?search=wang").text
        assert "王伟" not in visit(Role.IT).get("/quarantine/1?search=wang").text

    @pytest.mark.parametrize(
        "form", [{"person": "", "since": "2026-11-23"}, {"person": "1", "since": "soon"}, {"person": "77", "since": "2026-11-23"}]
    )
    def test_a_bad_mapping_is_told_beside_the_form(self, held, visit, form):
        answer = visit().post("/quarantine/1/map", form)

        assert answer.status_code in {404, 422}
        assert 'role="alert"' in answer.text

    def test_accepting_needs_a_reason(self, held, visit):
        assert visit().post("/quarantine/3/accept", {"note": ""}).status_code == 422
        assert visit().post("/quarantine/3/accept", {"note": "seen at the gate"}).headers["location"].endswith("done=replayed")

    def test_a_bulk_dismissal_can_be_undone_whole_and_alone(self, held, visit):
        visit().post("/quarantine/4/dismiss", {"note": "noise"})
        answer = visit().post("/quarantine/dismiss", {"user": "9", "note": "test cards"})
        page = visit().get(answer.headers["location"]).text
        at = re.search(r'name="at" value="(\d+)"', page)[1]

        back = visit().post("/quarantine/reopen", {"at": at})

        assert "2 rows dismissed" in page
        assert "2 rows are open again" in visit().get(back.headers["location"]).text
        assert visit().get("/api/v1/quarantine?state=dismissed").json()["total"] == 1

    def test_a_dismissal_without_a_note_is_told_beside_the_form(self, held, visit):
        answer = visit().post("/quarantine/dismiss", {"user": "9", "note": " "})

        assert answer.status_code == 422
        assert "say in a few words why" in answer.text

    def test_ticks_and_filter_are_kept_when_the_note_is_missing(self, held, visit):
        answer = visit().post("/quarantine/dismiss", {"ids": ["1"], "user": "9", "view": "rows", "note": ""})

        assert answer.status_code == 422
        assert 'value="1" checked' in answer.text
        assert 'value="2" checked' not in answer.text
        assert "/quarantine/3" not in answer.text

    def test_nothing_chosen_is_nothing_done(self, held, visit):
        visit().post("/quarantine/dismiss", {"ids": ["0"], "note": "oops"})

        assert visit().get("/api/v1/quarantine").json()["total"] == 4

    def test_pages_go_on_by_key(self, company, edge, visit):
        edge.send(*(row(f"x{number:03}", number=number) for number in range(60)))

        for view in ("", "rows"):
            first = visit().get(f"/quarantine?view={view}").text
            following = re.search(r'href="([^"]+)" rel="next"', first)[1].replace("&amp;", "&")
            second = visit().get(following).text
            assert len(re.findall(r"<tr data-href", first)) == 50
            assert len(re.findall(r"<tr data-href", second)) == 10
            assert "First page" in second

    def test_looking_is_not_deciding(self, held, visit):
        looker = visit([Permission.SEE_QUARANTINE])

        assert looker.post("/quarantine/replay", {}).status_code == 403
        assert "Your account may look, but not decide." in looker.get("/quarantine/1").text

    def test_another_sites_form_is_refused(self, held, visit):
        answer = visit().client.post("/quarantine/dismiss", data={"note": "x"}, headers={"sec-fetch-site": "cross-site"})

        assert answer.status_code == 403

    def test_programs_decide_by_ids_or_filter_but_never_by_nothing(self, held, visit):
        program = visit()

        assert program.post("/api/v1/quarantine/dismiss", json={"note": "all"}).json()["dismissed"] == 0
        assert program.post("/api/v1/quarantine/dismiss", json={"ids": [4], "note": "noise"}).json()["dismissed"] == 1
        assert program.post("/api/v1/quarantine/replay", json={"user": "9"}).json() == {
            "replayed": 0, "known": 0, "dismissed": 0, "left": 2, "more": False,
        }  # fmt: skip
        assert program.post("/api/v1/quarantine/reopen", json={"ids": [4]}).json() == {"reopened": 1}
        assert program.post("/api/v1/quarantine/dismiss", json={"ids": [4]}).status_code == 422

    def test_refused_messages_show_their_bytes(self, company, edge, visit):
        edge.arrive("cb/nonsense", b"\x00\x01\xff")

        assert "wrong-shard" in visit().get("/quarantine/refused?reason=wrong-shard").text
        assert "00 01 ff" in visit().get("/quarantine/refused/1").text
        assert visit().get("/quarantine/refused/1/body").content == b"\x00\x01\xff"
