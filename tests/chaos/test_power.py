"""Power cuts under the outbox and under the server's database."""

import pytest

from tests.chaos.cutting import WRITERS, cut_often
from tests.chaos.power import why_not


@pytest.mark.may_skip  # loop devices are the machine's to give; the reason is printed
@pytest.mark.parametrize("under", WRITERS)
def test_given_power_cuts_when_the_disk_is_looked_at_then_everything_acknowledged_is_there(tmp_path, under):
    if reason := why_not():
        pytest.skip(reason)

    assert cut_often(tmp_path, cuts=6, seed=1, under=under) == 6
