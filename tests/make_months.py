"""Where the tests of datelines look for `tools/make_months.py`."""

from pathlib import Path
from runpy import run_path

if __name__ == "__main__":
    run_path(str(Path(__file__).parents[1] / "tools" / "make_months.py"), run_name="__main__")
else:
    from tools.make_months import LOCALES, MONTHS

    __all__ = ["LOCALES", "MONTHS"]
