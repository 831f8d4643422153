"""What may be asked, and what an answer makes of an order. Pure."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from protocol.messages import MOST_DATES, OrderKind, OrderOutcome
from server.dispatch.orders.model import TERMS, PartState
from server.errors import InvalidInputError

LARGEST_SUBNET = 1024
"""Addresses of one scan: a site's network; more would be somebody else's."""
LONGEST_UNLOCK = 60
PATIENCE = timedelta(days=1)
"""How long beyond its end a taken order is asked about: the edge has it and may be away."""
_OUTCOMES = {
    OrderOutcome.TAKEN: PartState.TAKEN,
    OrderOutcome.DONE: PartState.DONE,
    OrderOutcome.FAILED: PartState.FAILED,
    OrderOutcome.REFUSED: PartState.REFUSED,
    OrderOutcome.EXPIRED: PartState.EXPIRED,
    OrderOutcome.OTHER: PartState.FAILED,
}


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a protocol log. at: as the edge wrote it, in UTC. direction: out, in, or another word; shown: bytes in hex, or words."""

    at: str
    direction: str
    name: str
    length: int
    shown: str


_LOG_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3})Z  (\S+) *  (.*?)  (\d+) bytes(?:  (.*))?")


def log_lines(body: bytes, most: int) -> list[LogLine]:
    """The last lines of a protocol log, oldest first; lines of another form are left to the file."""
    text = body.decode("utf-8", errors="replace")
    found = [_LOG_LINE.fullmatch(line.rstrip()) for line in text.splitlines()[-most:]]
    return [LogLine(one[1], one[2], one[3].strip(), int(one[4]), one[5] or "") for one in found if one]


def checked_parameters(kind: OrderKind, typed: Mapping[str, str]) -> dict[str, str]:
    """What goes with an order of this kind, from what somebody typed; raises InvalidInputError."""
    match kind:
        case OrderKind.RE_READ:
            return {"dates": _dates(typed["dates"])} if typed.get("dates", "").strip() else {}
        case OrderKind.UNLOCK:
            return {"seconds": str(_whole(typed, "seconds", 5, 1, LONGEST_UNLOCK))}
        case OrderKind.ENROL:
            user = typed.get("user", "").strip()
            if not 1 <= len(user) <= 64 or not user.isprintable():
                raise InvalidInputError(field="user", reason="give the user's number at the terminal")
            return {"user": user, "finger": str(_whole(typed, "finger", 6, 0, 9))}
        case OrderKind.READ_OPTIONS:
            names = typed.get("names", "").replace(" ", "")
            return {"names": names[:2000]} if names else {}
        case OrderKind.SCAN:
            return {"subnet": checked_subnet(typed.get("subnet", ""))}
        case OrderKind.PROTOCOL_LOG:
            return {"minutes": str(_whole(typed, "minutes", 60, 1, 1440))}
        case _:
            return {}


def checked_subnet(typed: str) -> str:
    """A network to look for terminals in, written in one way; raises InvalidInputError."""
    try:
        network = ipaddress.ip_network(typed.strip(), strict=False)
    except ValueError as error:
        raise InvalidInputError(field="network", reason="write it as 192.168.1.0/24") from error
    if network.num_addresses > LARGEST_SUBNET:
        told = "at most {most} addresses at once, so /22 or a larger number"
        raise InvalidInputError(field="network", reason=told, most=LARGEST_SUBNET)
    if not network.is_private:
        raise InvalidInputError(field="network", reason="this is no private network: an edge only looks into the site's own")
    return str(network)


def lasting(kind: OrderKind, minutes: int | None) -> timedelta:
    """How long an order is good for; raises InvalidInputError for longer than its kind may be."""
    terms = TERMS[kind]
    wanted = terms.lasts if minutes is None else timedelta(minutes=minutes)
    if not timedelta(0) < wanted <= terms.most:
        most = int(terms.most.total_seconds() // 60)
        raise InvalidInputError(field="expiry", reason="an order of this kind is good for {most} minutes at most", most=most)
    return wanted


def answered(state: PartState, outcome: OrderOutcome) -> PartState:
    """What an edge's answer makes of it. The first end stands; one that was taken back, or given up, is told as it turned out after all."""
    told = _OUTCOMES[outcome]
    if state in {PartState.DONE, PartState.FAILED, PartState.REFUSED}:
        return state
    if state is PartState.CANCELLED and told in {PartState.REFUSED, PartState.EXPIRED}:
        return state  # so it was not done, which is what was wanted
    return told


def state_now(stored: PartState, expires_at: datetime, now: datetime) -> PartState:
    """What holds at a moment: what nobody answered in time has expired, and what was taken and never told of again has, later."""
    given_up = expires_at + PATIENCE if stored is PartState.TAKEN else expires_at
    return PartState.EXPIRED if not stored.ended and given_up <= now else stored


def _dates(text: str) -> str:
    try:
        days = sorted({date.fromisoformat(day.strip()) for day in text.split(",")})
    except ValueError as error:
        raise InvalidInputError(field="dates", reason="write dates as 2026-11-26, with commas between them") from error
    if len(days) > MOST_DATES:
        raise InvalidInputError(field="dates", reason="use at most {most} days", most=MOST_DATES)
    return ",".join(map(str, days))


def _whole(typed: Mapping[str, str], field: str, default: int, least: int, most: int) -> int:
    text = typed.get(field, "").strip() or str(default)
    if not text.isdecimal() or not least <= int(text) <= most:
        raise InvalidInputError(field=field, reason="use a whole number from {least} to {most}", least=least, most=most)
    return int(text)
