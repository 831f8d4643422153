"""The authority over time, as the database knows it: every machine shows it and raises its alarm, and one alone has the keys."""

from datetime import datetime

from server.audit.actions import record
from server.audit.model import SERVER, Actor
from server.broker.authority import Authority
from server.provisioning import store
from server.provisioning.model import Succession, TrustedAuthority
from server.storage import UnitOfWork


def note_authorities(uow: UnitOfWork, authority: Authority, now: datetime, by: Actor = SERVER) -> None:
    """Note down which certificates are trusted; who comes or goes is on the trail. Repeating it changes nothing. Raises AuthorityError.

    None goes by itself: the keys of a whole installation were made anew.
    """
    known = {one.fingerprint: one for one in store.authorities(uow)}
    members = [TrustedAuthority(one.fingerprint.hex(), one.name, one.begins_at, one.ends_at) for one in authority.members()]
    for one in reversed(members):
        if one.fingerprint not in known:
            store.add_authority(uow, one)
            after = {"fingerprint": one.fingerprint, "until": one.ends_at.isoformat()}
            record(uow, by, "authority.trust", "authority", one.name, at=now, after=after)
    for fingerprint in known.keys() - {one.fingerprint for one in members}:
        store.remove_authority(uow, fingerprint)
        record(uow, by, "authority.distrust", "authority", known[fingerprint].name, at=now, before={"fingerprint": fingerprint})


def succession_of(uow: UnitOfWork) -> Succession:
    """The authority over time, and who was not handed the newest of it."""
    found = store.authorities(uow)
    unaware = store.edges_before(uow, found[0].begins_at) if len(found) > 1 else []
    return Succession(tuple(found), tuple(unaware))
