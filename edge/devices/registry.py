"""Which driver reads which terminal. Everything else knows only `edge.devices.driver`: `Driver` and `Writer`."""

from edge.devices.driver import CannotError, Driver, TerminalAddress, Transport, WriteProblem, Writer
from edge.devices.pyzk import PyzkDriver
from edge.devices.zkteco.driver import ZkDriver
from edge.settings import TerminalSettings
from protocol.messages import Source

LIVE_SOURCES = {"zkteco": Source.ZK_LIVE}
LOG_SOURCES = {"zkteco": Source.ZK_PULL, "pyzk": Source.PYZK}


def address_of(terminal: TerminalSettings) -> TerminalAddress:
    return TerminalAddress(terminal.host, terminal.port, Transport(terminal.transport), terminal.key)


def open_driver(terminal: TerminalSettings) -> Driver:
    """A driver for one terminal, not connected yet."""
    address = address_of(terminal)
    if terminal.driver == "pyzk":
        return PyzkDriver(address)
    return ZkDriver(address, terminal.layout or None)


def writer_of(driver: Driver) -> Writer:
    """What changes the terminal that this driver is connected to; raises CannotError where the driver only reads."""
    if isinstance(driver, ZkDriver):
        return driver.writer
    raise CannotError(WriteProblem.READS_ONLY)
