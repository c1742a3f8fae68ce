"""Headless Chromium over its debugging pipe: open pages, ask them, photograph and print them."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

FLAGS = (
    "headless=new", "no-sandbox", "disable-gpu", "no-first-run", "disable-background-networking",
    "disable-component-update", "disable-sync", "hide-scrollbars", "remote-debugging-pipe",
    "force-color-profile=srgb", "font-render-hinting=none", "disable-dev-shm-usage",
)  # fmt: skip
_TO_BROWSER, _FROM_BROWSER = 3, 4  # the two descriptors that --remote-debugging-pipe uses

Scheme = Literal["light", "dark"]


def find_chromium() -> str | None:
    """The path of the program, None without one."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    """A running Chromium with one tab; `open` before all else."""

    def __init__(self, process: subprocess.Popen[bytes], write: int, read: int) -> None:
        self._process = process
        self._write = os.fdopen(write, "wb", buffering=0)
        self._read = os.fdopen(read, "rb", buffering=0)
        self._unread = b""
        self._number = 0
        self._events: list[dict[str, Any]] = []
        target = self._send("Target.createTarget", url="about:blank")["targetId"]
        attached = self._send("Target.attachToTarget", targetId=target, flatten=True)
        self._session: str = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.command(f"{domain}.enable")

    def command(self, method: str, **parameters: Any) -> Any:
        """Send a command of the DevTools protocol to the tab; its result."""
        return self._send(method, self._session, **parameters)

    def open(
        self,
        url: str,
        width: int = 1280,
        height: int = 900,
        scheme: Scheme = "light",
        *,
        script: bool = True,
        policy: bool = True,
        media: str = "",
        scale: float = 1,
    ) -> None:
        """Load a page in a window of that size; without `policy` its CSP does not hold."""
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=scale, mobile=width < 700,
        )  # fmt: skip
        feature = [{"name": "prefers-color-scheme", "value": scheme}]
        self.command("Emulation.setEmulatedMedia", media=media, features=feature)
        self.command("Emulation.setScriptExecutionDisabled", value=not script)
        self.command("Page.setBypassCSP", enabled=not policy)
        self._events.clear()
        self.command("Page.navigate", url=url)
        self._wait_for("Page.loadEventFired")

    def submit(self, form: str) -> None:
        """Send the form that an expression of JavaScript gives, and load what it leads to."""
        self._events.clear()
        self.evaluate(f"({form}).requestSubmit()")
        self._wait_for("Page.loadEventFired")

    def evaluate(self, expression: str) -> Any:
        """The value of an expression of JavaScript in the page; a promise is awaited."""
        found = self.command(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"])
        return found["result"].get("value")

    def requests(self) -> list[str]:
        """The addresses that the page asked for since it was opened."""
        return [
            each["params"]["request"]["url"]
            for each in self._events
            if each["method"] == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[str]:
        """What the console reports since the page was opened: errors, what the policy refused."""
        return [
            each["params"]["entry"]["text"]
            for each in self._events
            if each["method"] == "Log.entryAdded"
        ]

    def screenshot(self, clip: tuple[float, float, float, float] | None = None) -> bytes:
        """A PNG of the whole page, or of x, y, width, height."""
        size = self.command("Page.getLayoutMetrics")["cssContentSize"]
        x, y, width, height = clip or (0, 0, size["width"], size["height"])
        area = {"x": x, "y": y, "width": width, "height": height, "scale": 1}
        shot = self.command("Page.captureScreenshot", captureBeyondViewport=True, clip=area)
        return base64.b64decode(shot["data"])

    def pdf(self) -> bytes:
        """The page as printed on A4."""
        printed = self.command("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        return base64.b64decode(printed["data"])

    def close(self) -> None:
        """End the program."""
        self._write.close()
        self._read.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, method: str, session: str | None = None, **parameters: Any) -> Any:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._write.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self._events.append(answer)

    def _wait_for(self, event: str) -> None:
        while not any(each.get("method") == event for each in self._events):
            self._events.append(self._receive())

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._unread:
            part = self._read.read(1 << 20)
            if not part:
                raise RuntimeError("Chromium ended")
            self._unread += part
        line, _, self._unread = self._unread.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message


@contextmanager
def browser(program: str) -> Iterator[Browser]:
    """A browser with a profile of its own, ended at the end."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        opened = _start(program, Path(profile))
        try:
            yield opened
        finally:
            opened.close()


def _start(program: str, profile: Path) -> Browser:
    there, write = os.pipe()
    read, here = os.pipe()
    # The shell gives the pipes the numbers that Chromium wants.
    command = f'exec "$@" {_TO_BROWSER}<&{there} {_FROM_BROWSER}>&{here}'
    flags = [f"--{flag}" for flag in (*FLAGS, f"user-data-dir={profile}")]
    process = subprocess.Popen(
        ["/bin/bash", "-c", command, "bash", program, *flags],
        pass_fds=(there, here),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(there)
    os.close(here)
    return Browser(process, write, read)
