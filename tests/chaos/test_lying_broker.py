"""A broker that lies: the hand-over does not need an honest one."""

import json

from tests.chaos.lying_broker import Lies, LyingBrokerInThread, tls_of
from tests.chaos.proof import prove, require_no_release_before_commit
from tests.support.world import World

LIES = Lies(drop=0.2, repeat=0.2, delay=0.3, garble=0.1, replay=0.2, forge=0.3, longest_delay_seconds=0.5)
KINDS = {"drop", "repeat", "delay", "garble", "replay", "forge"}


def test_given_a_broker_that_lies_when_it_is_done_lying_then_every_punch_is_at_the_server_once(tmp_path):
    with World(tmp_path, broker="external") as world, LyingBrokerInThread(LIES, 7, tls_of(world), world.broker_port) as broker:
        site = world.add_site("edge-a")
        world.add_terminal(site, "T-A", punches=4000, rate=5)

        world.start()
        world.until(lambda: _holds(world) and broker.told.keys() >= KINDS, "every lie told")
        broker.be_honest()
        world.ask("T-A", "rate 0")
        world.until(lambda: _holds(world) and world.is_settled(), "equal counts")
        stages = json.loads((site.kit.parent / "data" / "status.json").read_text())["stages"]
        site.part.stop()

        assert prove(world).punches >= 4000
        assert "order" not in stages, "the edge obeyed a forged order"


def _holds(world: World) -> bool:
    """What must hold at every moment of it."""
    require_no_release_before_commit(world)
    return True
