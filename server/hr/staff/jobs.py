"""What staff records do by the clock."""

from collections.abc import Sequence

from server.hr.staff import actions
from server.jobs.kinds import Schedule


def schedules(zone: str) -> Sequence[Schedule]:
    """HR is told of contracts that end before the day begins; facts that people are found by now, and were not, are indexed at night."""
    return [
        Schedule("remind-of-contracts", "30 6 * * *", zone, actions.remind_of_contracts),
        Schedule("index-facts", "50 2 * * *", zone, actions.index_facts),
    ]
