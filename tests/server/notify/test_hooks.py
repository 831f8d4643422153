"""Webhooks reach a real server on this machine, signed; again after a fault; and never a place that they must not."""

import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from server.errors import InvalidInputError
from server.notify import actions as notify
from server.notify.engine import posting_of, usable_address
from server.notify.jobs import Carrier
from server.notify.model import HookForm, Message
from server.notify.providers import hooks
from server.notify.providers.hooks import HookError, post
from server.settings import MailSettings
from server.web.language import translator
from tests.support.company import TESTER
from tests.support.jobs import do_all

MESSAGE = Message(
    "告警: 线路中断", (("告警: 线路中断 请检查电源。", "https://clock.example.com/edges/hq"),), {"alarms": [{"kind": "edge-cut"}]}
)
AT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


class Reader(HTTPServer):
    """A server that keeps what it was told and answers as it is set."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Told)
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.status, self.answer, self.location = 200, b'{"errcode":0}', ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?key=1"


class Told(BaseHTTPRequestHandler):
    server: Reader

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_):
        """Nothing on the test's output."""


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader()
    thread = Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def the_carrier(*named: str) -> Carrier:
    return Carrier(MailSettings(), "测试公司", translator("en"), named)


def put(database, reader, form=HookForm.SIGNED, secret="s" * 20):
    """A webhook there and a message on its way to it."""
    with database.writing() as uow:
        hook, _ = notify.add_webhook(uow, "监控", reader.url, form, secret, ["127.0.0.1"], TESTER, AT)
        notify.post_hook(uow, hook.id, "rule-1", MESSAGE, datetime.now(UTC))


def sent(database):
    with database.reading() as uow:
        return notify.sendings(uow, ["rule-1"])[0]


class TestOnItsWay:
    def test_it_arrives_once_signed_so_that_its_reader_knows_whose_it_is(self, database, reader):
        put(database, reader)

        do_all(database, the_carrier("127.0.0.1").kinds)

        ((path, headers, body),) = reader.got
        seconds, mark = (part.split("=")[1] for part in headers["Clockbridge-Signature"].split(","))
        assert path == "/hook?key=1"
        assert mark == hmac.new(b"s" * 20, f"{seconds}.".encode() + body, "sha256").hexdigest()
        assert abs(int(seconds) - datetime.now(UTC).timestamp()) < 60
        assert json.loads(body) == {
            "heading": MESSAGE.heading,
            "delivery": headers["Clockbridge-Delivery"],
            "alarms": [{"kind": "edge-cut"}],
        }
        assert (sent(database).sent_at is not None, sent(database).due_at) == (True, None)

    def test_after_a_fault_it_waits_longer_each_time_and_is_given_up_in_the_end(self, database, reader):
        put(database, reader)
        reader.status = 503
        carrier = the_carrier("127.0.0.1")
        waits = []
        for _ in range(6):
            do_all(database, carrier.kinds)
            waits.append(sent(database).due_at)
            if waits[-1] is None:
                break
            _let_be_due(database)

        told = sent(database)
        assert (len(reader.got), told.attempts, told.due_at, told.sent_at, told.code) == (6, 6, None, None, "503")
        assert waits[0] - datetime.now(UTC) < timedelta(minutes=2) < waits[2] - datetime.now(UTC)
        assert {headers["Clockbridge-Delivery"] for _, headers, _ in reader.got} == {f"sending-{told.id}"}

    def test_a_redirect_is_not_followed(self, database, reader):
        put(database, reader)
        reader.status, reader.location = 302, reader.url

        do_all(database, the_carrier("127.0.0.1").kinds)

        assert (len(reader.got), sent(database).code) == (1, "302")
        assert "redirects are not followed" in sent(database).fault

    def test_a_robot_that_says_no_with_200_has_not_taken_it(self, database, reader):
        put(database, reader, HookForm.WECOM, "")
        reader.answer = b'{"errcode":93000,"errmsg":"invalid webhook url"}'

        do_all(database, the_carrier("127.0.0.1").kinds)

        assert (sent(database).sent_at, sent(database).code) == (None, "93000")

    def test_a_host_that_the_settings_no_longer_name_is_told_nothing(self, database, reader):
        put(database, reader)

        do_all(database, the_carrier().kinds)

        assert (reader.got, sent(database).sent_at) == ([], None)


def _let_be_due(database):
    """What waits is due now, as if its time had come."""
    from sqlalchemy import update

    from server.notify.actions.outgoing import ask
    from server.notify.tables import sending

    with database.writing() as uow:
        uow.execute(update(sending).values(due_at=datetime.now(UTC)))
        count = int(uow.scalar(sending.select().with_only_columns(sending.c.attempts)))
        ask(uow, datetime.now(UTC) + timedelta(seconds=10 * count))


class TestWhereItMayGo:
    @pytest.mark.parametrize(
        "url",
        [
            "http://example.com/x", "https://127.0.0.1/x", "https://10.1.2.3/x", "https://[::1]/x", "https://169.254.169.254/latest",
            "https://localhost/x", "https://printer.local/x", "https://intranet/x", "ftp://example.com", "https://", "javascript:alert(1)",
            "https://name:pass@example.com/x", "https://example.com:port/x", "https://exa mple.com/",
        ],
    )  # fmt: skip
    def test_an_address_that_it_must_not_is_refused_with_its_field(self, url):
        with pytest.raises(InvalidInputError) as refused:
            usable_address(url, ())

        assert refused.value.facts["field"] == "url"

    def test_a_host_that_is_named_may_be_inside_and_plain(self):
        assert usable_address(" http://chat.example.lan:8080/x ", ["chat.example.lan"]) == "http://chat.example.lan:8080/x"

    @pytest.mark.parametrize("found", ["192.168.1.7", "127.0.0.1", "::1", "fe80::1%eth0", "::ffff:10.0.0.1"])
    def test_a_public_name_that_leads_inside_is_not_connected_to(self, monkeypatch, found):
        monkeypatch.setattr(hooks.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (found, 443))])
        monkeypatch.setattr(hooks.socket, "create_connection", lambda *_: pytest.fail("connected"))
        posting = posting_of(HookForm.SIGNED, "https://hooks.example.com/x", "s", MESSAGE, "sending-1", AT)

        with pytest.raises(HookError, match="own network"):
            post(posting, HookForm.SIGNED, ())


class TestForms:
    def test_dingtalk_is_signed_in_the_address(self):
        posting = posting_of(HookForm.DINGTALK, "https://oapi.dingtalk.com/robot/send?access_token=t", "SEC1", MESSAGE, "1", AT)

        assert posting.url.startswith("https://oapi.dingtalk.com/robot/send?access_token=t&timestamp=1795572000000&sign=")
        assert json.loads(posting.body)["msgtype"] == "text"

    def test_feishu_is_signed_in_the_body_and_none_is_signed_without_a_secret(self):
        signed = json.loads(posting_of(HookForm.FEISHU, "https://open.feishu.cn/x", "k", MESSAGE, "1", AT).body)
        plain = json.loads(posting_of(HookForm.FEISHU, "https://open.feishu.cn/x", "", MESSAGE, "1", AT).body)

        assert (signed["timestamp"], len(signed["sign"])) == ("1795572000", 44)
        assert plain.keys() == {"msg_type", "content"}

    def test_a_text_that_is_longer_than_a_robot_takes_is_cut_at_a_character(self):
        long = Message("告" * 2_000, (), {})

        text = json.loads(posting_of(HookForm.WECOM, "https://qyapi.weixin.qq.com/x", "", long, "1", AT).body)["text"]["content"]
        assert text.endswith("告…")
        assert len(text.encode()) < 2_048
