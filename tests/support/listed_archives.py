"""The command line with another list of Memento archives than the one that is shipped.

python -m tests.support.listed_archives JSON ARGUMENTS...
"""

from __future__ import annotations

import json
import sys

from ilo_archive.cli import main
from ilo_archive.sources import archives

if __name__ == "__main__":
    known = json.loads(sys.argv.pop(1))
    archives._known = lambda: known  # type: ignore[assignment]
    main()
