"""No regular expression of the reader takes long for any run of characters.

Each is tried the way the code uses it, on long runs of letters, digits, spaces, quotes, brackets
and dashes, with something in front or behind that makes a match fail late.
"""

from __future__ import annotations

import importlib
import re
import signal
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.slow

PACKAGE = ROOT / "ilo_archive"
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


def modules() -> list[str]:
    """The modules of the reader, by their names: to collect this test imports none of them."""
    files = (file for name in ("reader", "text") for file in (PACKAGE / name).rglob("*.py"))
    paths = (file.relative_to(PACKAGE).with_suffix("") for file in files)
    own = (path.parent if path.name == "__init__" else path for path in paths)
    return sorted(".".join(path.parts) for path in own)


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


Used = dict[str, tuple[re.Pattern[Any], tuple[str, ...]]]
"""Patterns by their names, each with the methods that its module calls."""


def used(name: str) -> Used:
    """The patterns of a module; those without a call of their own match whole texts."""
    module = importlib.import_module(f"ilo_archive.{name}")
    source = Path(module.__file__ or "").read_text(encoding="utf-8")
    found = {}
    for variable, value in vars(module).items():
        calls = set(re.findall(rf"\b{variable}(?:\(\))?\.({'|'.join(METHODS)})\b", source))
        for number, pattern in enumerate(patterns_in(value)):
            key = f"{name}.{variable}.{number}"
            found[key] = pattern, tuple(sorted(calls)) or ("fullmatch",)
    return found


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


def too_long(pattern: re.Pattern[Any], methods: tuple[str, ...], length: int) -> Iterator[Any]:
    """The calls that take longer than they may, also when they are tried again."""
    for run in RUNS:
        whole = (run * length)[:length]
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
                    yield method, run, frame, round(took, 2)


def test_there_are_patterns_and_their_ways_of_use_are_found() -> None:
    found = [methods for module in modules() for _, methods in used(module).values()]
    assert len(found) > 100
    assert set(chain(*found)) >= {"search", "match", "fullmatch", "sub", "finditer"}


@pytest.mark.parametrize("module", modules())
def test_no_run_of_characters_takes_long(module: str) -> None:
    before = signal.signal(signal.SIGALRM, stop)
    try:
        slow = {
            name: found
            for name, (pattern, methods) in used(module).items()
            if (found := list(too_long(pattern, methods, SHORTER.get(name, LENGTH))))
        }
    finally:
        signal.signal(signal.SIGALRM, before)
    assert slow == {}
