"""An edge of one terminal, to be killed: `python -m tests.edge.downlink.carrying_process FOLDER PORT`."""

import asyncio
import sys
from pathlib import Path

from edge.outbox import Outbox
from tests.edge.collect.conftest import terminal_at
from tests.edge.conftest import EDGE
from tests.edge.downlink.conftest import running_site


async def carry(folder: Path, port: int) -> None:
    with Outbox(folder / "outbox.db", EDGE) as outbox:
        async with running_site(folder, outbox, terminal_at(port, expected_serial="CBSIM0001")):
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(carry(Path(sys.argv[1]), int(sys.argv[2])))
