"""Counts with their nouns."""


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 capture`, `2 captures`, `0 entries`; `plural` where an s is not enough."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
