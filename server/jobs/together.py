"""Workers that share a process: small ones, whose own process would cost more than their work."""

import threading
from collections.abc import Sequence
from typing import Protocol


class Worker(Protocol):
    """`run` returns after `stop`."""

    def run(self) -> None: ...
    def stop(self) -> None: ...


class Together:
    """The first one runs where `run` is called, the others in threads. One that fails ends them all: the process is started again."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._first, *self._others = workers
        self._failure: BaseException | None = None

    def run(self) -> None:
        """Raises what one of the others failed with."""
        threads = [threading.Thread(target=self._run, args=(one,), name=type(one).__name__, daemon=True) for one in self._others]
        for thread in threads:
            thread.start()
        try:
            self._first.run()
        finally:
            self.stop()
            for thread in threads:
                thread.join()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        for one in (self._first, *self._others):
            one.stop()

    def _run(self, one: Worker) -> None:
        try:
            one.run()
        except BaseException as error:  # noqa: BLE001 - it is raised where the process ends
            self._failure = error
            self.stop()
