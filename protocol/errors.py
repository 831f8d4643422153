"""What can be wrong with something that came over the wire.

ProtocolError
  IdentifierError   a name that is none of ours; a person typed it, or a peer is broken
  DecodeError       bytes that are no message; carries the reason, never the content
  SignatureError    a message that its sender's key did not sign
  ChainError        rows that do not continue, or do not add up to, the head they claim
  SealError         sealed for another reader or purpose, or changed on the way
  TopicError        a topic that is none of ours, or does not belong to the sender
"""


class ProtocolError(Exception):
    """Anything that is wrong with what a peer sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class IdentifierError(ProtocolError):
    """A name that breaks the rule for its kind."""


class DecodeError(ProtocolError):
    """Bytes that are no message of ours."""


class SignatureError(ProtocolError):
    """A signature that is missing, of another key, or over other bytes."""


class ChainError(ProtocolError):
    """Rows that do not lead from one chain head to the next."""


class SealError(ProtocolError):
    """Something sealed that does not open here, or a key that none can seal for."""


class TopicError(ProtocolError):
    """A topic outside the scheme in `protocol.topics`."""
