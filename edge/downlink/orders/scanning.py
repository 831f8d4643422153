"""Looks for terminals in a subnet, politely: one connection to each address, and a word with those that answer."""

import asyncio
from ipaddress import IPv4Network

import msgspec

from edge.collect import Crew
from edge.devices.driver import TerminalAddress
from edge.devices.zkteco.discovery import Finding, ProbeResult, answers, probe
from edge.downlink.orders.order import Answer, Ordered, RefusedOrderError
from edge.health import plain
from protocol.messages import Scanned

LARGEST = 22
"""Length of the prefix: a thousand addresses, which take a minute."""
AT_ONCE = 64
ANSWER_SECONDS = 1.5
SILENT = (Finding.PORT_CLOSED, Finding.NO_ROUTE)


class Scanner:
    """Carries out `scan`."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew

    async def scan(self, ordered: Ordered) -> Answer:
        network = _network(ordered.text("subnet"))
        port = int(ordered.number("port", 1, 65535)) if ordered.order.parameters.get("port") else 4370
        room = asyncio.Semaphore(AT_ONCE)

        async def look(host: str) -> tuple[str, Scanned | None]:
            async with room:
                return host, await self._look(host, port)

        hosts = [str(host) for host in network.hosts()]
        met = dict(await asyncio.gather(*(look(host) for host in hosts)))
        found = {host: msgspec.json.encode(one).decode() for host, one in met.items() if one is not None}
        return Answer(detail=f"addresses: {len(hosts)}, found: {len(found)}", found=found)

    async def _look(self, host: str, port: int) -> Scanned | None:
        ours = self._crew.found_at(host, port)
        if ours is not None:  # it may serve one client only, and we are that
            return Scanned(ours.serial, ours.facts.get("driver", "zkteco"), port, facts=_short(ours.facts))
        transport = await answers(host, port, ANSWER_SECONDS)
        return await _known(TerminalAddress(host, port, transport)) if transport else None


async def _known(address: TerminalAddress) -> Scanned | None:
    result = await probe(address)
    if result.finding in SILENT:
        return None
    facts = result.facts
    if facts is None:
        return Scanned(port=address.port, transport=address.transport.value, trouble=_trouble(result))
    told = {"model": facts.name, "platform": facts.platform, "firmware": facts.firmware, "mac": facts.mac}
    return Scanned(plain(facts.serial, 64), port=address.port, transport=address.transport.value, facts=_short(told))


def _trouble(result: ProbeResult) -> str:
    return plain(f"{result.finding}: {result.detail}" if result.detail and result.detail != result.finding else result.finding, 200)


def _short(facts: dict[str, str]) -> dict[str, str]:
    """So that all of it fits into one note."""
    return {name: plain(value, 60) for name, value in list(facts.items())[:12] if value}


def _network(text: str) -> IPv4Network:
    try:
        network = IPv4Network(text, strict=False)
    except ValueError:
        raise RefusedOrderError(f"{text[:40]!r} is no subnet; a right one is 192.168.1.0/24") from None
    if network.prefixlen < LARGEST:
        raise RefusedOrderError(f"a subnet of at most a thousand addresses (/{LARGEST}) is looked through at once")
    if not network.is_private:
        raise RefusedOrderError("only private networks are looked through")
    return network
