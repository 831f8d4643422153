"""The authority's key was stolen: the steps of docs/how-to/follow-the-authority.md, with an edge that goes on collecting meanwhile."""

import shutil
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from protocol.enrolment import Token
from protocol.identifiers import EdgeId
from server.broker.authority import Authority
from server.broker.processes import BrokerKind
from server.broker.showing_out import Visitor
from server.provisioning import actions
from tests.clockbridge.server_commands import clockbridge
from tests.support.company import TESTER
from tests.support.world import World

EDGE = EdgeId("edge-a")


def test_given_a_stolen_authority_when_the_keys_are_made_anew_then_the_thief_is_out_and_a_token_brings_each_edge_back(tmp_path):
    with World(tmp_path, web=1, users=3, broker=BrokerKind.AMQTT) as world:
        site = world.add_site(EDGE)
        world.add_terminal(site, "T-A", punches=20)
        world.start()
        world.until(world.is_equal, "the past is there")

        world.server.stop()
        keys = world.settings.keys_dir
        stolen = keys.rename(keys.with_name("keys-stolen"))
        keys.mkdir(mode=0o700)
        shutil.copy2(stolen / "personal-data.key", keys)
        assert clockbridge("server", "init", "--settings", world.settings_file).code == 0
        world.everybody_punches("T-A")
        world.until(lambda: world.appended() == world.held(), "the edge has them")
        world.server.start()
        world.until(lambda: standing(world).cut_off, "the server knows whom it believes")
        world.until(
            lambda: comes_in(world, Visitor(Authority(keys), EDGE)), "the broker is there, and lets in whom the new authority signed"
        )

        thief = Visitor(Authority(stolen), EDGE)
        with pytest.raises(ssl.SSLCertVerificationError):
            thief.comes_in("localhost", world.broker_port)
        thief._context.verify_mode = ssl.CERT_NONE  # whom the thief believes is the thief's own matter
        assert not thief.comes_in("localhost", world.broker_port)
        assert [one.fingerprint for one in standing(world).succession.authorities] == [Authority(keys).fingerprint.hex()]

        with world.database.writing() as uow:
            offered = actions.offer_token(uow, EDGE, timedelta(hours=1), TESTER, datetime.now(UTC))
        token = Token(EDGE, offered.secret, Authority(keys).fingerprint).write()
        words = ("edge", "enrol", "--server", f"http://127.0.0.1:{world.web_port}", "--token", token, "--out", site.kit.parent)
        world.until(lambda: clockbridge(*words).code == 0, "it is enrolled, when the pages have started")

        world.until(world.is_equal, "the agent that never stopped came in with its new keys")
        assert world.held()["T-A"] == 20 + world.users
        assert not standing(world).cut_off


def comes_in(world, visitor) -> bool:
    with suppress(ConnectionError):
        return visitor.comes_in("localhost", world.broker_port)
    return False


def standing(world):
    with world.database.reading() as uow:
        return actions.standing_of(uow, EDGE)
