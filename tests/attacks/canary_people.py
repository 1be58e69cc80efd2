# SPDX-License-Identifier: Apache-2.0
"""Everybody in the programme full of canaries (threats P1), and what the walk through it is told.

``Planted`` is the service with everything in it; ``Scene`` makes accounts whose names, addresses, schools and
locals are secrets, one of them by the forms and the mail, and browsers whose sessions are secrets too.
"""

import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from flask import Flask
from werkzeug.test import TestResponse

import app
from earning.programme import Programme
from service import mail
from service.accounts import people
from service.accounts.people import Person, Role
from service.envelope import filled_in
from tests.attacks.canary_net import Net
from tests.earning import reviewing as it
from tests.earning.house import somebody
from tests.earning.visits import BROWSER, COOKIE, Visitor, sign_in

OPEN: Final = "This page everybody may read, says the heron."
LISTED: Final = "Heron County recognises these"
_PRESENTED = re.compile(r"/confirm/([A-Za-z0-9_-]+)")
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Planted:
    """The service with everything in it.

    Attributes:
        ids: Under a name, the parts of addresses that lead to something.
        told: A kind of secret, and the beginnings of the addresses where it may be read.
        said: What was logged all the while.
        drawn: Every text that became pixels.
        owner: The browser of the educator who hides the name, on whose ``panel`` it can be shown.
    """

    web: Flask
    folder: Path
    net: Net
    said: io.StringIO
    ids: dict[str, list[str]] = field(default_factory=dict)
    told: dict[str, tuple[str, ...]] = field(default_factory=dict)
    drawn: list[str] = field(default_factory=list)
    owner: Visitor | None = None
    panel: str = ""
    owner_name: str = ""

    @property
    def house(self) -> app.House:
        """The opened house."""
        found: app.House = self.web.extensions["hallmark"]
        return found

    @property
    def programme(self) -> Programme:
        """The room of earning."""
        return self.house.programme

    def show_name(self, shown: bool) -> None:
        """Press the button that shows or hides the name."""
        assert self.owner is not None
        fields = {"shown": "yes" if shown else "no", "name": self.owner_name}
        assert self.owner.post(f"{self.panel}/name", fields).status_code == 303

    def note(self, name: str, *ids: str) -> None:
        """Keep parts of addresses."""
        self.ids.setdefault(name, []).extend(ids)


class Scene:
    """Plants step by step."""

    def __init__(self, made: Planted) -> None:
        self.made, self.net, self.programme = made, made.net, made.programme
        self.web = made.web.test_client(use_cookies=False)
        self.base = made.programme.public_url
        self.people: dict[str, Person] = {}

    def somebody(self, who: str, *roles: tuple[Role, str], name: str = "") -> Person:
        """An account of which name, address, school and local are secrets."""
        made = somebody(
            self.programme,
            name or self.net.name(f"name of {who}"),
            *roles,
            email=self.net.email(f"address of {who}"),
            school=f"{self.net.word(f'school of {who}').title()} School",
            local=f"{self.net.word(f'local of {who}').title()} Local",
        )
        self.people[who] = made
        return made

    def browser(self, who: str) -> Visitor:
        """A browser of somebody; its secrets are secrets."""
        made = sign_in(self.programme, self.web, self.people[who])
        self.net.value(made.cookie, f"session of {who}")
        self.net.value(made.csrf, f"form token of {who}")
        return made

    def staff(self) -> None:
        """Reviewers, a manager, a recognizer."""
        for who in ("a reviewer", "another reviewer", "a third reviewer"):
            made = it.reviewer(
                self.programme,
                self.net.name(f"name of {who}"),
                email=self.net.email(f"address of {who}"),
                school=f"{self.net.word(f'school of {who}').title()} School",
                local=f"{self.net.word(f'local of {who}').title()} Local",
            )
            self.people[who] = made
        self.somebody("a manager", (Role.MANAGER, it.PROGRAMME))
        self.somebody("a recognizer", (Role.RECOGNIZER, "example-district"))
        self.somebody("a member")

    def signed_up(self) -> Visitor:
        """The educator who hides the name: an account by the forms and the mail."""
        email = self.net.email("address of the hidden educator")
        name, password = self.net.name("name of the hidden educator"), "four lamps over water "
        password += self.net.word("password of the hidden educator")
        fields = {"email": email, "name": name, "zone": "America/New_York", "state": "VT"}
        for part in ("school", "local"):
            fields[part] = f"{self.net.word(f'{part} of the hidden educator').title()} Place"
        self.sent(self.web.post("/sign-up", data=fields, headers=BROWSER))
        with self.programme.db.reading() as session:
            (letter,) = mail.listing(session, limit=1, address=email)
            content = mail.content(session, letter.id)
        assert content is not None
        found = _PRESENTED.search(filled_in(content.text, self.programme.settings))
        assert found is not None
        presented = self.net.value(found[1], "link that confirms an address")
        entered = self.sent(
            self.web.post(f"/confirm/{presented}", data={"password": password}, headers=BROWSER)
        )
        wrong = {"email": email, "password": self.net.word("wrong password")}
        assert self.web.post("/sign-in", data=wrong, headers=BROWSER).status_code == 422
        cookie = entered.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
        self.net.value(cookie, "session of the hidden educator")
        self.net.digests(name, "name of the hidden educator")
        with self.programme.db.reading() as session:
            person = people.find_by_email(session, email)
        assert person is not None
        self.people["the hidden educator"] = person
        page = self.made.web.test_client()
        page.set_cookie(COOKIE, cookie)
        form = _CSRF.search(page.get("/account", headers=BROWSER).text)
        assert form is not None
        return Visitor(page, self.net.value(form[1], "form token of the hidden educator"), cookie)

    @staticmethod
    def sent(answer: TestResponse) -> TestResponse:
        """A form that was taken."""
        assert answer.status_code in (200, 201, 303), (answer.request.path, answer.status_code, answer.text)
        return answer

    def text(self, kind: str) -> str:
        """A sentence with a secret."""
        return f"I say {self.net.word(kind)}, and more."
