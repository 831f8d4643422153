"""`clockbridge edge enrol` against the real pages over TLS: whole or not at all, whatever is cut on the way."""

import tomllib
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from limits import RateLimitItemPerMinute

from edge import identity
from edge.kit import open_kit
from edge.settings import load_settings
from protocol.enrolment import Token
from protocol.identifiers import EdgeId
from server.broker.authority import Authority
from server.fleet import actions as fleet
from server.fleet.model import EdgeState
from server.provisioning import actions
from server.settings import load_settings as load_server_settings
from server.wiring import build_pages
from tests.clockbridge.server_commands import Installed, clockbridge
from tests.support.company import TESTER
from tests.support.kits import make_authority
from tests.support.live import served

EDGE = EdgeId("edge-a")
DAY = timedelta(days=1)


class CutError(BaseException):
    """The power goes."""


@dataclass
class Pages:
    """The server's pages over HTTPS, which may drop an answer after they have worked; and IT, who makes tokens."""

    folder: Path
    app: object
    database: object
    authority: Authority
    address: str = ""
    dropping: int = 0
    asked: list[str] = field(default_factory=list)

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        self.asked.append(scope["path"])
        if scope["method"] == "POST" and self.dropping:
            self.dropping -= 1

            async def nothing(_message):
                pass

            await self.app(scope, receive, nothing)
            raise CutError
        return await self.app(scope, receive, send)

    def token(self, edge: EdgeId = EDGE) -> Token:
        with self.database.writing() as uow:
            offered = actions.offer_token(uow, edge, DAY, TESTER, datetime.now(UTC))
        return Token(edge, offered.secret, self.authority.fingerprint)

    def enrol(self, token: Token, out: Path, server: str | None = None, **more):
        return clockbridge("edge", "enrol", "--server", server or self.address, "--token", token.write(), "--out", out, **more)

    @property
    def certificates(self):
        with self.database.reading() as uow:
            return [one for one in actions.standing_of(uow, EDGE).certificates if one.withdrawn_at is None]


@contextmanager
def pages_of(installed: Installed, keys=None):
    settings = load_server_settings(installed.file)
    authority = Authority(settings.keys_dir)
    app = build_pages(settings)
    pages = Pages(installed.folder, app, app.state.database, authority)
    with pages.database.writing() as uow:
        fleet.add_site(uow, "hq", "hq", "Asia/Shanghai", TESTER, datetime.now(UTC))
        for name in (EDGE, "edge-b"):
            fleet.add_edge(uow, name, "hq", None, TESTER, datetime.now(UTC))
    web = authority.bundle("web")
    with served(pages, keys or (web.certificate, web.key)) as pages.address:
        yield pages
    pages.database.close()


@pytest.fixture(scope="module")
def pages(pristine, tmp_path_factory):
    with pages_of(pristine.copy(tmp_path_factory.mktemp("pages"))) as pages:
        yield pages


@pytest.fixture(autouse=True)
def unhurried(monkeypatch):
    """All boxes here have one address, and together ask more often than boxes do."""
    monkeypatch.setattr("server.provisioning.routes.boxes.PER_MINUTE", RateLimitItemPerMinute(10_000))


def test_given_an_address_that_asks_without_end_when_counted_then_it_is_told_to_wait(pages, tmp_path, monkeypatch):
    monkeypatch.setattr("server.provisioning.routes.boxes.PER_MINUTE", RateLimitItemPerMinute(3))

    said = [pages.enrol(Token(EDGE, bytes(16), pages.authority.fingerprint), tmp_path / "box").sentence for _ in range(3)]

    assert said[0].startswith("This token is not known here.")
    assert said[2] == "Too many requests from this address. Try again in a minute."


def is_whole(folder: Path) -> bool:
    """Whether the folder is an edge's, with every file fitting the others."""
    clockbridge("edge", "check", "--config", folder / "edge.toml")
    if not (folder / "edge.toml").exists():
        return False
    open_kit(load_settings(folder / "edge.toml"))
    return True


def test_given_a_line_from_the_page_when_run_on_the_box_then_it_is_an_edge_and_its_keys_are_its_own(pages, tmp_path):
    done = pages.enrol(pages.token(), tmp_path / "box")

    assert (done.code, done.err) == (0, "")
    assert "This box is the edge edge-a." in done.out
    assert is_whole(tmp_path / "box")
    assert tomllib.loads((tmp_path / "box" / "edge.toml").read_text())["server"] == {
        "host": "localhost",
        "port": load_server_settings(pages.folder / "server.toml").broker.port,
        "web": pages.address,
    }
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "box").iterdir()} == {0o600}
    assert not list((tmp_path / "box").glob("*.new"))
    key = (tmp_path / "box" / "edge.key").read_bytes()
    assert not any(key in file.read_bytes() for file in pages.folder.rglob("*") if file.is_file())

    again = pages.enrol(Token(EDGE, b"0" * 16, bytes(32)), tmp_path / "box")

    assert again.code == 2
    assert "is not the server that the token is from" in again.err
    assert is_whole(tmp_path / "box")


def test_given_a_server_with_another_authority_when_asked_then_the_token_is_not_sent(pages, tmp_path):
    token, before = pages.token(), len(pages.asked)

    done = pages.enrol(Token(EDGE, token.secret, bytes(32)), tmp_path / "box")

    assert done.code == 2
    assert "The token was not sent." in done.err
    assert pages.asked[before:] == ["/api/v1/authority"]


@pytest.mark.parametrize("dropped", [1, 2])
def test_given_replies_that_are_lost_when_run_again_then_the_token_is_not_burnt(pages, tmp_path, dropped):
    token, pages.dropping = pages.token(), dropped

    codes = [pages.enrol(token, tmp_path / "box").code for _ in range(dropped + 1)]

    assert codes == [2] * dropped + [0]
    assert is_whole(tmp_path / "box")
    assert len(pages.certificates) == 1


def test_given_the_power_goes_at_any_step_when_run_again_then_the_files_are_whole_and_the_token_was_used_once(pages, tmp_path, monkeypatch):
    """Every write and every rename in turn, and the next start of the agent settles what was left."""
    real, steps = Path.replace, 0

    def cut_at(place):
        def replace(self, target):
            nonlocal steps
            if self.parent.is_relative_to(tmp_path):
                steps += 1
                if steps == place:
                    raise CutError
            return real(self, target)

        return replace

    places = 0
    for place in range(1, 40):
        folder, token, steps = tmp_path / str(place), pages.token(), 0
        monkeypatch.setattr(Path, "replace", cut_at(place))
        try:
            done = pages.enrol(token, folder)
        except CutError:
            done = None
        monkeypatch.setattr(Path, "replace", real)
        if done is not None:
            places = place - 1
            break
        identity.Identity.in_folder(folder).settle()
        assert is_whole(folder) or not (folder / "edge.toml").exists()
        assert pages.enrol(token, folder).code == 0
        assert is_whole(folder)
        assert len(pages.certificates) == 1

    assert places >= 14, "seven files are written and six of them moved"


def test_given_a_token_of_another_box_when_brought_then_the_box_is_told_what_to_do_in_both_languages(pages, tmp_path):
    token = pages.token()
    assert pages.enrol(token, tmp_path / "mine").code == 0

    english = pages.enrol(token, tmp_path / "thief")
    chinese = pages.enrol(token, tmp_path / "thief", env={"LANG": "zh_CN.UTF-8"})

    assert english.sentence == "Another box has used this token already. If that box is not yours, tell IT at once."
    assert chinese.sentence == "另一台设备已经用过此令牌。如果那台设备不是您的，请立即告知 IT。"
    assert not (tmp_path / "thief" / "edge.toml").exists()


def test_given_a_box_that_is_the_edge_when_it_enrols_again_then_it_keeps_settings_and_data(pages, tmp_path):
    box = tmp_path / "box"
    token = pages.token()
    pages.enrol(token, box)
    (box / "data").mkdir()
    (box / "data" / "outbox.db").write_bytes(b"rows")
    settings = (box / "edge.toml").read_text() + '\n[[terminals]]\nname = "door"\nhost = "192.168.1.9"\n'
    (box / "edge.toml").write_text(settings)
    before = (box / "signing.key").read_bytes()

    same = pages.enrol(token, box)
    assert "This box is the edge" in same.out
    assert (box / "signing.key").read_bytes() == before, "it asked nobody"
    done = pages.enrol(pages.token(), box)

    assert done.code == 0
    assert (box / "signing.key").read_bytes() != before
    assert (box / "edge.toml").read_text() == settings
    assert (box / "data" / "outbox.db").read_bytes() == b"rows"
    assert is_whole(box)


def test_given_a_folder_of_another_edge_when_enrolled_there_then_it_is_refused_before_anything_is_sent(pages, tmp_path):
    pages.enrol(pages.token(), tmp_path / "box")
    before = len(pages.asked)

    done = pages.enrol(pages.token(EdgeId("edge-b")), tmp_path / "box")

    assert "belongs to the edge edge-a" in done.sentence
    assert len(pages.asked) == before


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("http://clockbridge.example.com", "begins with https://"),
        ("https://127.0.0.1:1", "cannot be reached"),
        ("nonsense", "begins with https://"),
    ],
)
def test_given_an_address_that_cannot_be_used_when_run_then_it_says_why(pages, tmp_path, server, said):
    assert said in pages.enrol(pages.token(), tmp_path / "box", server).sentence


def test_given_half_a_token_when_run_then_it_says_so(pages, tmp_path):
    done = clockbridge("edge", "enrol", "--server", pages.address, "--token", pages.token().write()[:-1], "--out", tmp_path)

    assert done.sentence == "This is no whole token: copy the line again."


def test_given_a_revoked_edge_when_a_kept_token_is_brought_then_it_is_refused(pages, tmp_path):
    token = pages.token(EdgeId("edge-b"))
    with pages.database.writing() as uow:
        actions.revoke_edge(uow, EdgeId("edge-b"), TESTER, datetime.now(UTC), "stolen")

    done = pages.enrol(token, tmp_path / "box")

    assert done.sentence == "This token was withdrawn. Ask IT for a new one: the page of the edge makes it."
    with pages.database.reading() as uow:
        assert fleet.find_edge(uow, EdgeId("edge-b")).state is EdgeState.REVOKED


def test_given_a_clock_that_is_wrong_when_enrolled_then_the_fingerprint_is_enough(pristine, tmp_path):
    """The server's certificate is out of its time by this machine's clock: as one is for a box whose battery is dead."""
    installed = pristine.copy(tmp_path / "server")
    ended = Authority(installed.keys).issue_server("web", [], datetime.now(UTC) - timedelta(days=3000))

    with pages_of(installed, (ended.certificate, ended.key)) as pages:
        done = pages.enrol(pages.token(), tmp_path / "box")

    assert done.code == 0
    assert is_whole(tmp_path / "box")


def test_given_a_web_certificate_of_a_stranger_when_asked_then_the_token_is_not_sent(pristine, tmp_path):
    installed = pristine.copy(tmp_path / "server")
    stranger = make_authority(tmp_path / "stranger")
    web = stranger.bundle("web")

    with pages_of(installed, (web.certificate, web.key)) as pages:
        done = pages.enrol(pages.token(), tmp_path / "box")

        assert "is not our server, and this system does not believe it" in done.sentence
        assert pages.asked == ["/api/v1/authority"]
