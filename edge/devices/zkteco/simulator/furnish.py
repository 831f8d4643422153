"""Fills a simulated terminal with the users and punches its options ask for. Chance and the moment are arguments."""

from datetime import datetime, timedelta
from random import Random

from edge.devices.zkteco.simulator.enrolling import draw_template
from edge.devices.zkteco.simulator.faults import Faults
from edge.devices.zkteco.simulator.model import Log, Terminal, User
from edge.devices.zkteco.simulator.options import SimulatorError, SimulatorOptions
from edge.devices.zkteco.simulator.rows import record_encoder
from edge.devices.zkteco.simulator.sample import PastPunch, draw_punches, draw_users, read_past
from edge.devices.zkteco.simulator.tables import default_options, user_table
from edge.devices.zkteco.templates import VALID, Fingerprint
from protocol.instants import WallTime


def empty_terminal(options: SimulatorOptions) -> Terminal:
    """Make a terminal that knows nobody yet."""
    return Terminal(
        log=Log(record_encoder(options.record_size)),
        options=default_options(options.serial, options.name, options.algorithm),
        drift=timedelta(seconds=options.clock_drift),
        users_capacity=options.users_capacity,
        fingers_capacity=options.fingers_capacity,
        faces=options.faces,
    )


def furnish(terminal: Terminal, options: SimulatorOptions, faults: Faults, chance: Random, now: datetime) -> None:
    """Give an empty terminal its past; raises SimulatorError for a file that holds none."""
    if options.from_file is not None:
        read = read_past(options.from_file)
        for number, name in read.names.items():
            terminal.put_user(User(terminal.free_uid(), number, name))
        past = read.punches
    else:
        for user in draw_users(chance, options.users):
            terminal.put_user(user)
            for finger in range(options.fingers):
                terminal.put_print(Fingerprint(user.uid, finger, VALID, draw_template(chance, options.algorithm)))
        past = draw_punches(chance, [user.number for user in terminal.users.values()], options.punches, now)
    try:
        _put_past(terminal, past, faults)
        if "uid-reuse" in faults:
            _reuse_uids(terminal)
        user_table(terminal, options.user_size, faults)
    except ValueError as problem:
        raise SimulatorError(str(problem)) from problem


def _put_past(terminal: Terminal, past: list[PastPunch], faults: Faults) -> None:
    every = faults.number("impossible-dates")
    for count, punch in enumerate(past, 1):
        wall = impossible(punch.wall) if every and count % every == 0 else punch.wall
        terminal.punch(punch.number, wall, punch.verify, punch.state)


def impossible(wall: WallTime) -> WallTime:
    """The same year and time of day on 30 February, which the terminal's way of writing time can hold."""
    return WallTime(wall // 10_000_000_000 * 10_000_000_000 + 230_000_000 + wall % 1_000_000)


def _reuse_uids(terminal: Terminal) -> None:
    """Every fifth user left, and somebody new got the row."""
    for uid in terminal.uids()[::5]:
        left = terminal.users[uid]
        terminal.delete_user(uid)
        terminal.put_user(User(uid, f"{int(left.number) + 50_000 if left.number.isdigit() else uid + 50_000}", "新员工"))
