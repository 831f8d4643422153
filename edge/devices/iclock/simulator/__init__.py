"""A fake terminal that pushes, in either dialect: for training, demo, support and tests.

options  how it is set up                     faults   what can go wrong, by name
memory   what it holds (pure)                 rows     how it writes it (pure)
obey     what it does at a command (pure)     unit     what it asks next, and what it makes of the answer (pure)
faces    the same about faces (pure)          obeyed   what it did, as a value
runner   its line to the server               control  one command a line, for the person behind it
"""

from edge.devices.iclock.simulator.faults import PUSH_FAULTS
from edge.devices.iclock.simulator.options import PushOptions, PushSimulatorError
from edge.devices.iclock.simulator.runner import PushSimulator

__all__ = ["PUSH_FAULTS", "PushOptions", "PushSimulator", "PushSimulatorError"]
