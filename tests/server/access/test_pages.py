"""The pages of signing in and of accounts: cookies, headers, changes from elsewhere, traps in addresses, the last administrator."""

import re

import pytest

from tests.server.access.conftest import PASSWORD, Person, place

FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin", "accept-language": "en"}


@pytest.fixture
def boss(person) -> Person:
    browser = person()
    browser.sign_in("administrator")
    return browser


class TestTheCookie:
    @pytest.mark.parametrize("tls", [False, True])
    def test_is_out_of_reach_for_scripts_and_other_sites_and_for_lines_without_tls(self, app_of, tls):
        browser = Person(app_of(tls=tls), f"http{'s' if tls else ''}://clockbridge.test")

        cookie = browser.sign_in("hr").headers["set-cookie"]

        parts = {part.strip().split("=")[0].lower() for part in cookie.split(";")}
        assert {"httponly", "samesite", "path", "expires"} <= parts
        assert "samesite=lax" in cookie.lower()
        assert ("secure" in parts) == tls
        assert "domain" not in parts

    def test_is_taken_back_at_sign_out(self, person):
        browser = person()
        browser.sign_in("hr")

        assert re.match(r'session="";.*(Max-Age=0)', browser.post("/sign-out").headers["set-cookie"])


class TestHeaders:
    @pytest.mark.parametrize(
        "path",
        [
            "/sign-in",
            "/",
            "/nothing",
            "/people/999999",
            "/punches?site=x",
            "/api/v1/punches",
            "/static/board.js",
            "/healthz",
            "/punches.csv",
        ],
    )
    def test_every_answer_forbids_foreign_scripts_frames_and_guessing_of_types(self, boss, path):
        headers = boss.get(path).headers

        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "strict-transport-security" not in headers
        assert (headers.get("cache-control") == "no-store") == (not path.startswith("/static/"))

    def test_with_tls_the_browser_is_told_to_stay_with_it(self, app_of):
        assert (
            "max-age=31536000" in Person(app_of(tls=True), "https://clockbridge.test").get("/sign-in").headers["strict-transport-security"]
        )


class TestAChangeFromElsewhere:
    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    def test_is_refused_by_what_the_browser_says_of_itself(self, boss, site):
        answer = boss.post("/accounts", site=site, login="evil", role="administrator")

        assert answer.status_code == 403
        assert "evil" not in boss.get("/accounts").text

    @pytest.mark.parametrize(
        ("origin", "status"),
        [
            ("https://evil.test", 403),
            ("null", 403),
            ("", 403),
            (None, 403),
            ("http://clockbridge.test.evil.test", 403),
            ("http://clockbridge.test", 200),
        ],
    )
    def test_is_refused_by_its_origin_in_browsers_that_say_nothing_more(self, boss, origin, status):
        headers = {} if origin is None else {"origin": origin}

        answer = boss.client.post("/accounts", data={"login": "made", "role": "hr"}, headers=headers)

        assert answer.status_code == status
        assert ("made" in boss.get("/accounts").text) == (status == 200)

    def test_signing_in_from_another_sites_form_is_refused_too(self, person):
        assert person().post("/sign-in", site="cross-site", login="hr", password=PASSWORD).status_code == 403


class TestAddresses:
    @pytest.mark.parametrize(
        ("wanted", "led_to"),
        [
            ("/punches?site=1", "/punches?site=1"), ("", "/"), ("https://evil.test/", "/"), ("//evil.test", "/"), ("/\\evil.test", "/"),
            ("\\\\evil.test", "/"), ("javascript:alert(1)", "/"), ("/a\\b", "/"), ("evil.test", "/"),
        ],
    )  # fmt: skip
    def test_after_signing_in_leads_only_to_our_own_pages(self, person, wanted, led_to):
        answer = person().post("/sign-in", login="hr", password=PASSWORD, next=wanted)

        assert answer.headers["location"] == led_to

    @pytest.mark.parametrize(
        ("referer", "led_to"),
        [
            ("http://clockbridge.test/punches?site=1", "/punches?site=1"), ("http://clockbridge.test", "/"), ("http://evil.test/x", "/"),
            ("http://clockbridge.test//evil.test", "/"), ("", "/"),
        ],
    )  # fmt: skip
    def test_choosing_a_language_leads_back_and_nowhere_else(self, person, referer, led_to):
        answer = person().get("/language/zh", referer=referer)

        assert answer.headers["location"] == led_to

    def test_the_language_stays_chosen(self, person):
        browser = person()
        browser.get("/language/zh")

        assert '<html lang="zh-CN">' in browser.get("/sign-in").text
        browser.get("/language/xx")
        assert '<html lang="zh-CN">' in browser.get("/sign-in").text


class TestALargeBody:
    @pytest.mark.parametrize("address", ["/sign-in", "/accounts", "/quarantine/replay", "/api/v1/quarantine/replay"])
    def test_of_a_stranger_is_refused(self, person, address):
        answer = person().client.post(address, content=b"login=" + b"x" * 2_000_000, headers=FORM, follow_redirects=False)

        assert answer.status_code == 413

    def test_that_does_not_say_its_length_is_read_no_further_and_told_in_words(self, person):
        answer = person().client.post("/sign-in", content=(b"x" * 65_536 for _ in range(64)), headers=FORM)

        assert answer.status_code == 413
        assert "This is more than can be taken at once." in answer.text


class TestAPassword:
    @pytest.mark.parametrize(
        ("old", "new", "again", "said"),
        [
            ("wrong", "another four plain words", "another four plain words", "the present password is not right"),
            (PASSWORD, "short", "short", "use at least 10 characters"),
            (PASSWORD, "x" * 257, "x" * 257, "use at most 256 characters"),
            (PASSWORD, "aaaaabbbbbaaaaabbbbb", "aaaaabbbbbaaaaabbbbb", "not a few repeated characters"),
            (PASSWORD, PASSWORD, PASSWORD, "choose another one than the present"),
            (PASSWORD, "another four plain words", "another four words", "is not the same both times"),
            (PASSWORD, "administrator is my name", "administrator is my name", "not your login"),
        ],
    )
    def test_that_will_not_do_is_refused_in_words(self, boss, old, new, again, said):
        answer = boss.post("/password", old=old, new=new, again=again)

        assert answer.status_code == 422
        assert said in answer.text
        assert new not in answer.text.replace(said, "")


class TestAccounts:
    def test_one_is_made_with_a_password_that_is_shown_once(self, boss, person):
        page = boss.post("/accounts", login="Li.Na", name="李娜", role="hr").text
        shown = re.search(r"<code[^>]*>([a-z0-9-]{19})</code>", page)

        assert shown
        assert shown.group(1) not in boss.get("/accounts").text
        assert place(person().sign_in("li.na", shown.group(1))) == "/password"

    @pytest.mark.parametrize(
        ("typed", "status", "said"),
        [
            ({"login": "two words", "role": "hr"}, 422, "use 1 to 64 letters"),
            ({"login": "fine"}, 422, "choose at least one"),
            ({"login": "fine", "role": "king"}, 422, "choose one that the list offers"),
            ({"login": "HR", "role": "hr"}, 409, "There is an account hr already"),
        ],
    )
    def test_what_cannot_be_made_is_said_and_stays_typed(self, boss, typed, status, said):
        answer = boss.post("/accounts", **typed)

        assert answer.status_code == status
        assert said in answer.text
        assert f'value="{typed["login"]}"' in answer.text

    @pytest.mark.parametrize(("deed", "data"), [("disable", {}), ("roles", {"role": "hr"})])
    def test_the_last_administrator_stays(self, boss, deed, data):
        answer = boss.post(f"/accounts/administrator/{deed}", **data)

        assert answer.status_code == 409
        assert "Nobody could manage accounts any more" in answer.text
        assert boss.get("/accounts").status_code == 200

    def test_a_disabled_one_cannot_sign_in_until_it_is_enabled(self, boss, person):
        assert place(boss.post("/accounts/hr/disable")) == "/accounts/hr"
        assert person().sign_in("hr").status_code == 401

        boss.post("/accounts/hr/enable")
        assert person().sign_in("hr").status_code == 303

    def test_names_are_shown_as_they_are_and_run_nothing(self, boss):
        page = boss.post("/accounts", login="odd", name="<script>alert(1)</script>", role="hr").text

        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page

    def test_all_of_it_is_on_the_trail(self, boss):
        boss.post("/accounts", login="made", role="hr")
        boss.post("/accounts/made/roles", role="it")
        boss.post("/accounts/made/reset")

        page = boss.get("/audit?subject=made").text
        assert re.findall(r"<td>(account: [a-z ]+)</td>", page) == ["account: reset password", "account: roles", "account: create"]
        assert re.search(r"was </span>hr<.*is now</span>.*<span>it<", page, re.DOTALL)
