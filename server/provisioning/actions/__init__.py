"""What can be done about the identity of edges."""

from server.provisioning.actions.enrolling import EnrolmentRefusedError, Entrance, enrol, make_kit
from server.provisioning.actions.issuing import adopt_issued
from server.provisioning.actions.places import note_hello
from server.provisioning.actions.renewing import nonce_for, renew
from server.provisioning.actions.revoking import note_broker, release_edge, revoke_edge, settle_findings, write_revocations
from server.provisioning.actions.standing import open_findings, standing_of
from server.provisioning.actions.succession import note_authorities, succession_of
from server.provisioning.actions.tokens import offer_token, withdraw_token

__all__ = [
    "EnrolmentRefusedError",
    "Entrance",
    "adopt_issued",
    "enrol",
    "make_kit",
    "nonce_for",
    "note_authorities",
    "note_broker",
    "note_hello",
    "offer_token",
    "open_findings",
    "release_edge",
    "renew",
    "revoke_edge",
    "settle_findings",
    "standing_of",
    "succession_of",
    "withdraw_token",
    "write_revocations",
]
