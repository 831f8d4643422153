"""Which driver reads which terminal. Everything else knows only `edge.devices.driver`: `Driver` and `Writer`."""

from edge.devices.driver import CannotError, Driver, TerminalAddress, Transport, WriteProblem, Writer
from edge.devices.pyzk import PyzkDriver
from edge.devices.watch import Watch
from edge.devices.zkteco.driver import ZkDriver
from edge.settings import TerminalSettings
from protocol.messages import Source

LIVE_SOURCES = {"zkteco": Source.ZK_LIVE}
LOG_SOURCES = {"zkteco": Source.ZK_PULL, "pyzk": Source.PYZK}


def address_of(terminal: TerminalSettings) -> TerminalAddress:
    return TerminalAddress(terminal.host, terminal.port, Transport(terminal.transport), terminal.key)


def open_driver(terminal: TerminalSettings, watch: Watch | None = None) -> Driver:
    """A driver for one terminal, not connected yet. watch: who follows its frames, where the driver is our own."""
    address = address_of(terminal)
    if terminal.driver == "pyzk":
        return PyzkDriver(address)
    driver = ZkDriver(address, terminal.layout or None)
    if watch is not None:
        driver.follow(watch)
    return driver


def writer_of(driver: Driver) -> Writer:
    """What changes the terminal that this driver is connected to; raises CannotError where the driver only reads."""
    if isinstance(driver, ZkDriver):
        return driver.writer
    raise CannotError(WriteProblem.READS_ONLY)
