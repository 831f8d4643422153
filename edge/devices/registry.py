"""Which driver reads which terminal. Everything else knows only `edge.devices.driver.Driver`."""

from edge.devices.driver import Driver, TerminalAddress, Transport
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
