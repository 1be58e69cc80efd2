# SPDX-License-Identifier: Apache-2.0
"""``/verify/receipts``: keep a verdict, and show what was kept, as a page, as JSON and as PDF.

A receipt is made only when somebody asks for it. What was brought is examined once more then, so that nothing
can be slipped in between answer and receipt. Addresses cannot be guessed, are not for search engines, and end
after ``receipt_days``; a receipt that has ended looks like one that never was.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template

from credentials.dates import format_datetime
from service import access, clock, openapi, qr, ratelimit, typeset
from service.negotiate import respond, respond_json, wants_html
from verifier import api, receipt, receipt_pdf, receipt_room, receipt_view
from verifier.bureau import Bureau
from verifier.errors import SeveralError
from verifier.receipt import Receipt
from verifier.receipt_record import BATCH

RATE = "10 per minute; 60 per hour; 200 per day"  # each is a check, a signature and some 100 KB that are kept

PAPERS = 16  # kept in memory, some 100 KB each; setting one takes half a second

_TEXT = {"type": "string"}
_ADDRESS = {"type": "string", "format": "uri"}
_MADE = {
    "type": "object",
    "required": ["id", "verdict", "is_signed", "page", "signed", "record", "pdf", "ends_at"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "verdict": _TEXT,
        "is_signed": {"type": "boolean"},
        "page": _ADDRESS,
        "signed": {"type": ["string", "null"], "format": "uri"},
        "record": _ADDRESS,
        "pdf": _ADDRESS,
        "ends_at": {"type": "string", "format": "date-time"},
    },
}
_UNKNOWN = ("receipt.unknown",)
_KEY = {"key": "The receipt's id."}


def blueprint(bureau: Bureau) -> Blueprint:
    """Return the routes of receipts."""
    routes = Blueprint("receipts", __name__)
    _keeping(routes, bureau)
    _showing(routes, bureau)
    _fetching(routes, bureau)
    return routes


def _keeping(routes: Blueprint, bureau: Bureau) -> None:
    @routes.post("/verify/receipts")
    @access.anyone
    @openapi.operation(
        "Check a credential and keep a receipt",
        tag="Verify",
        description="Takes what `POST /verify` takes, if it is one thing; it is examined once more.",
        request=api.REQUEST,
        responses={
            201: openapi.Reply("The receipt, and where its parts are.", {"application/json": _MADE}),
            303: openapi.Reply("For browsers: the receipt's page."),
        },
        problems=(
            "credential.none",
            "credential.several",
            "source.address",
            "document",
            "request.too-large",
            "receipt.full",
        ),
    )
    @ratelimit.at_most(RATE)
    def keep() -> Response:
        now, question = clock.now(), api.read_question()
        if len(question.claims) > 1:
            raise SeveralError("A receipt is about one thing. Check them together, and keep the report.")
        (claim,) = question.claims
        if claim.trouble is not None:
            raise claim.trouble
        receipt_room.require(bureau, now=now)
        looked = receipt.look(bureau, question.asked, presented=claim.presented, url=claim.url, now=now)
        made = receipt.keep(bureau, looked, question.asked, now=now)
        if wants_html():
            return _fresh(make_response(redirect(f"/verify/receipts/{made.id}", code=303)))
        body = _addresses(made, verdict=str(looked.report.verdict))
        return _fresh(respond_json(body, status=201, headers={"Location": made.address}))


def _showing(routes: Blueprint, bureau: Bureau) -> None:
    @routes.get("/verify/receipts/<uuid:key>")
    @access.anyone
    @openapi.operation(
        "Show a receipt",
        tag="Verify",
        path=_KEY,
        responses={
            200: openapi.Reply("The record, or a page.", {"application/json": None, "text/html": None})
        },
        problems=_UNKNOWN,
    )
    @ratelimit.limited
    def show(key: UUID) -> Response:
        now = clock.now()
        found = receipt.find(bureau, str(key), now=now)
        if not wants_html():
            return _fresh(respond(found.record, "application/json", negotiated=True))
        common = {
            "receipt": found,
            "proof": receipt.prove(bureau, found, now=now),
            "signer": receipt_view.signer(found),
            "site": receipt_view.site(found),
            "steps": receipt_pdf.steps(found),
            "has_pdf": typeset.is_available(),
        }
        if found.kind == BATCH:
            page = render_template("verifier/report.html", view=receipt_view.batch_view(found), **common)
        else:
            view = receipt_view.check_view(found)
            again = api.address_again(view.url, view.asked) if view.url else None
            page = render_template("verifier/receipt.html", view=view, again=again, **common)
        return _fresh(respond(page, "text/html", negotiated=True))


def _fetching(routes: Blueprint, bureau: Bureau) -> None:
    def find(key: UUID) -> Receipt:
        return receipt.find(bureau, str(key), now=clock.now())

    @routes.get("/verify/receipts/<uuid:key>.json")
    @access.anyone
    @openapi.operation(
        "Get the signed statement of a receipt",
        tag="Verify",
        description="An Open Badges 3.0 EndorsementCredential; the record, where nobody could sign.",
        path=_KEY,
        responses={
            200: openapi.Reply("The statement.", {"application/vc+ld+json": None, "application/json": None})
        },
        problems=_UNKNOWN,
    )
    def signed(key: UUID) -> Response:
        found = find(key)
        if found.signed is None:
            return _fresh(respond(found.record, "application/json"))
        return _fresh(respond(found.signed, "application/vc+ld+json"))

    @routes.get("/verify/receipts/<uuid:key>/record.json")
    @access.anyone
    @openapi.operation(
        "Get the record of a receipt",
        tag="Verify",
        description="The exact bytes whose digest the signed statement names.",
        path=_KEY,
        responses={200: openapi.Reply("The record.", {"application/json": None})},
        problems=_UNKNOWN,
    )
    def record(key: UUID) -> Response:
        return _fresh(respond(find(key).record, "application/json"))

    @routes.get("/verify/receipts/<uuid:key>.pdf")
    @access.anyone
    @openapi.operation(
        "Get a receipt as PDF",
        tag="Verify",
        description="With the statement, the record and the credential attached.",
        path=_KEY,
        responses={200: openapi.Reply("The paper.", {"application/pdf": None})},
        problems=(*_UNKNOWN, "extra.missing"),
    )
    @ratelimit.limited
    def paper(key: UUID) -> Response:
        found = find(key)
        body = _paper(found)
        name = f"verification-{'report' if found.kind == BATCH else 'receipt'}-{found.id[:8]}.pdf"
        headers = {"Content-Disposition": f'inline; filename="{quote(name)}"'}
        return _fresh(respond(body, "application/pdf", headers=headers))

    @routes.get("/verify/receipts/<uuid:key>/qr.svg")
    @access.anyone
    def code(key: UUID) -> Response:
        return _fresh(respond(qr.svg(find(key).address), "image/svg+xml"))


@lru_cache(maxsize=PAPERS)
def _paper(found: Receipt) -> bytes:
    """Return the paper of a receipt: the same bytes each time, so they are set once."""
    return receipt_pdf.pdf(found, now=found.made_at)


def _addresses(made: Receipt, *, verdict: str) -> dict[str, object]:
    return {
        "id": made.id,
        "verdict": verdict,
        "is_signed": made.signed is not None,
        "page": made.address,
        "signed": f"{made.address}.json" if made.signed is not None else None,
        "record": f"{made.address}/record.json",
        "pdf": f"{made.address}.pdf",
        "ends_at": format_datetime(made.ends_at),
    }


def _fresh(response: Response) -> Response:
    """Nobody between us keeps it, and no search engine lists it."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
