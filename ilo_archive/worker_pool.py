"""Do work in other processes: results in order, memory bounded, no process left behind."""

import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, Generic, TypeVar

from ilo_archive.errors import ExitCode, IloArchiveError

Item = TypeVar("Item")
Sent = TypeVar("Sent")
Result = TypeVar("Result")

_CHUNK = 10  # items sent at a time: more of them cost memory, fewer cost messages
_CHUNK_SIZE = 4 * 2**20  # bytes of the items sent at a time
_AHEAD = 3  # chunks for each process that are being worked on or wait

_shared: list[Any] = []  # in a worker: what its function is given with every item


class WorkerLost(IloArchiveError):
    """A worker process was killed, by the system for want of memory or by a user."""

    exit_code = ExitCode.SOME_FAILED

    def __init__(self) -> None:
        super().__init__(
            "a worker process was killed, state saved: run again, with fewer --workers if memory"
            " is short"
        )


def default_workers() -> int:
    """One process less than this one may use cores, at least 1."""
    usable = getattr(os, "sched_getaffinity", None)
    return max(1, (len(usable(0)) if usable else os.cpu_count() or 1) - 1)


class WorkerPool(Generic[Sent, Result]):
    """Calls `function(shared, item)` in other processes.

    `function` is importable by name. `shared` is sent to a process once, when it starts. With one
    worker, and for a single chunk of items, the function is called in this process.
    """

    def __init__(
        self, function: Callable[[Any, Sent], Result], shared: object, workers: int
    ) -> None:
        """Processes start when they are needed."""
        self._function = function
        self._shared = shared
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def map(
        self,
        items: Iterable[Item],
        sent: Callable[[Item], Sent],
        size: Callable[[Item], int] = lambda _: 0,
    ) -> Generator[tuple[Item, Result], None, None]:
        """Yield each item with its result, in order.

        `sent(item)` is what a process gets of it, `size(item)` its bytes. Raises WorkerLost, and
        what the function raises.
        """
        chunks = _chunks(items, size)
        first = next(chunks, [])
        second = next(chunks, None) if self._workers > 1 else None
        if second is None:
            rest = chain.from_iterable(chunks) if self._workers == 1 else ()
            for item in chain(first, rest):
                yield item, self._function(self._shared, sent(item))
            return
        try:
            yield from self._ahead(chain((first, second), chunks), sent)
        except BrokenProcessPool:
            raise WorkerLost from None

    def _ahead(
        self, chunks: Iterable[Sequence[Item]], sent: Callable[[Item], Sent]
    ) -> Iterator[tuple[Item, Result]]:
        waiting: deque[tuple[Sequence[Item], Future[list[Result]]]] = deque()
        for chunk in chunks:
            waiting.append((chunk, self._submit([sent(each) for each in chunk])))
            if len(waiting) >= self._workers * _AHEAD:
                done, future = waiting.popleft()
                yield from zip(done, future.result(), strict=True)
        while waiting:
            done, future = waiting.popleft()
            yield from zip(done, future.result(), strict=True)

    def _submit(self, chunk: list[Sent]) -> Future[list[Result]]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers, get_context("spawn"), _begin, (self._shared,)
            )
        with _interrupt_blocked():
            return self._pool.submit(_work, self._function, chunk)

    def close(self) -> None:
        """End the processes, after the chunks that they are working on."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def _chunks(items: Iterable[Item], size: Callable[[Item], int]) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    left = _CHUNK_SIZE
    for item in items:
        chunk.append(item)
        left -= size(item)
        if len(chunk) == _CHUNK or left <= 0:
            yield chunk
            chunk, left = [], _CHUNK_SIZE
    if chunk:
        yield chunk


@contextmanager
def _interrupt_blocked() -> Iterator[None]:
    """Block Ctrl-C and hang-ups for processes started meanwhile: the main process ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# -- in a worker ---------------------------------------------------------------------------


def _begin(shared: object) -> None:
    """Begin a process: keep what its function needs, and end it when its parent ends."""
    _shared[:] = [shared]
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _work(function: Callable[[Any, Sent], Result], chunk: list[Sent]) -> list[Result]:
    return [function(_shared[0], each) for each in chunk]
