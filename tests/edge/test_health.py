"""What an edge says of itself."""

import pytest

from edge import health as health_module
from edge.health import HealthBook
from tests.edge.conftest import EDGE, SERIAL, rows


@pytest.fixture
def clock(monkeypatch):
    """Seconds that the edge has run; `clock(hours)` sets them."""
    moment = [0.0]
    monkeypatch.setattr(health_module.time, "monotonic", lambda: moment[0])
    return lambda hours: moment.__setitem__(0, hours * 3600.0)


def test_given_the_past_of_a_first_read_when_asked_how_long_the_disk_lasts_then_it_is_no_rate(outbox, tmp_path, clock):
    book = HealthBook(EDGE, outbox, tmp_path / "status.json", tmp_path / "none.pem")

    def hours_left() -> tuple[float | None, float]:
        size = outbox.size()
        return book._hours_left(size), size.room / size.used if size.used else 0.0

    assert hours_left()[0] is None

    clock(0.01)
    outbox.append(SERIAL, rows(*range(600)))
    after_minutes, times = hours_left()
    assert after_minutes == pytest.approx(times, rel=0.01), "as if all of it came in an hour"

    clock(10)
    outbox.append(SERIAL, rows(*range(600, 1200)))
    after_hours, times = hours_left()
    assert after_hours == pytest.approx(times * 10, rel=0.01)
