"""A site's box dies with punches that were on its disk only; a new one brings them from the terminals."""

import shutil

from tests.chaos.proof import prove
from tests.support.world import World


def test_given_a_dead_box_with_unsent_punches_when_it_is_replaced_then_the_terminals_bring_them_again(tmp_path):
    with World(tmp_path) as world:
        site = world.add_site("edge-a")
        world.add_terminal(site, "T-A", punches=300)
        world.start()
        world.until(world.is_equal, "the past is there")
        world.server.stop()
        world.everybody_punches("T-A")
        world.until(lambda: world.appended().get("T-A") == world.held()["T-A"], "the box has them")
        site.part.kill()
        shutil.rmtree(site.kit.parent / "data")
        old = site.kit

        world.replace_box(site)
        world.server.start()
        site.part.start()

        world.until(world.is_settled, "equal counts")
        site.part.stop()
        assert prove(world).punches == world.held()["T-A"] == 300 + world.users
        assert old != site.kit
