"""Parts that are not there, each on a pseudo-terminal: `with ModulePort(...) as part: part.port` names the port to open."""

from edge.devices.serial.simulator.card import CardPort
from edge.devices.serial.simulator.faults import Faults
from edge.devices.serial.simulator.module import ModuleModel, ModulePort
from edge.devices.serial.simulator.relay import RelayPort

__all__ = ["CardPort", "Faults", "ModuleModel", "ModulePort", "RelayPort"]
