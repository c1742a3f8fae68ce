"""Parse JSON from servers, which may be malformed."""

import json
from typing import Any


def json_or_none(text: str | bytes) -> Any:
    """The value of a JSON text; None if it is not JSON or nested too deeply."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
