"""A fake terminal that speaks real frames: for training, demo, support and tests.

options    how a terminal is set up           desk       a conversation and its answers (pure)
model      what it keeps (pure)               answers    which answer belongs to which request (pure)
faults     what can go wrong, by name         identify · reading · changing: the answers (pure)
sample     users and punches from a seed      tables · rows · events: bytes (pure)
furnish    fills a new terminal               delivery   how frames travel (pure)
keep       the state file                     lines      one client's queue
control    the door for the person behind it  port       TCP and UDP sockets
server     the terminal as a whole            thread     the same in a thread
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
