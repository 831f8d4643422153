"""Letters and webhooks on their way."""

from server.notify.jobs.letters import Post
from server.notify.jobs.outgoing import Carrier

__all__ = ["Carrier", "Post"]
