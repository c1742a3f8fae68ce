"""The command line with a worker that is killed by the captures of one month.

python -m tests.support.dying_worker ARGUMENTS
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from importlib import import_module
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


if __name__ == "__main__":
    deadly = import_module("tests.support.dying_worker").Deadly  # workers find it by this name
    begin = WorkerPool.__init__

    def begin_deadly(pool: Any, function: Callable[[Any, Any], Any], *more: Any) -> None:
        """Begin a pool that is handed the deadly function."""
        begin(pool, deadly(function), *more)

    setattr(WorkerPool, "__init__", begin_deadly)  # noqa: B010 - of a generic class
    main()
