"""No regular expression of the reader takes long for any run of characters.

Each is tried the way the code uses it, on long runs of letters, digits, spaces, quotes, brackets
and dashes, with something in front or behind that makes a match fail late.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from types import ModuleType
from typing import Any

import pytest

import ilo_archive.reader
import ilo_archive.text

pytestmark = pytest.mark.slow

LENGTH = 4000  # characters
LIMIT = 0.08  # seconds, ten times what a linear one takes and a third of what a quadratic one does
SHORTER = {"text.datelines._CUT.0": 30}
"""The most characters an expression is tried with, where the code asks for the length first."""
RUNS = (
    *'aA1 "([-©«.,/<=&é和٠_:;|"\n',
    *("a ", "1 ", "A. ", "a-", "1-", "1/", "1.", "a. ", "© a/", "<a ", " - ", "aA", "(a", "a)"),
    *("a, ", "<p>", "://", "1 May ", "и ", "May, ", "1 KB ", "年", "a and ", "A B, "),
)
FRAMES = ("{}", "a {}\x01", "1 {}! 2015")
METHODS = ("search", "match", "fullmatch", "sub", "findall", "finditer", "split")


def modules() -> Iterator[ModuleType]:
    for package in (ilo_archive.reader, ilo_archive.text):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(module.name)


def patterns_in(value: Any) -> Iterator[re.Pattern[Any]]:
    """The patterns of a name: one, several, or what a function without arguments keeps."""
    if isinstance(value, re.Pattern):
        yield value
    elif hasattr(value, "cache_info") and not value.__wrapped__.__code__.co_argcount:
        yield from patterns_in(value())
    elif isinstance(value, dict):
        yield from patterns_in(tuple(value.values()))
    elif isinstance(value, tuple | list):
        for each in value:
            yield from patterns_in(each)


def used() -> dict[str, tuple[re.Pattern[Any], tuple[str, ...]]]:
    """Each pattern with the methods that its module calls; those without a call of their own match
    whole texts.
    """
    found = {}
    for module in modules():
        source = Path(module.__file__ or "").read_text(encoding="utf-8")
        for name, value in vars(module).items():
            calls = set(re.findall(rf"\b{name}(?:\(\))?\.({'|'.join(METHODS)})\b", source))
            for number, pattern in enumerate(patterns_in(value)):
                key = f"{module.__name__.removeprefix('ilo_archive.')}.{name}.{number}"
                found[key] = pattern, tuple(sorted(calls)) or ("fullmatch",)
    return found


USED = used()


class TooLong(Exception):
    """A call that took longer than a test may."""


def stop(*_: object) -> None:
    raise TooLong


def seconds(pattern: re.Pattern[Any], method: str, text: str) -> float:
    said = text if isinstance(pattern.pattern, str) else text.encode()
    arguments = (said[:0], said) if method == "sub" else (said,)
    start = process_time()
    found = getattr(pattern, method)(*arguments)
    if method == "finditer":
        list(found)
    return process_time() - start


def test_there_are_patterns_and_their_ways_of_use_are_found() -> None:
    methods = {method for _, methods in USED.values() for method in methods}
    assert len(USED) > 100
    assert methods >= {"search", "match", "fullmatch", "sub", "finditer"}


@pytest.mark.parametrize("name", USED)
def test_no_run_of_characters_takes_long(name: str) -> None:
    pattern, methods = USED[name]
    before = signal.signal(signal.SIGALRM, stop)
    slow = set()
    try:
        for run in RUNS:
            whole = (run * LENGTH)[: SHORTER.get(name, LENGTH)]
            for frame in FRAMES:
                for method in methods:
                    signal.setitimer(signal.ITIMER_REAL, 20 * LIMIT)
                    try:
                        took = seconds(pattern, method, frame.format(whole))
                    except TooLong:
                        took = 20 * LIMIT
                    finally:
                        signal.setitimer(signal.ITIMER_REAL, 0)
                    if took > LIMIT and seconds(pattern, method, frame.format(whole)) > LIMIT:
                        slow.add((method, run, frame, round(took, 2)))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not slow
