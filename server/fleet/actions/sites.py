"""Sites and zones."""

from datetime import datetime

from server.audit.actions import record
from server.audit.model import Actor
from server.errors import InvalidInputError, RefusedError
from server.fleet import store
from server.fleet.model import Site, Zone
from server.fleet.tables import site, zone
from server.settings import known_zone
from server.storage import UnitOfWork


def add_site(uow: UnitOfWork, code: str, name: str, time_zone: str, by: Actor, now: datetime) -> Site:
    """Add a site with a zone of its own, which has the site's code; raises InvalidInputError or RefusedError."""
    code = _checked_code(code)
    try:
        known_zone(time_zone)
    except ValueError as error:
        raise InvalidInputError(field="time_zone", reason="{name} is no time zone; a right one is Asia/Shanghai", name=time_zone) from error
    if store.site_by_code(uow, code) or store.zone_by_code(uow, code):
        raise RefusedError(reason="There is a site or zone {code} already; choose another code.", code=code)
    uow.execute(site.insert().values(code=code, name=name.strip() or code, time_zone=time_zone))
    made = store.site_by_code(uow, code)
    assert made is not None
    uow.execute(zone.insert().values(code=code, name=made.name, site_id=made.id))
    store.raise_provisioning_version(uow)
    record(uow, by, "site.add", "site", code, at=now, after={"name": made.name, "time_zone": time_zone})
    return made


def add_zone(uow: UnitOfWork, code: str, name: str, by: Actor, now: datetime) -> Zone:
    """Add a zone that reaches over several sites; raises InvalidInputError or RefusedError."""
    code = _checked_code(code)
    if store.zone_by_code(uow, code):
        raise RefusedError(reason="There is a zone {code} already; choose another code.", code=code)
    uow.execute(zone.insert().values(code=code, name=name.strip() or code, site_id=None))
    made = store.zone_by_code(uow, code)
    assert made is not None
    record(uow, by, "zone.add", "zone", code, at=now, after={"name": made.name})
    return made


def list_sites(uow: UnitOfWork) -> list[Site]:
    """All sites, by code."""
    return store.sites(uow)


def list_zones(uow: UnitOfWork) -> list[Zone]:
    """All zones, by code."""
    return store.zones(uow)


def own_zone(uow: UnitOfWork, owner: Site) -> Zone:
    """The zone that a site has for itself."""
    return next(one for one in store.zones(uow) if one.site_id == owner.id)


def _checked_code(code: str) -> str:
    code = code.strip()
    if not 1 <= len(code) <= 64 or any(letter.isspace() for letter in code):
        raise InvalidInputError(field="code", reason="use 1 to 64 characters without spaces")
    return code
