"""A web archive of a few captures of one page, in this process."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar


@contextmanager
def serving(url: str, pages: Mapping[str, bytes]) -> Iterator[str]:
    """Serve captures of `url`, by 14 digits, as a Wayback-style archive. Yields its address."""
    handler = type("Handler", (_Handler,), {"url": url, "pages": dict(pages)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/web"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    url: ClassVar[str]
    pages: ClassVar[dict[str, bytes]]

    def log_message(self, *_: Any) -> None:
        """Print nothing."""

    def do_GET(self) -> None:
        """Answer with the listing or with a capture."""
        if self.path.startswith("/web/cdx"):
            rows = ({"timestamp": each, "url": self.url} for each in sorted(self.pages))
            body = "".join(f"{json.dumps(row)}\n" for row in rows).encode()
            self._answer(200, body, {"Content-Type": "text/plain"})
            return
        timestamp = self.path.removeprefix("/web/").partition("id_/")[0]
        if timestamp not in self.pages:
            self._answer(404, b"", {})
            return
        moment = datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        printed = {
            "Content-Type": "text/html; charset=utf-8",
            "Memento-Datetime": format_datetime(moment, usegmt=True),
        }
        self._answer(200, self.pages[timestamp], printed)

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
