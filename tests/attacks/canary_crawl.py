# SPDX-License-Identifier: Apache-2.0
"""A stranger's walk over everything that anyone may ask for, at the ids that there are (threats P1).

``VISITS`` names every public route that answers GET, with the addresses at which it is asked; the test holds
it against the routes of the service. ``walk`` asks, follows links, tries what is for others, and keeps all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from service import access
from tests.attacks.canary_people import Planted
from tests.earning.conftest import earning_template  # noqa: F401  fixture

BROWSER: Final = "text/html,application/xhtml+xml,*/*;q=0.8"
ACCEPTED: Final = (BROWSER, "application/json")
DOCUMENTS: Final = (
    "application/vc+ld+json",
    "application/vc+jwt",
    "image/png",
    "image/svg+xml",
    "application/pdf",
)
_PUBLISHED: Final = ("", ".json", ".jwt", ".png", ".svg", ".pdf", "/card.png", "/qr.svg", "/qr.png")
_KEPT: Final = ("", ".json", "/record.json", ".pdf", "/qr.svg")
_HREF = re.compile(r'(?:href|src)="(/[^"#]*)')
PER_ROUTE: Final = 6  # further addresses of a route that are found as links on pages

# Route, and the addresses at which a stranger asks; {names} are ids in the world.
VISITS: Final[dict[str, tuple[str, ...]]] = {
    **{f"/credentials/<uuid:key>{form}": (f"/credentials/{{credential}}{form}",) for form in _PUBLISHED},
    **{f"/verify/receipts/<uuid:key>{form}": (f"/verify/receipts/{{receipt}}{form}",) for form in _KEPT},
    "/": ("/",),
    "/.well-known/did.json": ("/.well-known/did.json",),
    "/.well-known/jwks.json": ("/.well-known/jwks.json",),
    "/<portal>": ("/wa", "/vt", "/nh", "/ma", "/nowhere"),
    "/achievements/<key>": ("/achievements/SEL1-v1", "/achievements/SEL2-v1"),
    "/achievements/<key>/<file>": ("/achievements/SEL1-v1/image.svg", "/achievements/SEL1-v1/image.png"),
    "/catalogue": ("/catalogue", "/catalogue?q=self&stack=SEL", "/catalogue?print=yes"),
    "/catalogue/<code>": ("/catalogue/SEL1", "/catalogue/SEL2", "/catalogue/NO1"),
    "/catalogue/compare": ("/catalogue/compare?code=SEL1&code=SEL2",),
    "/docs/api": ("/docs/api",),
    "/embed/<uuid:key>": ("/embed/{credential}", "/embed/{credential}?theme=dark"),
    "/evidence/<uuid:id>": ("/evidence/{piece}",),
    "/healthz": ("/healthz",),
    "/help": ("/help", "/help?portal=wa&topic=clock-hours&about=SEL1"),
    "/issuers/<slug>": ("/issuers/example-education", "/issuers/example-state", "/issuers/nobody"),
    "/issuers/<slug>/did.json": ("/issuers/example-education/did.json", "/issuers/example-state/did.json"),
    "/issuers/<slug>/image.png": ("/issuers/example-education/image.png",),
    "/issuers/<slug>/jwks.json": ("/issuers/example-education/jwks.json", "/issuers/example-state/jwks.json"),
    "/lists": ("/lists",),
    "/lists/<slug>": ("/lists/example-district", "/lists/example-district.json", "/lists/nobody"),
    "/oembed": ("/oembed?url={credential_url}", "/oembed?url={credential_url}&format=xml"),
    "/openapi.json": ("/openapi.json",),
    "/plan": ("/plan", "/plan?policy=district-rule&item=SEL1", "/plan?policy=nothing"),
    "/policies": ("/policies",),
    "/policies/<id>": ("/policies/district-rule", "/policies/nothing"),
    "/policies/<id>/<version>": (
        "/policies/district-rule/1",
        "/policies/district-rule/1.toml",
        "/policies/district-rule/1.json",
        "/policies/district-rule/2",
    ),
    "/problems/<code>": ("/problems/work.unknown", "/problems/award.duplicate", "/problems/nothing"),
    "/robots.txt": ("/robots.txt",),
    "/shared/<token>": ("/shared/{token}",),
    "/shared/<token>/evidence/<piece>": (
        "/shared/{token}/evidence/{piece}",
        "/shared/{token}/evidence/answers",
    ),
    "/static/<path:filename>": ("/static/hallmark.css", "/static/favicon.svg"),
    "/status/<list_id>": ("{status_list}",),
    **{
        f"/recognitions/<uuid:key>{form}": (f"/recognitions/{{recognition}}{form}",) for form in ("", ".json")
    },
    **{f"/decisions/<uuid:key>{form}": (f"/decisions/{{decision}}{form}",) for form in ("", ".json")},
    **{
        f"/pd-certificates/<uuid:key>{form}": (f"/pd-certificates/{{certificate}}{form}",)
        for form in ("", ".json", ".pdf")
    },
    "/verify": ("/verify", "/verify?url={credential_url}", "/verify?url={receipt_url}"),
    "/verify/batches": ("/verify/batches",),
    "/verify/batches/<uuid:id>": ("/verify/batches/{batch}", "/verify/batches/{batch}?show=valid"),
    "/verify/batches/<uuid:id>.csv": ("/verify/batches/{batch}.csv",),
    "/verify/batches/<uuid:id>/<number>": tuple(f"/verify/batches/{{batch}}/{n}" for n in (1, 2, 3, 4)),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a stranger got, in the form that was asked for."""

    route: str
    address: str
    status: int
    sent: bytes
    headers: Headers = field(default_factory=Headers)
    accept: str = ""

    def public(self) -> bool:
        """Whether there was something."""
        return self.status == 200


@dataclass(frozen=True, slots=True)
class Crawl:
    """The whole walk; ``drawn`` is every text that became pixels."""

    planted: Planted
    answers: tuple[Answer, ...]
    cookies: tuple[str, ...]
    drawn: tuple[str, ...]


class _Stranger:
    """Asks for everything, and keeps what comes."""

    def __init__(self, planted: Planted) -> None:
        self.planted = planted
        self.client = planted.web.test_client(use_cookies=False)
        self.answers: list[Answer] = []
        self.links: dict[str, None] = {}
        self.cookies: list[str] = []
        self.asked: set[tuple[str, str]] = set()
        base = planted.programme.public_url
        ids = planted.ids
        ids["credential_url"] = [f"{base}/credentials/{key}" for key in ids["credential"]]
        ids["receipt_url"] = [f"{base}/verify/receipts/{key}" for key in ids["receipt"]]
        listed = set()
        for key in ids["credential"]:
            status = json.loads(self.client.get(f"/credentials/{key}.json").data)["credentialStatus"]
            for entry in status if isinstance(status, list) else [status]:
                listed.add(entry["statusListCredential"].removeprefix(base))
        ids["status_list"] = sorted(listed)

    def ask(self, route: str, address: str, accept: str, method: str = "GET") -> None:
        """Ask once."""
        if (address, accept + method) in self.asked:
            return
        self.asked.add((address, accept + method))
        answer = self.client.open(address, method=method, headers={"Accept": accept})
        assert answer.status_code < 500 or answer.status_code == 501, address  # oEmbed is JSON only
        self.keep(route, address, answer, accept)
        if answer.mimetype == "text/html":
            self.links.update(
                dict.fromkeys(link.replace("&amp;", "&") for link in _HREF.findall(answer.text))
            )

    def keep(self, route: str, address: str, answer: TestResponse, accept: str = "") -> None:
        """Keep an answer with its headers."""
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers)
        self.answers.append(Answer(route, address, answer.status_code, answer.data, answer.headers, accept))
        self.answers.append(Answer(f"headers of {route}", address, 0, headers.encode()))
        if "Set-Cookie" in answer.headers:
            self.cookies.append(address)

    def addresses(self, pattern: str) -> Iterator[str]:
        """Put every id of the world into ``pattern``."""
        names = list(dict.fromkeys(re.findall(r"\{(\w+)\}", pattern)))
        for values in product(*(self.planted.ids[name] for name in names)):
            yield pattern.format(**dict(zip(names, values, strict=True)))

    def everything_public(self) -> None:
        """What anyone may ask for, at the ids there are, and at ids of other things."""
        for route, patterns in VISITS.items():
            for pattern in patterns:
                for address in self.addresses(pattern):
                    for accept in ACCEPTED:
                        self.ask(route, address, accept)
        for (key,) in zip(self.planted.ids["credential"]):
            for accept in DOCUMENTS:
                self.ask("/credentials/<uuid:key>", f"/credentials/{key}", accept)
            self.ask("/credentials/<uuid:key>", f"/credentials/{key}", BROWSER, "HEAD")
        foreign = [
            self.planted.ids[name][0] for name in ("application", "piece", "batch", "receipt", "review")
        ]
        for route in VISITS:
            if "<uuid:" in route:
                for id in foreign:
                    self.ask(route, re.sub(r"<[^>]*>", id, route), BROWSER)

    def what_is_not_for_it(self) -> None:
        """Pages that need somebody who is signed in: the way to the door, and the words of a refusal."""
        ids = [each for name, found in self.planted.ids.items() for each in found[:1] if "_" not in name]
        for route, method, row in access.table(self.planted.web):
            if method != "GET" or row is None or row.is_public:
                continue
            for number, id in enumerate(ids if "<" in route else ids[:1]):
                address = re.sub(r"<[^>]*>", id, re.sub(r"<int:[^>]*>", "1", route))
                self.ask(route, address, BROWSER)
                if number == 0:
                    self.ask(route, address, "application/json")

    def what_pages_lead_to(self) -> None:
        """Follow links of ours as far as something new comes, a few of each route."""
        counted: dict[str, int] = {}
        adapter = self.planted.web.url_map.bind("localhost")
        while self.links:
            address = next(iter(self.links))
            del self.links[address]
            if (address, BROWSER + "GET") in self.asked or not adapter.test(address.partition("?")[0], "GET"):
                continue
            route = adapter.match(address.partition("?")[0], method="GET", return_rule=True)[0].rule
            counted[route] = counted.get(route, 0) + 1
            if counted[route] <= PER_ROUTE:
                self.ask(route, address, BROWSER)

    def what_forms_answer(self) -> None:
        """Forms that anyone may send: checks, and a question with a fault."""
        for link in self.planted.ids["credential_url"]:
            for accept in ACCEPTED:
                form = {"url": link, "recipient": "somebody@else.example"}
                answer = self.client.post("/verify", data=form, headers={"Accept": accept})
                self.keep("/verify", f"POST {link}", answer)
        answer = self.client.post("/help", data={"topic": "?"}, headers={"Accept": BROWSER})
        self.keep("/help", "POST", answer)


def walk(planted: Planted) -> Crawl:
    """Ask for everything."""
    stranger, drawn = _Stranger(planted), planted.drawn
    stranger.everything_public()
    stranger.what_is_not_for_it()
    stranger.what_forms_answer()
    stranger.what_pages_lead_to()
    return Crawl(planted, tuple(stranger.answers), tuple(stranger.cookies), tuple(drawn))
