"""Where the tests of the reader look for the checkout; `tests.support.paths` has it."""

from tests.support.paths import ROOT

__all__ = ["ROOT"]
