"""Count the lines of listings that cannot be parsed, and keep the first."""

from dataclasses import dataclass

_SHOWN = 200  # characters


@dataclass(frozen=True, slots=True)
class OddLines:
    """How many lines or items of a listing could not be parsed, and the first, cut to a line."""

    count: int = 0
    first: str = ""

    @classmethod
    def of(cls, text: str) -> "OddLines":
        """One odd line."""
        tally = OddTally()
        tally.add(text)
        return tally.lines

    def __len__(self) -> int:
        return self.count


class OddTally:
    """Counts odd lines."""

    def __init__(self) -> None:
        """Begin with none."""
        self.count = 0
        self._first = ""

    def add(self, line: str) -> None:
        """Count a line."""
        if not self.count:
            shown = line.strip()[:_SHOWN]
            # A lone surrogate cannot be printed nor stored.
            self._first = shown.encode("utf-8", "backslashreplace").decode()
        self.count += 1

    @property
    def lines(self) -> OddLines:
        """What was counted."""
        return OddLines(self.count, self._first)
