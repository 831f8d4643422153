"""A broker that lies: the hand-over does not need an honest one."""

import asyncio
from datetime import UTC, datetime

from protocol import codec, topics
from protocol.identifiers import EdgeId
from protocol.messages import Receipt
from protocol.signing import Signer
from tests.chaos.lying_broker import Lies, LyingBroker, tls_of
from tests.chaos.proof import prove
from tests.support.world import World

LIES = Lies(drop=0.2, repeat=0.2, delay=0.3, garble=0.1, replay=0.2, longest_delay_seconds=0.5)


def forged(world: World) -> tuple[str, bytes]:
    """A receipt for everything, signed by somebody else."""
    receipt = Receipt(edge=EdgeId("edge-a"), epoch="0" * 32, mark=10**6, session="")
    encoding, payload = codec.pack(codec.encode(receipt, Signer.from_seed(bytes(32))))
    return topics.down(EdgeId("edge-a"), "receipt", encoding), payload


def test_given_a_broker_that_lies_when_it_is_done_lying_then_every_punch_is_at_the_server_once(tmp_path):
    with World(tmp_path, broker="external", workers=1) as world:
        site = world.add_site("edge-a")
        world.add_terminal(site, "T-A", punches=3000, rate=5)

        async def lie() -> dict[str, int]:
            async with LyingBroker(LIES, 7, tls_of(world), world.broker_port) as broker:
                world.start()
                until = datetime.now(UTC).timestamp() + 20
                while datetime.now(UTC).timestamp() < until:
                    await asyncio.sleep(0.5)
                    broker.forge(*forged(world))
                broker.lies = Lies()
                await asyncio.to_thread(world.ask, "T-A", "rate 0")
                await asyncio.to_thread(world.until, world.is_equal, "equal counts", 120)
                site.part.stop()
                return broker.told

        told = asyncio.run(lie())

        assert prove(world).punches >= 3000
        assert all(told.get(what) for what in ("drop", "repeat", "delay", "garble", "replay", "forge")), told
