"""What requests do by the clock."""

from collections.abc import Sequence

from server.hr.requests import actions
from server.jobs.kinds import Schedule


def schedules(zone: str) -> Sequence[Schedule]:
    """People are told of certificates that they owe before the working day begins."""
    return [Schedule("remind-of-certificates", "0 7 * * *", zone, actions.remind_of_certificates)]
