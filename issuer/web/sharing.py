# SPDX-License-Identifier: Apache-2.0
"""How a credential travels: its card, the frame for other sites, oEmbed, and what robots may fetch.

The frame is the only page of ours that others may put into theirs, so it asks for nothing and has nothing to
be tricked out of: no form, no script, no cookie. oEmbed 1.0 (https://oembed.com) offers the same frame to
sites that ask for it by the page's link; its thumbnail is the card, since that wins over Open Graph's picture
where a page offers both.
"""

from __future__ import annotations

import re
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from issuer import cards, publish, sharing
from issuer.credential_page import credential_page, face
from issuer.errors import EmbedFormatError, EmbedRequestError, NoSuchCredentialError, NoSuchDocumentError
from issuer.mint import Mint
from service import access, clock, openapi, ratelimit
from service.negotiate import respond, respond_json

CARD_SECONDS: Final = 86_400  # a day, of a card under its own hash: others may show it so long after a change
NAMED_SECONDS: Final = 3_600  # an hour, where a name is on it, which its bearer may hide
STATE_SECONDS: Final = 60  # of what follows the state; as long as the status list itself may be kept
LINK_CHARS: Final = 2_048  # characters of the link that somebody asks about

# As everywhere, but others may show it in a frame, and there is nothing to send.
EMBED_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors *"
)
_NOINDEX: Final = {"X-Robots-Tag": "noindex"}
# Pages of credentials are open to every robot, which then reads there whether it may show them. What costs a
# check, needs an account or is somebody's secret link is not for robots at all.
_ROBOTS: Final = """\
User-agent: *
Allow: /credentials/
Disallow: /verify?
Disallow: /verify/
Disallow: /oembed
Disallow: /shared/
Disallow: /sign-in
Disallow: /sign-up
Disallow: /confirm/
Disallow: /account
Disallow: /outbox
"""


def blueprint(mint: Mint) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("issuer_sharing", __name__)
    _card(routes, mint)
    _embed(routes, mint)
    _oembed(routes, mint)

    @routes.get("/robots.txt")
    @access.anyone
    def robots() -> Response:
        return respond(_ROBOTS, "text/plain", max_age=publish.FOR_EVER)

    return routes


def _card(routes: Blueprint, mint: Mint) -> None:
    @routes.get("/credentials/<uuid:key>/card.png")
    @ratelimit.limited
    @access.anyone
    def card(key: UUID) -> Response:
        shown = face(mint, str(key), now=clock.now())
        kept = STATE_SECONDS
        if request.args.get("v") == shown.hash:
            kept = CARD_SECONDS if shown.name is None else NAMED_SECONDS
        return respond(cards.card(mint, shown), cards.MEDIA_TYPE, max_age=kept, headers=_NOINDEX)


def _embed(routes: Blueprint, mint: Mint) -> None:
    @routes.get("/embed/<uuid:key>")
    @ratelimit.at_most(ratelimit.PAGES)
    @access.anyone
    def embed(key: UUID) -> Response:
        headers = {**_NOINDEX, "Content-Security-Policy": EMBED_POLICY}
        try:
            view = credential_page(mint, str(key), now=clock.now())
        except NoSuchCredentialError:  # Whoever sees it sees a small frame, so it answers as one.
            html = render_template("issuer/embed_unknown.html", home=f"{mint.public_url}/")
            return respond(html, "text/html", status=404, headers=headers)
        html = render_template("issuer/embed.html", view=view)
        return respond(html, "text/html", headers=headers)


def _oembed(routes: Blueprint, mint: Mint) -> None:
    page = re.compile(
        re.escape(f"{mint.public_url}/") + r"(?:credentials|embed)/([0-9a-f-]{36})/?(?:[?#].*)?"
    )

    @routes.get("/oembed")
    @ratelimit.limited
    @access.anyone
    @openapi.operation(
        "Embed a credential",
        tag="Credentials",
        description=(
            "oEmbed 1.0: a frame of 320 × 120 pixels with the state of the moment, by the link of the page; "
            "where it does not fit, the type is link."
        ),
        responses={200: openapi.Reply("What to embed.", {"application/json": None})},
        problems=("document.unknown", "credential.unknown", "oembed.request", "oembed.format"),
        parameters=(
            openapi.Parameter("url", "Link of a credential's page.", required=True),
            openapi.Parameter("format", "Only json, which is also the default.", schema={"enum": ["json"]}),
            openapi.Parameter("maxwidth", "Pixels that there are.", schema={"type": "integer"}),
            openapi.Parameter("maxheight", "Pixels that there are.", schema={"type": "integer"}),
        ),
    )
    def oembed() -> Response:
        if request.args.get("format", "json") != "json":
            raise EmbedFormatError("We answer oEmbed as JSON only.", expected="json")
        asked = request.args.get("url", "")
        if not 0 < len(asked) <= LINK_CHARS:
            raise EmbedRequestError("Name the link of a credential: ?url=https://…", path="url")
        match = page.fullmatch(asked)
        if match is None:
            raise NoSuchDocumentError("This is no link of a credential here.", got=asked[:200])
        answer = _answer(mint, match[1], width=_pixels("maxwidth"), height=_pixels("maxheight"))
        return respond_json(answer, headers=_NOINDEX)


def _answer(mint: Mint, key: str, *, width: int | None, height: int | None) -> dict[str, Any]:
    """Return the answer for a place of these pixels.

    Where the frame does not fit, the answer is a link with its title: oEmbed's type for what cannot be shown
    itself (2.3.4.3). A thumbnail is named only where it fits, too.
    """
    view = credential_page(mint, key, now=clock.now())
    preview = view.preview
    frame = sharing.EMBED_SIZE
    fits = (width or frame[0]) >= frame[0] and (height or frame[1]) >= frame[1]
    answer: dict[str, Any] = {
        "version": "1.0",
        "type": "rich" if fits else "link",
        "title": preview.title,
        "provider_name": mint.settings.title,
        "provider_url": mint.public_url,
        "cache_age": STATE_SECONDS,
    }
    if fits:
        answer |= {"html": sharing.embed_html(mint, key), "width": frame[0], "height": frame[1]}
    if (width or cards.SIZE[0]) >= cards.SIZE[0] and (height or cards.SIZE[1]) >= cards.SIZE[1]:
        answer |= {
            "thumbnail_url": preview.image,
            "thumbnail_width": preview.image_width,
            "thumbnail_height": preview.image_height,
        }
    return answer


def _pixels(name: str) -> int | None:
    """Return a limit that was asked for; one that is no number limits nothing."""
    text = request.args.get(name, "")
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,4}", text) else None
