"""Why somebody is not on a terminal as wanted, in words; the server's pages have them in Chinese, too. No names, no numbers."""

from edge.devices.driver import CannotError, DriverError, WriteProblem
from edge.downlink.users.outcome import Outcome
from protocol.messages import UserState
from protocol.wanted import WantedUser

FULL = "the terminal is full"
NOT_SHOWN = "the terminal took it and does not show it"
STILL_THERE = "its templates are still there"
NUMBER = "the terminal cannot hold such a user number"
LISTS_NOBODY = "the terminal does not list its users"
SILENT = "the terminal did not answer in time"
UNHEARD = "this terminal has never been heard: look whether it is set to push here"
OTHER_ALGORITHM = "its templates are of another algorithm"
WORDS = {
    WriteProblem.FULL: FULL,
    WriteProblem.REFUSED: "the terminal refused it",
    WriteProblem.NOT_KEPT: NOT_SHOWN,
    WriteProblem.READS_ONLY: "this driver only reads: choose zkteco, or let the terminal push",
    WriteProblem.UNKNOWN_COMMAND: "the terminal does not know how",
    WriteProblem.TABLE_UNCLEAR: "the terminal's list of users cannot be made sense of",
    WriteProblem.NO_SUCH_USER: "the terminal does not have this user",
    WriteProblem.NUMBER: NUMBER,
    WriteProblem.PASSWORD: "the terminal cannot hold such a password",
    WriteProblem.CARD: "the terminal cannot hold such a card number",
    WriteProblem.GROUP: "the terminal cannot hold such a group",
    WriteProblem.VERIFY: "the terminal cannot hold such a way to verify",
    WriteProblem.ALGORITHM: OTHER_ALGORITHM,
    WriteProblem.TEMPLATE: "the terminal cannot hold such a template",
}


def words(error: DriverError) -> str:
    """What a driver said, in words."""
    return next((text for problem, text in WORDS.items() if str(error) == problem), str(error))


def failure(user: WantedUser, error: DriverError) -> Outcome:
    """What there is no way for is refused; anything else failed, and is tried again."""
    state = UserState.REFUSED if isinstance(error, CannotError) else UserState.FAILED
    return Outcome(user.user, user.revision, state, reason=words(error))
