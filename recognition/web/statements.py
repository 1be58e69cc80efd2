# SPDX-License-Identifier: Apache-2.0
"""Recognitions, decisions and PD certificates at their addresses: pages for people, exact bytes by Accept.

Once published they are always there, with their state: also when withdrawn. Links cannot be guessed and are
not for search engines; whoever has one sees the same as everybody else. No cookie, no account, no script.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from flask import Blueprint, Response, render_template

from recognition.errors import NoSuchRecognitionError
from recognition.judging.award import JSON_TYPE
from recognition.office import Office
from recognition.stating import pd_paper, spoken, statement_view
from recognition.stating.decision_document import MEDIA_TYPE
from recognition.store import statements as rows
from recognition.store.statements import Statement
from service import access, clock, openapi, ratelimit, typeset
from service.negotiate import choose, respond

HTML: Final = "text/html"
CREDENTIAL_TYPES: Final = (JSON_TYPE, "application/vc", "application/ld+json", MEDIA_TYPE)
SHORT: Final = 60  # seconds, as for every credential
FOR_EVER: Final = 86_400  # seconds, of a decision: its bytes never change

_RECOGNITIONS: Final = (rows.ENDORSEMENT, rows.KIND)
_CERTIFICATES: Final = (rows.CERTIFICATE,)
_NOINDEX: Final = {"X-Robots-Tag": "noindex"}
_UNKNOWN: Final = ("recognition.unknown", "request.not-acceptable")
_CREDENTIAL: Final = {**dict.fromkeys(CREDENTIAL_TYPES), HTML: None}


def blueprint(office: Office) -> Blueprint:
    """Return the public routes."""
    routes = Blueprint("recognition_statements", __name__)
    _recognitions(routes, office)
    _decisions(routes, office)
    _certificates(routes, office)
    return routes


def _recognitions(routes: Blueprint, office: Office) -> None:
    @routes.get("/recognitions/<uuid:key>")
    @ratelimit.at_most(ratelimit.PAGES)
    @access.anyone
    @openapi.operation(
        "Read a recognition",
        tag="Recognition",
        description="What a recognizer granted for one award, as an Open Badges 3.0 EndorsementCredential; "
        "also when it was withdrawn.",
        path={"key": "The last part of its id."},
        responses={200: openapi.Reply("The signed bytes, or a page.", _CREDENTIAL)},
        problems=_UNKNOWN,
    )
    def recognition(key: UUID) -> Response:
        return _negotiated(office, _find(office, key, _RECOGNITIONS), "recognition/recognition.html")

    @routes.get("/recognitions/<uuid:key>.json")
    @access.anyone
    def recognition_json(key: UUID) -> Response:
        return _signed(_find(office, key, _RECOGNITIONS))


def _decisions(routes: Blueprint, office: Office) -> None:
    def document(key: UUID) -> bytes:
        with office.db.reading() as session:
            found = rows.document(session, str(key))
        if found is None:
            raise NoSuchRecognitionError("There is no such decision here, or nothing of it was published.")
        return found

    @routes.get("/decisions/<uuid:key>")
    @ratelimit.at_most(ratelimit.PAGES)
    @access.anyone
    @openapi.operation(
        "Read a decision",
        tag="Recognition",
        description="What recognitions rest on: rule, version and amounts, and nobody's name. Immutable; "
        "recognitions name its digest. Amounts are decimals as text.",
        path={"key": "The decision's id."},
        responses={200: openapi.Reply("The exact bytes, or a page.", {MEDIA_TYPE: None, HTML: None})},
        problems=_UNKNOWN,
    )
    def decision(key: UUID) -> Response:
        found = document(key)
        if choose((MEDIA_TYPE, HTML)) == MEDIA_TYPE:
            return respond(found, MEDIA_TYPE, max_age=FOR_EVER, negotiated=True, headers=_NOINDEX)
        view = statement_view.decision_view(found)
        page = render_template("recognition/decision.html", view=view)
        return respond(page, HTML, negotiated=True, headers=_NOINDEX)

    @routes.get("/decisions/<uuid:key>.json")
    @access.anyone
    def decision_json(key: UUID) -> Response:
        return respond(document(key), MEDIA_TYPE, max_age=FOR_EVER, headers=_NOINDEX)


def _certificates(routes: Blueprint, office: Office) -> None:
    @routes.get("/pd-certificates/<uuid:key>")
    @ratelimit.at_most(ratelimit.PAGES)
    @access.anyone
    @openapi.operation(
        "Read a PD certificate",
        tag="Recognition",
        description="Clock hours that somebody grants for an award, as an OpenBadgeCredential of the type "
        "CertificateOfCompletion.",
        path={"key": "The last part of its id."},
        responses={200: openapi.Reply("The signed bytes, or a page.", _CREDENTIAL)},
        problems=_UNKNOWN,
    )
    def certificate(key: UUID) -> Response:
        return _negotiated(office, _find(office, key, _CERTIFICATES), "recognition/pd_certificate.html")

    @routes.get("/pd-certificates/<uuid:key>.json")
    @access.anyone
    def certificate_json(key: UUID) -> Response:
        return _signed(_find(office, key, _CERTIFICATES))

    @routes.get("/pd-certificates/<uuid:key>.pdf")
    @access.anyone
    @openapi.operation(
        "Get a PD certificate on paper",
        tag="Recognition",
        description="PDF/A with the signed credential attached.",
        path={"key": "The last part of its id."},
        responses={200: openapi.Reply("The paper.", {pd_paper.MEDIA_TYPE: None})},
        problems=("recognition.unknown", "extra.missing", "typesetting.busy"),
    )
    @ratelimit.limited
    def certificate_pdf(key: UUID) -> Response:
        typeset.require()
        now = clock.now()
        view = statement_view.statement_view(office, _find(office, key, _CERTIFICATES), now=now)
        headers = {**_NOINDEX, "Content-Disposition": f'inline; filename="pd-certificate-{str(key)[:8]}.pdf"'}
        return respond(pd_paper.pdf(view, now=now), pd_paper.MEDIA_TYPE, headers=headers)


def _find(office: Office, key: UUID, kinds: tuple[str, ...]) -> Statement:
    return spoken.find(office, str(key), kinds=kinds)


def _negotiated(office: Office, found: Statement, template: str) -> Response:
    chosen = choose((*CREDENTIAL_TYPES, HTML))
    if chosen != HTML:
        return respond(found.signed or b"", chosen, max_age=SHORT, negotiated=True, headers=_NOINDEX)
    view = statement_view.statement_view(office, found, now=clock.now())
    page = render_template(template, view=view, has_pdf=typeset.is_available())
    return respond(page, HTML, negotiated=True, headers=_NOINDEX)


def _signed(found: Statement) -> Response:
    return respond(found.signed or b"", JSON_TYPE, max_age=SHORT, headers=_NOINDEX)
