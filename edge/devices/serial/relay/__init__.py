"""A USB relay for the door. `frames` has the bytes, `guard` is the process that holds the port, `door` starts it and asks it for pulses."""
