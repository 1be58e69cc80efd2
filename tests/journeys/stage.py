# SPDX-License-Identifier: Apache-2.0
"""The demonstration, served: its sample programme and people, and how to be one of them in a browser.

The published address is the one that is served, so that links in mails and credentials lead where they say.
``python -m tests.journeys.stage FOLDER`` makes one, with some months played, and serves it until Ctrl-C.
"""

from __future__ import annotations

import logging
import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

import app
import hallmark
from earning.catalogue.rehearsal import rehearse
from earning.programme import Programme
from service import clock, mail
from service.accounts import people, sessions
from service.accounts.people import Person
from service.cli import prepare
from service.envelope import filled_in
from service.mail import Attachment, Mail
from service.settings import load
from tests.earning.visits import COOKIE
from tests.journeys.browser import HEIGHT, PATIENCE, Scheme, serve
from tests.running import once

WIDE, NARROW = 1280, 320
_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Post:
    """A mail as it lies in the outbox."""

    mail: Mail
    text: str
    html: str
    files: tuple[Attachment, ...]

    @property
    def words(self) -> str:
        """Everything that its reader sees, in either form."""
        return f"{self.mail.subject}\n{self.text}\n{self.html}"

    @property
    def link(self) -> str:
        """The one main link."""
        found: str = _LINK.findall(self.text)[0]
        return found.rstrip(".,")

    def file(self, ending: str) -> bytes:
        """What is attached under a name that ends so."""
        return next(each.body for each in self.files if each.name.endswith(ending))


@dataclass(frozen=True, slots=True)
class Stage:
    """A running demonstration."""

    address: str
    house: app.House
    web: Flask

    @property
    def programme(self) -> Programme:
        """The room of earning."""
        return self.house.programme

    def run(self, *jobs: str, now: datetime | None = None) -> None:
        """Do jobs here and now, then send the mails."""
        for name in (*jobs, "mail"):
            self.house.jobs.run(name, now or clock.now())

    def person(self, email: str) -> Person:
        """Somebody, by address."""
        with self.house.db.reading() as session:
            found = people.find_by_email(session, email)
        assert found is not None, email
        return found

    def mails(self, address: str) -> list[Mail]:
        """The mails to an address, the newest first."""
        with self.house.db.reading() as session:
            return list(mail.listing(session, limit=50, address=address))

    def post(self, address: str, kind: str) -> Post:
        """The newest mail of a kind to an address."""
        found = next(each for each in self.mails(address) if each.kind == kind)
        with self.house.db.reading() as session:
            content = mail.content(session, found.id)
        assert content is not None
        settings = self.house.settings
        return Post(
            mail=found,
            text=filled_in(content.text, settings),
            html=filled_in(content.html, settings, html=True),
            files=content.attachments,
        )


@dataclass
class Window:
    """A browser of somebody's own: their pages, and everything that it complains about."""

    page: Page
    stage: Stage
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def go(self, path: str) -> Window:
        """Open a page of the house; whole addresses of the house are taken too."""
        self.page.goto(self.stage.address + path.removeprefix(self.stage.address), wait_until="load")
        return self

    def press(self, name: str, *, exact: bool = True, nth: int = 0) -> Window:
        """Press a button, and wait for the page that answers."""
        return self._leave("button", name, exact, nth)

    def follow(self, name: str, *, exact: bool = True, nth: int = 0) -> Window:
        """Follow a link."""
        return self._leave("link", name, exact, nth)

    def path(self) -> str:
        """Where it is, without host and query."""
        return self.page.url.removeprefix(self.stage.address).partition("?")[0].partition("#")[0]

    def heading(self) -> str:
        """The heading of the page."""
        return self.page.locator("h1").inner_text()

    def words(self) -> str:
        """What the page says."""
        return self.page.locator("main").inner_text()

    def sign_in(self, email: str) -> Window:
        """Be a sample person, by the button of the demonstration."""
        self.go("/sign-in")
        form = self.page.locator("form.sample", has=self.page.locator(f"bdi:text-is('{self._name(email)}')"))
        with self.page.expect_navigation(wait_until="load"):
            form.locator("button").click()
        return self

    def fits(self) -> bool:
        """Whether nothing spills over the sides."""
        return bool(
            self.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        )

    def _leave(self, role: str, name: str, exact: bool, nth: int) -> Window:
        found = self.page.get_by_role(role, name=name, exact=exact).nth(nth)  # type: ignore[arg-type]
        with self.page.expect_navigation(wait_until="load"):
            found.click()
        assert self.fits(), f"{self.page.url} spills"
        return self

    def _name(self, email: str) -> str:
        return self.stage.person(email).name


@cache
def _door() -> socket.socket:
    """Where this process serves its stages, one after the other: a house knows its address by heart."""
    return socket.create_server(("127.0.0.1", 0))


def _make(folder: Path, *, port: int) -> None:
    made = prepare(
        folder,
        roof=hallmark.HallmarkRoof(),
        public_url=f"http://127.0.0.1:{port}",
        title="Hallmark demo",
        demo=True,
    )
    for _ in made:
        pass


@contextmanager
def open_stage(folder: Path, *, plays: bool = False) -> Iterator[Stage]:
    """Make a demonstration in ``folder`` and serve it; with ``plays``, after some months of the programme."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    door = _door()
    port = int(door.getsockname()[1])
    once(f"stage-{port}", partial(_make, port=port), folder)
    # Chance would have some work read twice; here it is read once, unless readers disagree.
    service = app.create_app(replace(load(folder), second_reading_percent=0))
    house: app.House = service.extensions["hallmark"]
    if plays:
        rehearse(house.programme, now=clock.now())
    house.jobs.run("mail", clock.now())
    with serve(service, port=port, door=door) as address:
        yield Stage(address, house, service)
    house.jobs.close()
    house.db.close()


@contextmanager
def window(
    browser: Browser,
    stage: Stage,
    email: str | None = None,
    *,
    width: int = WIDE,
    scheme: Scheme = "light",
    scripts: bool = True,
) -> Iterator[Window]:
    """A fresh browser, signed in where there is an ``email``; in the end it must not have complained."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT}, color_scheme=scheme, java_script_enabled=scripts
    )
    context.set_default_timeout(PATIENCE)
    try:
        if email is not None:
            enter(context, stage, email)
        seen = Window(context.new_page(), stage)
        listen(seen)
        yield seen
        assert not seen.complaints, seen.complaints
        assert not seen.foreign, seen.foreign
    finally:
        context.close()


def enter(context: BrowserContext, stage: Stage, email: str) -> None:
    """Sign somebody in without the pages for it."""
    with stage.house.db.transaction() as session:
        _, presented = sessions.begin(
            session, stage.person(email).id, user_agent="Firefox 128 on Linux", now=clock.now()
        )
    context.add_cookies([{"name": COOKIE, "value": presented, "url": stage.address}])


def listen(seen: Window) -> None:
    """Note what the browser complains about, and what it asks of others."""
    own = (seen.stage.address + "/", "data:", "blob:", "about:")
    page = seen.page

    def hear(line: ConsoleMessage) -> None:
        # A form that is not filled in rightly is answered with 422, of which the browser makes an error.
        if line.type in {"error", "warning"} and "status of 422" not in line.text:
            seen.complaints.append(f"{page.url}: {line.text}")

    page.on("console", hear)
    page.on("pageerror", lambda error: seen.complaints.append(f"{page.url}: {error}"))
    page.on("request", lambda asked: None if asked.url.startswith(own) else seen.foreign.append(asked.url))


def main() -> None:
    """Serve a demonstration to look at."""
    with open_stage(Path(sys.argv[1]), plays=True) as stage:
        sys.stdout.write(f"{stage.address}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
