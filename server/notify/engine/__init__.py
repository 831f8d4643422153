"""Pure: what letters and webhooks say, and when they are tried again."""

from server.notify.engine.hooks import Posting, posting_of, usable_address
from server.notify.engine.letters import RETRY_DELAYS, letter, lines_of, next_try

__all__ = ["RETRY_DELAYS", "Posting", "letter", "lines_of", "next_try", "posting_of", "usable_address"]
