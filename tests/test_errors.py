"""Errors that a user can cause: one tree, each with its exit code."""

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module

import ilo_archive
from ilo_archive.errors import IloArchiveError

_LISTED = re.compile(r"- `(\w+)` \((\d)\)")


def subclasses(error: type[IloArchiveError]) -> Iterator[type[IloArchiveError]]:
    """All subclasses, direct or not."""
    for each in error.__subclasses__():
        yield each
        yield from subclasses(each)


def test_the_docstring_lists_every_error_with_its_exit_code() -> None:
    for module in pkgutil.walk_packages(ilo_archive.__path__, "ilo_archive."):
        if not module.name.endswith(("__main__", ".env")) and ".versions." not in module.name:
            import_module(module.name)
    listed = {name: int(code) for name, code in _LISTED.findall(IloArchiveError.__doc__ or "")}
    known = {each.__name__: int(each.exit_code) for each in subclasses(IloArchiveError)}
    assert len(known) > 10
    assert listed == known
