"""The command line with a worker that is killed by the captures of one month.

python -m tests.support.dying_worker ARGUMENTS
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from multiprocessing import parent_process
from typing import Any

from ilo_archive.cli import main
from ilo_archive.worker_pool import WorkerPool

FATAL = "201209"
"""The month whose captures kill the worker that reads them."""


class Deadly:
    """A function that kills its process when it is handed a capture of that month."""

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        self._function = function

    def __call__(self, shared: Any, item: Any) -> Any:
        if parent_process() and item.capture.timestamp.startswith(FATAL):
            os.kill(os.getpid(), signal.SIGKILL)
        return self._function(shared, item)


_init = WorkerPool.__init__


def _with_deadly(pool: Any, function: Callable[[Any, Any], Any], *more: Any) -> None:
    _init(pool, Deadly(function), *more)


if __name__ == "__main__":
    from tests.support import dying_worker  # noqa: PLW0406 - the name that workers know it by

    WorkerPool.__init__ = _with_deadly  # type: ignore[assignment]
    Deadly = dying_worker.Deadly  # type: ignore[misc]
    main()
