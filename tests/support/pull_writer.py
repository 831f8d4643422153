"""A simulated terminal with our driver connected to it, for tests of what is written."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from edge.devices.driver import TerminalAddress, Transport
from edge.devices.zkteco.driver import ZkDriver
from edge.devices.zkteco.simulator import Simulator, SimulatorOptions, User

Result = TypeVar("Result")


def with_driver(
    scenario: Callable[[ZkDriver, Simulator], Awaitable[Result]], transport: Transport = Transport.TCP, silence: float = 60, **options
) -> Result:
    """Run a scenario with a driver and its terminal. silence: seconds; short only where the terminal does not answer."""

    async def run() -> Result:
        async with Simulator(SimulatorOptions(zone="UTC", **options)) as terminal:
            address = TerminalAddress("127.0.0.1", terminal.port, transport)
            async with ZkDriver(address, silence_seconds=silence) as driver:
                return await scenario(driver, terminal)

    return asyncio.run(run())


def users_of(terminal: Simulator) -> dict[str, User]:
    return {user.number: user for user in terminal.terminal.users.values()}


def fingers_of(terminal: Simulator) -> dict[tuple[str, int], bytes]:
    """Templates by number and finger."""
    numbers = {uid: user.number for uid, user in terminal.terminal.users.items()}
    return {(numbers[uid], finger): one.data for (uid, finger), one in terminal.terminal.prints.items()}
