# SPDX-License-Identifier: Apache-2.0
"""The pages of an affiliate officer: members' awards, PD certificates, and awards that were forwarded.

Only what educators show is seen, and only by officers of the organisation that it is shown to. Looking at
something that was brought asks other hosts and compares an address, so it is limited.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request

from credentials.errors import HallmarkError, MalformedError, RefusedError, UnknownError
from recognition.attesting import attestation_fields, certificates, forwarded
from recognition.attesting.forwarded import Piece
from recognition.errors import CertificateRefusedError, RecognitionFieldError
from recognition.office import Office
from recognition.reversing import certificate_recheck, fall
from recognition.web import own
from service import access, clock, forms, ratelimit, typeset
from service.accounts.organisations import Organisation
from service.accounts.people import Role
from verifier.errors import UnpackingBusyError

HOME: Final = "/affiliate"
UPLOAD_BYTES: Final = forwarded.MAIL_BYTES + forms.FORM_BYTES  # bytes; the form around the file
AGAIN_BYTES: Final = 150_000  # bytes of a credential that the page sends again; a longer one goes by its link
_TROUBLE: Final = (MalformedError, UnknownError, RefusedError, UnpackingBusyError)
_NOTHING: Final[Mapping[str, str]] = {}
_Answer = Any


def blueprint(office: Office) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("recognition_affiliate", __name__)
    _entering(routes, office)
    _awards(routes, office)
    _certificates(routes, office)
    _forwarded(routes, office)
    return routes


def _entering(routes: Blueprint, office: Office) -> None:
    def enter(page: str, title: str) -> _Answer:
        mine = own.mine(office, Role.AFFILIATE)
        if len(mine) == 1:
            return redirect(f"{HOME}/{mine[0].slug}{page}", code=303)
        return render_template("recognition/affiliate_choose.html", mine=mine, page=page, heading=title)

    @routes.get(HOME)
    @access.role(Role.AFFILIATE)
    def affiliate() -> _Answer:
        return enter("", "Members’ awards")

    @routes.get(f"{HOME}/attendance")
    @access.role(Role.AFFILIATE)
    def affiliate_attendance() -> _Answer:
        return enter("/attendance", "Attendance")


def _awards(routes: Blueprint, office: Office) -> None:
    def page(organisation: Organisation, error: HallmarkError | None = None) -> str:
        return render_template(
            "recognition/affiliate.html",
            **_frame(office, organisation),
            inbox=certificates.inbox(office, organisation.slug, skip=_skip(), now=clock.now()),
            fallen=certificate_recheck.fallen(office, organisation.slug),
            told=fall.WORDS,
            page=certificates.PAGE,
            error=error,
        )

    @routes.get(f"{HOME}/<slug>")
    @access.role(Role.AFFILIATE)
    def affiliate_awards(slug: str) -> _Answer:
        return page(own.organisation(office, slug, Role.AFFILIATE))

    @routes.post(f"{HOME}/<slug>/awards/<uuid:id>/certificate")
    @access.role(Role.AFFILIATE)
    def affiliate_issue(slug: str, id: Any) -> _Answer:
        organisation = own.organisation(office, slug, Role.AFFILIATE)
        try:
            made = certificates.issue_shown(
                office, organisation.slug, str(id), actor=access.actor(), now=clock.now()
            )
        except CertificateRefusedError as error:
            return page(organisation, error), 409
        return redirect(f"{HOME}/{slug}/certificates/{made}?done=issued", code=303)


def _certificates(routes: Blueprint, office: Office) -> None:
    def page(organisation: Organisation, id: str, error: HallmarkError | None = None) -> str:
        found = certificates.one(office, organisation.slug, id)
        return render_template(
            "recognition/affiliate_certificate.html",
            **_frame(office, organisation),
            found=found,
            award=certificates.award_now(office, found, now=clock.now()),
            has_pdf=typeset.is_available(),
            error=error,
            done=request.args.get("done", ""),
        )

    @routes.get(f"{HOME}/<slug>/certificates")
    @access.role(Role.AFFILIATE)
    def affiliate_certificates(slug: str) -> _Answer:
        organisation = own.organisation(office, slug, Role.AFFILIATE)
        words = request.args.get("q", "").strip()[:100]
        found, more = certificates.issued(office, organisation.slug, words, skip=_skip())
        return render_template(
            "recognition/affiliate_certificates.html",
            **_frame(office, organisation),
            found=found,
            more=more,
            skip=_skip(),
            page=certificates.LISTED,
            words_asked=words,
        )

    @routes.get(f"{HOME}/<slug>/certificates/<uuid:id>")
    @access.role(Role.AFFILIATE)
    def affiliate_certificate(slug: str, id: Any) -> _Answer:
        return page(own.organisation(office, slug, Role.AFFILIATE), str(id))

    @routes.post(f"{HOME}/<slug>/certificates/<uuid:id>/withdraw")
    @access.role(Role.AFFILIATE)
    def affiliate_withdraw(slug: str, id: Any) -> _Answer:
        organisation = own.organisation(office, slug, Role.AFFILIATE)
        why = forms.read_form().text("why")
        try:
            certificates.withdraw(
                office, organisation.slug, str(id), why=why, actor=access.actor(), now=clock.now()
            )
        except RecognitionFieldError as error:
            return page(organisation, str(id), error), 422
        return redirect(f"{HOME}/{slug}/certificates/{id}?done=withdrawn", code=303)


def _forwarded(routes: Blueprint, office: Office) -> None:
    def page(organisation: Organisation, typed: Mapping[str, str], **values: Any) -> str:
        known = {"found": None, "troubles": (), "error": None, **values}
        return render_template(
            "recognition/affiliate_forwarded.html",
            **_frame(office, organisation),
            typed=typed,
            mail_bytes=forwarded.MAIL_BYTES,
            **known,
        )

    @routes.get(f"{HOME}/<slug>/forwarded")
    @access.role(Role.AFFILIATE)
    def affiliate_forwarded(slug: str) -> _Answer:
        return page(own.organisation(office, slug, Role.AFFILIATE), _NOTHING)

    @routes.post(f"{HOME}/<slug>/forwarded")
    @access.role(Role.AFFILIATE, max_bytes=UPLOAD_BYTES)
    @ratelimit.limited
    def affiliate_look(slug: str) -> _Answer:
        organisation = own.organisation(office, slug, Role.AFFILIATE)
        form = forms.read_form(UPLOAD_BYTES)
        typed = {name: form.text(name) for name in ("email", "name", "text")}
        try:
            pieces = _brought(form)
            attestation_fields.person_key(typed["email"])
            found, troubles = _look(office, organisation, pieces, typed["email"])
        except _TROUBLE as error:
            return page(organisation, typed, error=error), 422
        return page(organisation, typed, found=found, troubles=troubles)

    @routes.post(f"{HOME}/<slug>/forwarded/issue")
    @access.role(Role.AFFILIATE)
    @ratelimit.limited
    def affiliate_issue_forwarded(slug: str) -> _Answer:
        organisation, form = own.organisation(office, slug, Role.AFFILIATE), forms.read_form()
        typed = {name: form.text(name) for name in ("email", "name")}
        try:
            made = certificates.issue_brought(
                office,
                organisation.slug,
                url=form.text("url"),
                body=base64.b64decode(form.text("body"), validate=True),
                email=typed["email"],
                name=typed["name"],
                actor=access.actor(),
                now=clock.now(),
            )
        except binascii.Error:
            arrived = RecognitionFieldError("The file did not arrive whole. Bring it again.", path="file")
            return page(organisation, {**typed, "text": ""}, error=arrived), 422
        except _TROUBLE as error:
            return page(organisation, {**typed, "text": form.text("url")}, error=error), 422
        return redirect(f"{HOME}/{slug}/certificates/{made}?done=issued", code=303)


def _brought(form: forms.Form) -> tuple[Piece, ...]:
    """Return what was brought by file or typed.

    Raises:
        RecognitionFieldError: Neither, or both.
    """
    upload, text = form.files.get("file"), form.text("text")
    if (upload is None) is not bool(text):
        raise RecognitionFieldError("Choose a file, or paste a link.", path="text")
    if upload is not None:
        return forwarded.read(upload.body, name=upload.claimed_name)
    return forwarded.read(text.encode("utf-8", errors="replace"))


def _look(
    office: Office, organisation: Organisation, pieces: tuple[Piece, ...], email: str
) -> tuple[list[certificates.Looked], list[str]]:
    """Verify what was found; the same award found twice is looked at once, and trouble is told apart."""
    found: dict[str, certificates.Looked] = {}
    troubles = [each.trouble for each in pieces if each.trouble]
    for each in pieces:
        if each.trouble:
            continue
        body = each.body or b""
        try:
            looked = certificates.look(
                office,
                organisation.slug,
                url=each.url,
                body=body,
                email=email,
                actor=access.actor(),
                now=clock.now(),
            )
        except _TROUBLE as error:
            troubles.append(error.message)
            continue
        id = looked.checked.credential_id
        if len(body) > AGAIN_BYTES:
            looked = certificates.by_link(looked)
        found.setdefault(id or f"{each.url}#{len(found)}", looked)
    known = [each for each in found.values() if each.checked.award is not None]
    return (known or list(found.values())), ([] if known else list(dict.fromkeys(troubles)))


def _frame(office: Office, organisation: Organisation) -> dict[str, Any]:
    """Return what every page of an affiliate is drawn with."""
    return {
        "organisation": organisation,
        "base": f"{HOME}/{organisation.slug}",
        "can_sign": office.sign is not None and office.sign.issuer(organisation.slug) is not None,
    }


def _skip() -> int:
    text = request.args.get("skip", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
