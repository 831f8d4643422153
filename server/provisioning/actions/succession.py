"""The authority over time, as the database knows it: every machine shows it and raises its alarm, and one alone has the keys."""

from datetime import datetime

from server.audit.actions import record
from server.audit.model import SERVER, Actor
from server.broker.authority import Authority
from server.provisioning import store
from server.provisioning.model import Succession, TrustedAuthority
from server.storage import UnitOfWork


def note_authorities(uow: UnitOfWork, authority: Authority, now: datetime, by: Actor = SERVER) -> None:
    """Note down which certificates are trusted; a new one is on the trail. Repeating it changes nothing. Raises AuthorityError."""
    known = {one.fingerprint for one in store.authorities(uow)}
    for member in reversed(authority.members()):
        one = TrustedAuthority(member.fingerprint.hex(), member.name, member.begins_at, member.ends_at)
        if one.fingerprint in known:
            continue
        store.add_authority(uow, one)
        after = {"fingerprint": one.fingerprint, "until": one.ends_at.isoformat()}
        record(uow, by, "authority.trust", "authority", one.name, at=now, after=after)


def succession_of(uow: UnitOfWork) -> Succession:
    """The authority over time, and who was not handed the newest of it."""
    found = store.authorities(uow)
    unaware = store.edges_before(uow, found[0].begins_at) if len(found) > 1 else []
    return Succession(tuple(found), tuple(unaware))
