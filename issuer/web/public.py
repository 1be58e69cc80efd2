# SPDX-License-Identifier: Apache-2.0
"""The public addresses of the issuer: pages for people, exact bytes for programs, by Accept or by suffix.

A credential is always there, with its state: also when it was withdrawn or has ended. Programs that do not
say what they want get JSON, browsers get the page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from issuer import documents, pages, publish, revocation
from issuer.credential_page import HasPanel, Standings, credential_page, nobody
from issuer.errors import NoSuchDocumentError
from issuer.issuance import AWARD, credential_url
from issuer.mint import Mint
from issuer.ports import Recognitions
from issuer.publish import FIXED, FOR_EVER, JSON_TYPE, JWT_TYPE, LD_TYPE
from issuer.store.credentials import StoredCredential
from issuer.web import printing
from keys.publish import Published
from service import access, clock, openapi, ratelimit, typeset
from service.negotiate import choose, respond, wants_html

HTML: Final = "text/html"
JSON_TYPES: Final = (JSON_TYPE, "application/vc", LD_TYPE, "application/json")
JWT_TYPES: Final = (JWT_TYPE, "application/jwt", "text/plain")
_DESCRIBED: Final = (LD_TYPE, "application/json", HTML)  # forms of a profile and of an achievement
Portals = Callable[[], Sequence[tuple[str, str]]]
Lists = Callable[[str], Sequence[tuple[str, str]]]
Rules = Callable[[str], Sequence[tuple[str, str]]]
PICTURES: Final = {"image/png": ".png", "image/svg+xml": ".svg"}
# Links to credentials are not guessable and stay out of search engines until their earner says otherwise, and
# then only the page is shown there.
_NOINDEX: Final = {"X-Robots-Tag": "noindex"}


def blueprint(
    mint: Mint,
    *,
    portals: Portals = tuple,
    standings: Standings = lambda _key: (),
    has_panel: HasPanel = lambda _key: False,
    lists: Lists = lambda _did: (),
    recognitions: Recognitions = nobody,
    rules: Rules = lambda _slug: (),
) -> Blueprint:
    """Return all public routes.

    Args:
        mint: The opened room.
        portals: Titles and paths that the first page lists.
        standings: Who may see the pieces of evidence of a credential (``credential_page``).
        has_panel: Whether the earner of a credential decides here what its page shows.
        lists: Titles and paths of the lists of recognised issuers on which an issuer stands.
        recognitions: What recognizers say publicly of a credential.
        rules: Titles and paths of the rules by which a recognizer decides.
    """
    routes = Blueprint("issuer", __name__)
    _home(routes, mint, portals)
    _credentials(routes, mint, standings, has_panel, recognitions)
    _achievements(routes, mint)
    _issuers(routes, mint, lists, rules)
    _lists(routes, mint)
    return routes


def _home(routes: Blueprint, mint: Mint, portals: Portals) -> None:
    @routes.get("/")
    @access.anyone
    def home() -> Response:
        return _page("issuer/home.html", pages.home(mint, now=clock.now(), portals=portals()))


def _credentials(
    routes: Blueprint, mint: Mint, standings: Standings, has_panel: HasPanel, recognitions: Recognitions
) -> None:
    @routes.get("/credentials/<uuid:key>")
    @ratelimit.at_most(ratelimit.PAGES, when=wants_html)
    @access.anyone
    @openapi.operation(
        "Read a credential",
        tag="Credentials",
        description="Signed bytes as stored, or the page; also of what was withdrawn or has ended.",
        responses={
            200: openapi.Reply(
                "The credential.",
                {
                    **dict.fromkeys(JSON_TYPES),
                    **dict.fromkeys(JWT_TYPES),
                    HTML: None,
                    **dict.fromkeys(PICTURES),
                    documents.MEDIA_TYPE: None,
                },
            )
        },
        problems=(
            "credential.unknown",
            "credential.unverified",
            "request.not-acceptable",
            "typesetting.busy",
        ),
        path={"key": "The last part of the credential's id."},
    )
    def credential(key: UUID) -> Response:
        found = publish.find(mint, str(key))
        offered: list[str] = []
        if found.signed_json is not None:
            offered += JSON_TYPES
        if found.signed_jwt is not None:
            offered += JWT_TYPES
        offered.append(HTML)
        if found.signed_json is not None and found.kind == AWARD:
            offered += PICTURES
            if typeset.is_available():
                offered.append(documents.MEDIA_TYPE)
        chosen = choose(offered)
        if chosen == documents.MEDIA_TYPE:
            return printing.negotiated(key)
        if chosen == HTML:
            view = credential_page(
                mint,
                str(key),
                now=clock.now(),
                host=request.host,
                standings=standings,
                has_panel=has_panel,
                recognitions=recognitions,
            )
            headers = {} if view.is_indexed else _NOINDEX
            return _page("issuer/credential.html", view, headers={**headers, **_successor(mint, found)})
        form = ".jwt" if chosen in JWT_TYPES else PICTURES.get(chosen, "")
        document = _there(publish.form_of(mint, str(key), found, form))
        headers = {**_NOINDEX, **_successor(mint, found)}
        return _send(document, media_type=chosen, negotiated=True, headers=headers)

    printing.install(routes, mint)
    for suffix in (".json", ".jwt", ".png", ".svg", "/qr.svg", "/qr.png"):

        def form(key: UUID, suffix: str = suffix) -> Response:
            found = publish.find(mint, str(key))
            if suffix == ".jwt":
                publish.require_token(found)
            headers = {**_NOINDEX, **_successor(mint, found)}
            document = _there(publish.form_of(mint, str(key), found, suffix))
            return _send(replace(document, max_age=FOR_EVER, also=FIXED), headers=headers)

        name = "credential_" + suffix.strip("./").replace(".", "_")
        routes.add_url_rule(f"/credentials/<uuid:key>{suffix}", name, access.anyone(form))


def _successor(mint: Mint, found: StoredCredential) -> dict[str, str]:
    """Return the header that leads machines to the newer issue of the same award (RFC 5829, section 3.4)."""
    if found.superseded_by is None:
        return {}
    newest = publish.current(mint, found.key)
    if newest == found.key or revocation.is_misaddressed(mint, found.key):
        return {}
    return {"Link": f'<{credential_url(mint, newest)}>; rel="successor-version"'}


def _achievements(routes: Blueprint, mint: Mint) -> None:
    @routes.get("/achievements/<key>")
    @access.anyone
    @openapi.operation(
        "Read a micro-credential",
        tag="Achievements",
        responses={200: openapi.Reply("The achievement.", dict.fromkeys(_DESCRIBED))},
        problems=("achievement.unknown", "request.not-acceptable"),
        path={"key": "Code and version, such as SEL1-v1."},
    )
    def achievement(key: str) -> Response:
        if key.endswith(".json"):
            return _send(_at(mint, f"/achievements/{key}"))
        chosen = choose(_DESCRIBED)
        if chosen == HTML:
            return _page("issuer/achievement.html", pages.achievement_page(mint, key))
        return _send(_at(mint, f"/achievements/{key}"), media_type=chosen, negotiated=True)

    @routes.get("/achievements/<key>/<file>")
    @access.anyone
    def document(key: str, file: str) -> Response:
        return _send(_at(mint, f"/achievements/{key}/{file}"))


def _issuers(routes: Blueprint, mint: Mint, lists: Lists, rules: Rules) -> None:
    @routes.get("/issuers/<slug>")
    @access.anyone
    @openapi.operation(
        "Read an issuer's profile",
        tag="Issuers",
        responses={200: openapi.Reply("The profile.", dict.fromkeys(_DESCRIBED))},
        problems=("issuer.unknown", "request.not-acceptable"),
        path={"slug": "Short name of the issuer."},
    )
    def issuer(slug: str) -> Response:
        if slug.endswith(".json"):
            return _send(_at(mint, f"/issuers/{slug}"))
        chosen = choose(_DESCRIBED)
        if chosen == HTML:
            return _page("issuer/issuer.html", pages.issuer_page(mint, slug, lists=lists, rules=rules))
        return _send(_at(mint, f"/issuers/{slug}"), media_type=chosen, negotiated=True)

    @routes.get("/issuers/<slug>/image.png")
    @access.anyone
    def issuer_image(slug: str) -> Response:
        return _send(_at(mint, f"/issuers/{slug}/image.png"))


def _lists(routes: Blueprint, mint: Mint) -> None:
    @routes.get("/status/<list_id>")
    @access.anyone
    @openapi.operation(
        "Read a status list",
        tag="Credentials",
        description="A signed Bitstring Status List. A change shows within 5 seconds; it may be kept for 60.",
        responses={200: openapi.Reply("The list.", dict.fromkeys((*JSON_TYPES, *JWT_TYPES)))},
        problems=("document.unknown", "request.not-acceptable"),
        path={"list_id": "Name of the list, as in the credential's status entry."},
    )
    def status_list(list_id: str) -> Response:
        if list_id.endswith((".json", ".jwt")):
            return _send(_there(publish.status_list(mint, f"/status/{list_id}", now=clock.now())))
        chosen = choose((*JSON_TYPES, *JWT_TYPES))
        path = f"/status/{list_id}" + (".jwt" if chosen in JWT_TYPES else "")
        found = _there(publish.status_list(mint, path, now=clock.now()))
        return _send(found, media_type=chosen, negotiated=True)


def _at(mint: Mint, path: str) -> Published:
    return _there(publish.at_path(mint, path, now=clock.now()))


def _there(found: Published | None) -> Published:
    if found is None:
        raise NoSuchDocumentError(
            "There is nothing here. If someone gave you this link as proof, ask them for it again; our links "
            "never expire."
        )
    return found


def _send(
    document: Published,
    *,
    media_type: str | None = None,
    negotiated: bool = False,
    headers: dict[str, str] | None = None,
) -> Response:
    return respond(
        document.body,
        media_type or document.media_type,
        max_age=document.max_age,
        also=document.also,
        digest=document.digest,
        negotiated=negotiated,
        headers=headers,
    )


def _page(template: str, view: Any, *, headers: dict[str, str] | None = None) -> Response:
    """Render ``view``. A page is asked for again each time: its verdict is that of the moment."""
    html = render_template(template, view=view)
    return respond(html, HTML, negotiated=request.path != "/", headers=headers)
