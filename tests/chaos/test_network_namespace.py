"""The server in a network of its own, and the cable to it pulled: the kernel's own cut, not a proxy's."""

import os
import time

import pytest

from tests.chaos import namespace
from tests.chaos.namespace import THERE, Namespace
from tests.chaos.proof import prove
from tests.support.world import World


@pytest.mark.may_skip  # network namespaces are the kernel's and root's to give; the reason is printed
def test_given_a_cable_that_is_pulled_when_edge_and_worker_die_meanwhile_then_every_punch_is_at_the_server_once(tmp_path):
    if reason := namespace.why_not():
        pytest.skip(reason)

    with Namespace(f"cb{os.getpid()}") as there, World(tmp_path, host=THERE) as world:
        world.server.command = there.inside(world.server.command)
        for edge in ("edge-a", "edge-b"):
            site = world.add_site(edge)
            world.add_terminal(site, f"T-{edge}", punches=300)
        world.start()
        world.until(world.is_equal, "equal counts")

        there.cut()
        before = world.admitted()
        for serial in before:
            world.everybody_punches(serial)
        world.until(lambda: world.appended() == world.held(), "all appended")
        # the broker keeps half of a line to an edge that is gone, and an edge half of a line to a broker that is gone
        world.sites["edge-a"].part.kill()
        world.sites["edge-a"].part.start()
        world.signal("ingest-1")
        time.sleep(2)
        meanwhile = world.admitted()
        there.join()

        world.until(world.is_settled, "equal counts")
        for site in world.sites.values():
            site.part.stop()
        assert meanwhile == before
        assert prove(world).held == 640
