"""Group commit: whatever waits becomes one transaction.

Nobody owns a thread for it: the first of those who wait commits for all of them while the others sleep. A single append so costs no
change of threads, and a hundred at once cost one fsync.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Job(Generic[T]):
    """A piece of a transaction; `work` may run more than once and changes nothing but what it is given."""

    def __init__(self, work: Callable[..., T]) -> None:
        self.work = work
        self.value: T | None = None
        self.error: BaseException | None = None
        self.done = False

    def succeed(self, value: T) -> None:
        self.value, self.done = value, True

    def fail(self, error: BaseException) -> None:
        self.error, self.done = error, True


class GroupCommit:
    """Hands waiting jobs to `commit`, which must finish each of them; one call of `commit` at a time."""

    def __init__(self, commit: Callable[[list[Job[Any]]], None]) -> None:
        self._commit = commit
        self._waiting: list[Job[Any]] = []
        self._list = Lock()
        self.turn = Lock()
        """Held while a transaction runs; whoever exchanges the file holds it too."""

    def do(self, work: Callable[..., T]) -> T:
        """Return what `work` gave, once it is on the disk; raises what it, or the commit, raised."""
        job = Job(work)
        with self._list:
            self._waiting.append(job)
        with self.turn:
            if not job.done:
                with self._list:
                    jobs, self._waiting = self._waiting, []
                self._commit(jobs)
        if job.error is not None:
            raise job.error
        return job.value  # type: ignore[return-value] # a job that is done without error has its value
