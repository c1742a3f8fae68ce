"""Validate an RO-Crate offline: FOLDER SEVERITY -> its faults, a line each. Runs in .venv-pywb.

The validator fetches the context of JSON-LD that a crate names; the package rocrate has a copy of
that of RO-Crate 1.1, which is put into the validator's cache.
"""

import io
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import rocrate
from requests import Request, Response
from requests_cache import CachedSession
from rocrate_validator import models, services
from urllib3 import HTTPResponse

CONTEXT = "https://w3id.org/ro/crate/1.1/context"


def store_context(cache: Path) -> None:
    """Store the answer to a request for the context."""
    body = (Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_bytes()
    session = CachedSession(str(cache), backend="sqlite", expire_after=-1)
    answer = Response()
    answer.status_code, answer.url = 200, CONTEXT
    answer.headers["Content-Type"] = "application/ld+json"
    answer.request = session.prepare_request(Request("GET", CONTEXT))
    answer.raw = HTTPResponse(io.BytesIO(body), headers=answer.headers, preload_content=False)
    answer._content = body
    session.cache.save_response(answer)
    session.close()


def main(folder: str, severity: str) -> int:
    """Print the faults; the exit code is 1 if there are any."""
    with TemporaryDirectory() as name:
        cache = Path(name) / "http"
        store_context(cache)
        settings = services.ValidationSettings(
            rocrate_uri=folder,
            profile_identifier="ro-crate-1.1",
            requirement_severity=models.Severity[severity],
            offline=True,
            cache_path=cache,
            cache_max_age=-1,
        )
        result = services.validate(settings)
    for each in result.get_issues():
        sys.stdout.write(f"{each.severity.name} {each.check.identifier}: {each.message}\n")
    return 0 if result.passed() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
