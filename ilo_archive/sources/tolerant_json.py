"""JSON of servers that may send anything."""

import json
from typing import Any


def json_or_none(text: str | bytes) -> Any:
    """The value of a JSON text; None for what is not JSON or nests too deep."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
