# SPDX-License-Identifier: Apache-2.0
"""V10: a foreign credential full of markup, on the page of the answer: text stays text, links are links.

Nothing that a stranger signed becomes an element, an attribute or a link of another kind, and no picture of
theirs is loaded. The same in a real browser, with its own list of payloads, is in ``tests/journeys``.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service import clock
from service.db import Database
from service.files import FileStore
from service.problems import Problems
from service.settings import Settings
from service.web import create_flask
from tests.running import tables
from tests.world import Issuer, World
from verifier.bureau import Bureau
from verifier.desk import Desk
from verifier.issuer_lists import Lists
from verifier.problems import ROWS
from verifier.web import check as desk_pages

HTML = {"Accept": "text/html"}
SCHEMES = ("https://", "http://", "mailto:", "/", "#")
OWN_ELEMENTS = {"script": "/static/", "link": "/static/", "img": "/achievements/", "form": "/verify"}

NAUGHTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</bdi></p><iframe srcdoc='<script>alert(1)</script>'>",
    "javascript:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "[click](javascript:alert(1)) ![x](https://elsewhere.example/x.png)",
    "<javascript:alert(1)>",
    "{{ 7*7 }} {% raw %} ${7*7}",
    "\u202egnp.live\u2066\u200b",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<style>*{display:none}</style>",
    "<meta http-equiv=refresh content=0;url=https://elsewhere.example/>",
    "<a href=https://elsewhere.example target=_blank>x</a>",
    "x" * 5_000,
)


@pytest.fixture
def world() -> World:
    """A world whose time is the machine's: doors read the clock themselves."""
    found = World()
    found.clock.moment = clock.now().replace(microsecond=0)
    return found


@pytest.fixture
def client(tmp_path: Path, world: World) -> Iterator[FlaskClient]:
    settings, db = Settings(data=tmp_path), Database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    tables(db)
    desk = Desk(network=lambda: world.network, lists=Lists(db))
    bureau = Bureau(desk=desk, db=db, files=FileStore(tmp_path / "brought"), settings=settings)
    problems = Problems(public_url=settings.public_url)
    problems.register(ROWS)
    routes = (desk_pages.blueprint(bureau, problems),)
    yield create_flask(settings, problems=problems, db=db, blueprints=routes).test_client()
    db.close()


class Seen(HTMLParser):
    """Everything that would become an element or an attribute, and the text outside fields of forms."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""

    def handle_data(self, data: str) -> None:
        if self.elements[-1:] and self.elements[-1][0] != "textarea":
            self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))


def seen(page: str) -> Seen:
    parser = Seen()
    parser.feed(page)
    return parser


def hostile(union: Issuer, text: str) -> bytes:
    draft = union.draft(name=text)
    subject = draft["credentialSubject"]
    achievement = subject["achievement"]
    draft["issuer"] = {
        **union.profile,
        "name": text,
        "email": text,
        "phone": text,
        "address": {"type": ["Address"], "streetAddress": text, "addressLocality": text},
    }
    achievement |= {
        "name": text,
        "description": text,
        "achievementType": f"ext:{text}",
        "humanCode": text,
        "tag": [text, f"stack:{text}"],
    }
    achievement["criteria"] = {"narrative": text}
    achievement["alignment"][0] |= {"targetName": text, "targetFramework": text}
    achievement["resultDescription"][0]["name"] = text
    for level in achievement["resultDescription"][0]["rubricCriterionLevel"]:
        level["name"] = text
    draft["evidence"][0] |= {"name": text, "narrative": text, "genre": text, "description": text}
    subject["identifier"].append(
        {"type": "IdentityObject", "hashed": False, "identityHash": text, "identityType": "name"}
    )
    return union.sign(draft)


def check(page: str) -> None:
    found = seen(page)
    for tag, attributes in found.elements:
        assert tag not in ("iframe", "object", "embed", "base", "style", "template"), tag
        assert not [name for name in attributes if name.startswith("on") or name in ("srcdoc", "style")], tag
        for name in ("href", "src", "action", "formaction"):
            value = attributes.get(name, "")
            assert value.startswith(SCHEMES) or not value, value[:80]
        source = attributes.get("src", "") or (attributes.get("href", "") if tag == "link" else "")
        if tag in OWN_ELEMENTS and source:
            assert source.startswith(OWN_ELEMENTS[tag]), source[:80]
        if tag == "meta":
            assert "http-equiv" not in attributes
        if attributes.get("href", "").startswith("http"):
            assert "javascript" not in attributes["href"]
    assert "\u202e" not in found.text


def test_foreign_text_stays_text_whatever_the_verdict(client: FlaskClient, union: Issuer) -> None:
    for text in NAUGHTY:
        badge = hostile(union, text)
        forged = badge.replace(b"Plans and leads", b"Leads", 1).replace(b'"1"', b'"0"', 1)
        for raw, asked in (
            (badge, {"recipient": text, "cycle_from": "2020-01-01"}),
            (badge, {}),
            (forged, {}),
        ):
            answer = client.post("/verify", data={"text": raw.decode(), **asked}, headers=HTML)
            assert answer.status_code == 200
            check(answer.get_data(as_text=True))


def test_words_of_our_templates_in_foreign_text_do_nothing(client: FlaskClient, union: Issuer) -> None:
    badge = hostile(union, "{{ 7*7 }} {% raw %}")
    page = client.post("/verify", data={"text": badge.decode()}, headers=HTML).get_data(as_text=True)
    assert "{{ 7*7 }} {% raw %}" in page


def test_what_was_typed_comes_back_as_text(client: FlaskClient) -> None:
    for text in NAUGHTY:
        typed = {"text": f"nothing {text}", "recipient": text, "cycle_from": text[:30], "list": text[:30]}
        answer = client.post("/verify", data=typed, headers=HTML)
        assert answer.status_code in (404, 415, 422)
        check(answer.get_data(as_text=True))
        answer = client.get("/verify", query_string={"url": text, "from": text[:30]}, headers=HTML)
        check(answer.get_data(as_text=True))


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>.json", '"><script>alert(1)</script>', "\u202egpj.exe"]
)
def test_the_name_of_a_file_is_text(client: FlaskClient, union: Issuer, name: str) -> None:
    form = {"file": (io.BytesIO(union.mint()), name)}
    check(client.post("/verify", data=form, headers=HTML).get_data(as_text=True))


def test_what_a_raw_value_holds_is_text(client: FlaskClient, union: Issuer) -> None:
    for method in ("javascript:alert(1)#<script>", 'did:web:x.example#"><script>alert(1)</script>'):
        members: dict[str, Any] = json.loads(union.mint())
        members["proof"][0]["verificationMethod"] = method
        members["credentialStatus"]["statusListCredential"] = "javascript:alert(1)//<script>"
        page = client.post("/verify", data={"text": json.dumps(members)}, headers=HTML)
        check(page.get_data(as_text=True))
