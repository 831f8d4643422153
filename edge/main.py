"""The edge agent: builds its parts from settings and runs them until it is told to stop."""

import asyncio
import gc
import resource
import signal
from contextlib import suppress

import structlog

from edge.collect import Crew
from edge.downlink import Downlink
from edge.downlink.sealing_key import open_sealing_key
from edge.health import HealthBook
from edge.kit import open_kit
from edge.link import Link, LinkAddress
from edge.outbox import Outbox
from edge.outbox.file import Limits
from edge.protocol_log import ProtocolLog
from edge.renewal import Renewal
from edge.service import Manager, Service, read_versions
from edge.settings import EdgeSettings
from edge.station.station import Station
from edge.status_page import StatusPage
from edge.support import RecentLog, Support
from edge.uplink import Uplink
from edge.vault import Vault
from protocol.identifiers import EdgeId

log = structlog.get_logger(__name__)


async def run(settings: EdgeSettings, recent: RecentLog | None = None) -> None:
    """Run the agent until SIGTERM or SIGINT. Raises EdgeError when it cannot begin. recent: its last log lines, for a support bundle."""
    edge = EdgeId(settings.edge)
    server, manager = settings.server, Manager.of_environment()
    keys = open_kit(settings)
    address = LinkAddress(server.host, server.port, server.ca, server.certificate, server.key)
    limits = Limits(settings.outbox.max_megabytes, settings.outbox.keep_days)
    with Outbox(settings.outbox_file, edge, limits) as outbox:
        opener = open_sealing_key(settings.data_dir)
        vault = Vault.of_agent(settings.folder, settings.data_dir)
        link = Link(edge, address, keys, lambda: open_kit(settings))
        book = HealthBook(edge, outbox, settings.status_file, server.certificate)
        book.protocol = ProtocolLog(settings.protocol_log_entries)
        uplink = Uplink(edge, outbox, link, book, opener.public)
        crew = Crew(settings, outbox, book)
        station = Station(settings, settings.station, outbox, book) if settings.station else None
        support = Support(settings, outbox, book, recent or RecentLog(), lambda: [*crew.keys(), *(station.people() if station else ())])
        downlink = Downlink(settings, outbox, link, crew, book, opener, vault, support)
        await downlink.begin()
        spare_the_collector()
        take_descriptors()
        log.info(
            "edge_runs",
            edge=edge,
            terminals=len(settings.terminals),
            folders=len(settings.drop_folders),
            pushing=len(settings.push.terminals) if settings.push else 0,
        )
        with suppress(asyncio.CancelledError):
            async with asyncio.TaskGroup() as group:
                parts = [link.run(), uplink.run(), crew.run(), downlink.run(), book.run(link, settings.health_seconds), support.run()]
                parts.append(Renewal(settings, link.reconnect, book).run())
                parts.append(Service(outbox, link, book, manager, read_versions()).run())
                if station:
                    parts.append(station.run())
                if settings.page.host:
                    name_of = station.name_of if station else _nobody_is_known
                    parts.append(StatusPage(settings, outbox, book, crew.files.room, lambda: link.up, name_of).run())
                tasks = [group.create_task(part) for part in parts]
                _stop_on_signals(tasks)
    log.info("edge_stopped", edge=edge)


def _nobody_is_known(serial: str, user: str) -> str:  # noqa: ARG001 - an edge without a station knows no names
    return ""


def spare_the_collector() -> None:
    """A log's punches are values without cycles: looking through them for cycles takes a twentieth of the time of an append (measured)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


def take_descriptors() -> None:
    """As many as the system lets us have: a thousand terminals may stand at the door, and the outbox and the line need theirs as well."""
    with suppress(OSError, ValueError):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _stop_on_signals(tasks: list[asyncio.Task[None]]) -> None:
    def stop() -> None:
        for task in tasks:
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
