# SPDX-License-Identifier: Apache-2.0
"""A real Chromium for the journeys: the one that is installed, never one that is downloaded.

``python -m tests.journeys.browser URL OUT.png [--width 1280] [--dark] [--print]`` takes a picture of a page.
Debian's ``chromium-headless-shell`` draws the same pages with half of the work that ``chromium`` has with its
windows, so it goes first; ``CHROMIUM`` names another browser.
"""

from __future__ import annotations

import argparse
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from flask import Flask
from playwright.sync_api import Browser, Dialog, Page, expect, sync_playwright
from werkzeug.serving import make_server

_INSTALLED = [Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")]
CHROMIUM = Path(os.environ.get("CHROMIUM") or next(filter(Path.exists, _INSTALLED), _INSTALLED[0]))
PATIENCE = 30_000  # milliseconds; what is expected comes at once, unless the machine has other things to do
HEIGHT = 900  # pixels of the window; pictures are of the whole page
Scheme = Literal["light", "dark"]
# A graphics card that is only imitated costs more than drawing without one.
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-software-rasterizer")
expect.set_options(timeout=PATIENCE)


def available() -> bool:
    """Tell whether there is a browser to drive; where one is required, its absence is a fault, not a skip."""
    return CHROMIUM.exists() or os.environ.get("REQUIRE_BROWSER") == "1"


@contextmanager
def launch() -> Iterator[Browser]:
    """Start the browser, and end it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def serve(app: Flask, *, port: int = 0, door: socket.socket | None = None) -> Iterator[str]:
    """Serve ``app`` on ``port`` of this machine, or on a free one; gives the address.

    ``door`` is where somebody listens on this port already.
    """
    fd = None if door is None else door.fileno()
    server = make_server("127.0.0.1", port, app, threaded=True, fd=fd)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Visit:
    """One page, opened; what the browser complained about, and what it asked for elsewhere."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def submit(self, button: str = "button[type=submit]") -> None:
        """Press ``button``, and wait until the page that answers has been loaded."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.click(button)

    def refuse(self, dialog: Dialog) -> None:
        """Note a dialog, and close it."""
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@contextmanager
def visit(
    browser: Browser,
    url: str,
    *,
    width: int = 1280,
    scheme: Scheme = "light",
    scripts: bool = True,
) -> Iterator[Visit]:
    """Open ``url`` in a fresh context, and listen."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT}, color_scheme=scheme, java_script_enabled=scripts
    )
    try:
        seen = Visit(context.new_page())
        own = "/".join(url.split("/")[:3]) + "/"
        seen.page.on(
            "console", lambda m: seen.complaints.append(m.text) if m.type in ("error", "warning") else None
        )
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.on(
            "request", lambda r: None if r.url.startswith((own, "data:")) else seen.foreign.append(r.url)
        )
        seen.page.on("dialog", seen.refuse)
        seen.page.goto(url, wait_until="load")
        yield seen
    finally:
        context.close()


def picture(
    browser: Browser, url: str, *, width: int = 1280, scheme: Scheme = "light", paper: bool = False
) -> bytes:
    """Return a PNG of the whole page; ``paper`` shows the print sheet."""
    with visit(browser, url, width=width, scheme=scheme) as seen:
        if paper:
            seen.page.emulate_media(media="print")
        seen.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")  # lazy pictures, too
        seen.page.wait_for_load_state("networkidle")
        seen.page.evaluate("window.scrollTo(0, 0)")
        return seen.page.screenshot(full_page=True)


def main() -> None:
    """Take one picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("out", type=Path)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--print", action="store_true", dest="paper")
    given = parser.parse_args()
    with launch() as browser:
        scheme: Scheme = "dark" if given.dark else "light"
        given.out.write_bytes(
            picture(browser, given.url, width=given.width, scheme=scheme, paper=given.paper)
        )


if __name__ == "__main__":
    main()
