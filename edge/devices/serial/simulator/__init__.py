"""Parts that are not there, each on a pseudo-terminal: `with ModulePort(...) as part: part.port` names the port to open."""

from edge.devices.serial.simulator.faults import Faults
from edge.devices.serial.simulator.module import ModuleModel, ModulePort

__all__ = ["Faults", "ModuleModel", "ModulePort"]
