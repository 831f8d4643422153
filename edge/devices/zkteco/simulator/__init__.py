"""A fake terminal that speaks real frames: for training, demo, support and tests.

options    how a terminal is set up          answers    what it says to a request (pure)
model      what it keeps (pure)              tables     users, log and sizes as bytes (pure)
faults     what can go wrong, by name        events     live events as bytes (pure)
sample     users and punches from a seed     delivery   how frames travel (pure)
furnish    fills a new terminal              lines      one client's queue
keep       the state file                    server     TCP and UDP
control    the door for the person behind it thread     the same in a thread
"""

from edge.devices.zkteco.simulator.faults import FAULTS, FaultError
from edge.devices.zkteco.simulator.model import Punch, User
from edge.devices.zkteco.simulator.options import SimulatorError, SimulatorOptions
from edge.devices.zkteco.simulator.server import Simulator
from edge.devices.zkteco.simulator.thread import SimulatorInThread, simulator_in_thread

__all__ = [
    "FAULTS",
    "FaultError",
    "Punch",
    "Simulator",
    "SimulatorError",
    "SimulatorInThread",
    "SimulatorOptions",
    "User",
    "simulator_in_thread",
]
