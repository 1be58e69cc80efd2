# SPDX-License-Identifier: Apache-2.0
"""The pages of attestations: of a recognizer ("Attestations") and of an affiliate ("Attendance").

Both are the same desk: what was recorded, by record and by person; recording by hand and from a file; voiding
with a reason. Another organisation's desk is not there.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask import Blueprint, Response, make_response, redirect, render_template, request

from credentials.errors import HallmarkError
from recognition.attesting import attendance, attestation_csv, attestation_fields, attestations
from recognition.claiming import claims
from recognition.errors import RecognitionFieldError
from recognition.judging.facts import EVENTS
from recognition.office import Office
from recognition.store.attestations import Wanted
from recognition.web import own
from service import access, clock, forms, spreadsheet, zones
from service.accounts.organisations import Organisation
from service.accounts.people import Role
from service.errors import SpreadsheetError

UPLOAD_BYTES: Final = attestation_csv.MAX_BYTES + 16_384  # bytes; the form around the file
_NOTHING: Final[Mapping[str, str]] = {}
_Answer = Any


@dataclass(frozen=True, slots=True)
class _Desk:
    """Whose pages they are.

    Attributes:
        name: Begins the names of its endpoints.
        path: Of its first page, with ``<slug>``.
        title: Heads its pages.
    """

    role: Role
    name: str
    path: str
    title: str

    def at(self, organisation: Organisation) -> str:
        """Return the path of the desk of an organisation."""
        return self.path.replace("<slug>", organisation.slug)

    def own(self, office: Office, slug: str) -> Organisation:
        """Return the organisation, if it is one's own."""
        return own.organisation(office, slug, self.role)


DESKS: Final = (
    _Desk(Role.RECOGNIZER, "recognizer_attestations", "/recognizer/<slug>/attestations", "Attestations"),
    _Desk(Role.AFFILIATE, "affiliate_attendance", "/affiliate/<slug>/attendance", "Attendance"),
)


def blueprint(office: Office) -> Blueprint:
    """Return the routes of both desks."""
    routes = Blueprint("recognition_attestations", __name__)
    for desk in DESKS:
        _looking(routes, office, desk)
        _recording(routes, office, desk)
        _importing(routes, office, desk)
        _voiding(routes, office, desk)
    return routes


def _looking(routes: Blueprint, office: Office, desk: _Desk) -> None:
    @routes.get(desk.path, endpoint=desk.name)
    @access.role(desk.role)
    def records(slug: str) -> _Answer:
        return _records(office, desk, desk.own(office, slug))

    @routes.get(f"{desk.path}/people", endpoint=f"{desk.name}_people")
    @access.role(desk.role)
    def people(slug: str) -> _Answer:
        organisation = desk.own(office, slug)
        words = request.args.get("q", "").strip()[:100]
        return render_template(
            "recognition/attestation_people.html",
            **_frame(desk, organisation),
            view=attendance.view(office, organisation.slug, words, skip=_skip()),
            words_asked=words,
            page=attendance.PAGE,
        )

    @routes.get(f"{desk.path}.csv", endpoint=f"{desk.name}_table")
    @access.role(desk.role)
    def table(slug: str) -> Response:
        organisation = desk.own(office, slug)
        response = make_response(
            attestation_csv.export(office, organisation.slug, _wanted(office, organisation.slug))
        )
        response.content_type = spreadsheet.MEDIA_TYPE
        response.headers["Content-Disposition"] = "attachment; filename=attestations.csv"
        return response


def _recording(routes: Blueprint, office: Office, desk: _Desk) -> None:
    def page(organisation: Organisation, typed: Mapping[str, str], error: HallmarkError | None = None) -> str:
        return render_template(
            "recognition/attestation_new.html",
            **_frame(desk, organisation),
            typed=typed,
            error=error,
            codes=sorted({(each.code, each.title) for each in office.catalogue()}),
            today=_today(),
            most=attestations.PEOPLE_MAX,
        )

    @routes.get(f"{desk.path}/new", endpoint=f"{desk.name}_new")
    @access.role(desk.role)
    def new(slug: str) -> _Answer:
        asked = {name: request.args.get(name, "")[:200] for name in ("event", "item")}
        return page(desk.own(office, slug), {"on": _today().isoformat(), **asked})

    @routes.post(f"{desk.path}/new", endpoint=f"{desk.name}_record")
    @access.role(desk.role)
    def record(slug: str) -> _Answer:
        organisation, form = desk.own(office, slug), forms.read_form()
        try:
            entries = _entries(office, form)
            new, known = attestations.record(
                office,
                organisation.slug,
                entries,
                how=attestations.BY_HAND,
                actor=access.actor(),
                now=clock.now(),
            )
        except RecognitionFieldError as error:
            return page(organisation, form.fields, error), 422
        return redirect(f"{desk.at(organisation)}?recorded={new}&known={known}", code=303)


def _importing(routes: Blueprint, office: Office, desk: _Desk) -> None:
    def page(organisation: Organisation, error: HallmarkError | None = None) -> str:
        return render_template(
            "recognition/attestation_import.html",
            **_frame(desk, organisation),
            error=error,
            columns=attestation_csv.COLUMNS,
            rows_max=attestation_csv.MAX_ROWS,
            bytes_max=attestation_csv.MAX_BYTES,
            needs=attestations.ABOUT_SOMETHING,
        )

    @routes.get(f"{desk.path}/import", endpoint=f"{desk.name}_import")
    @access.role(desk.role)
    def choose(slug: str) -> _Answer:
        return page(desk.own(office, slug))

    @routes.post(f"{desk.path}/import", endpoint=f"{desk.name}_look")
    @access.role(desk.role, max_bytes=UPLOAD_BYTES)
    def look(slug: str) -> _Answer:
        organisation = desk.own(office, slug)
        upload = forms.read_form(UPLOAD_BYTES).files.get("file") or forms.Upload("", "", b"")
        try:
            found = attestation_csv.look(office, organisation.slug, upload.body, today=_today())
        except SpreadsheetError as error:
            return page(organisation, error), 422
        return render_template(
            "recognition/attestation_look.html",
            **_frame(desk, organisation),
            found=found,
            outcomes=attestations.Outcome,
            file=base64.b64encode(upload.body).decode("ascii"),
            name="".join(sign for sign in upload.claimed_name if sign.isprintable())[-100:] or "the file",
        )

    @routes.post(f"{desk.path}/import/confirm", endpoint=f"{desk.name}_confirm")
    @access.role(desk.role)
    def confirm(slug: str) -> _Answer:
        organisation = desk.own(office, slug)
        try:
            data = base64.b64decode(forms.read_form().text("file"), validate=True)
            new, known, bad = attestation_csv.bring_in(
                office, organisation.slug, data, today=_today(), actor=access.actor(), now=clock.now()
            )
        except binascii.Error:
            return page(
                organisation, SpreadsheetError("The file did not arrive whole. Choose it again.")
            ), 422
        except SpreadsheetError as error:
            return page(organisation, error), 422
        return redirect(f"{desk.at(organisation)}?recorded={new}&known={known}&left={bad}", code=303)


def _voiding(routes: Blueprint, office: Office, desk: _Desk) -> None:
    @routes.post(f"{desk.path}/<uuid:id>/void", endpoint=f"{desk.name}_void")
    @access.role(desk.role)
    def void(slug: str, id: Any) -> _Answer:
        organisation, why = desk.own(office, slug), forms.read_form().text("why")
        try:
            attestations.void(
                office, organisation.slug, str(id), why=why, actor=access.actor(), now=clock.now()
            )
        except RecognitionFieldError as error:
            return _records(office, desk, organisation, error=error), 422
        return redirect(f"{desk.at(organisation)}?done=voided", code=303)


def _records(
    office: Office, desk: _Desk, organisation: Organisation, *, error: HallmarkError | None = None
) -> str:
    wanted = _wanted(office, organisation.slug)
    return render_template(
        "recognition/attestations.html",
        **_frame(desk, organisation),
        listing=attestations.listing(office, organisation.slug, wanted, skip=_skip()),
        wanted=wanted,
        page=attestations.PAGE,
        error=error,
        told={name: _number(name) for name in ("recorded", "known", "left")},
        done=request.args.get("done", ""),
    )


def _frame(desk: _Desk, organisation: Organisation) -> dict[str, Any]:
    """Return what every page of a desk is drawn with."""
    return {
        "desk": desk.title,
        "is_affiliate": desk.role is Role.AFFILIATE,
        "base": desk.at(organisation),
        "organisation": organisation,
        "event_words": attestations.EVENT_WORDS,
    }


def _entries(office: Office, form: forms.Form) -> list[attestations.Entry]:
    """Return what was typed, for everybody who was named.

    Raises:
        RecognitionFieldError: Something does not fit, or nobody is named.
    """
    typed = attestation_fields.addresses(form.text("emails"))
    if not 0 < len(typed) <= attestations.PEOPLE_MAX:
        raise RecognitionFieldError(
            f"Write one to {attestations.PEOPLE_MAX} e-mail addresses, one to a line. More come as a file.",
            path="emails",
        )
    codes = tuple(each.code for each in office.catalogue())
    found = {}
    for email in typed:
        try:
            entry = attestations.read(
                email=email,
                event=form.text("event"),
                on=form.text("on"),
                today=_today(),
                item=form.text("item"),
                award=form.text("award"),
                hours=form.text("hours"),
                note=form.text("note"),
                by=form.text("by"),
                codes=codes,
            )
        except RecognitionFieldError as error:
            if error.path != "email":
                raise
            raise RecognitionFieldError(f"“{email[:80]}” is no e-mail address.", path="emails") from error
        found[entry.same] = entry
    return list(found.values())


def _wanted(office: Office, slug: str) -> Wanted:
    """Return what the address asks for; a person is named by a claim of theirs, never by an address."""
    claim = request.args.get("claim", "")[:40]
    person = claims.of(office, slug, claim).person_key if claim else ""
    event = request.args.get("event", "")
    return Wanted(
        words=request.args.get("q", "").strip()[:100],
        event=event if event in EVENTS else "",
        claim=claim,
        person=person,
    )


def _skip() -> int:
    return min(_number("skip"), 1_000_000)


def _number(name: str) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _today() -> date:
    return zones.local(clock.now(), access.person().zone).date()
