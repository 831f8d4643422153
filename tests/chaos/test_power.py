"""Power cuts under the outbox."""

import pytest

from tests.chaos.cutting import cut_often
from tests.chaos.power import why_not


@pytest.mark.may_skip  # loop devices are the machine's to give; the reason is printed
def test_given_power_cuts_when_the_disk_is_looked_at_then_every_acknowledged_row_is_there(tmp_path):
    if reason := why_not():
        pytest.skip(reason)

    assert cut_often(tmp_path, cuts=8, seed=1) > 0
