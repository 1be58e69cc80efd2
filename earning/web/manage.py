# SPDX-License-Identifier: Apache-2.0
"""Pages of programme managers: who waits longest, figures, applications, more time, questions.

Affiliate officers see the figures of their portals and the questions asked there. Everything is found through
the organisations of whoever asks; what is not theirs is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from flask import Blueprint, Response, make_response, redirect, render_template, request

from credentials.errors import HallmarkError
from earning.errors import (
    ExtensionError,
    OversightUnknownError,
    ReasonMissingError,
    WorkChangedError,
)
from earning.management import extensions, oversight, overview, stacks_list
from earning.programme import Programme
from earning.store.oversight import Filter
from earning.work import deadlines
from earning.work.applications import State, words
from service import access, clock, forms, spreadsheet, zones
from service.accounts.people import Role

FIELD_CHARS: Final = 100  # characters of a search
_EMPTY: Final[Mapping[str, str]] = {}


def blueprint(programme: Programme) -> Blueprint:
    """Return the routes of management but those about people and seasons."""
    routes = Blueprint("earning_manage", __name__)
    _figures(routes, programme)
    _applications(routes, programme)
    return routes


def table(name: str, body: bytes) -> Response:
    """Answer a table as a file."""
    response = make_response(body)
    response.content_type = spreadsheet.MEDIA_TYPE
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _figures(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/manage")
    @access.role(Role.MANAGER, Role.AFFILIATE)
    def manage() -> str:
        now = clock.now()
        scope = overview.scope_of(programme, access.person())
        return render_template(
            "earning/manage.html",
            view=overview.overview(programme, scope, now=now),
            is_manager=access.person().has(Role.MANAGER),
            now=now,
        )

    @routes.get("/manage/figures/<name>.csv")
    @access.role(Role.MANAGER, Role.AFFILIATE)
    def manage_figure(name: str) -> Response:
        scope = overview.scope_of(programme, access.person())
        figure = overview.overview(programme, scope, now=clock.now()).figure(name)
        if figure is None:
            raise OversightUnknownError("There is no such figure.")
        return table(figure.name, spreadsheet.write(figure.head, figure.rows))

    @routes.get("/manage/questions")
    @access.role(Role.MANAGER, Role.AFFILIATE)
    def manage_questions() -> str:
        return render_template(
            "earning/manage_questions.html", found=oversight.questions(programme, access.person())
        )


def _applications(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/manage/applications")
    @access.role(Role.MANAGER)
    def manage_applications() -> str:
        asked = Filter(
            words=request.args.get("q", "")[:FIELD_CHARS],
            state=_one_of(request.args.get("state", ""), State),
            stack=request.args.get("stack", "")[:20],
            portal=request.args.get("portal", "")[:20],
        )
        return render_template(
            "earning/manage_applications.html",
            local_day=deadlines.local_day,
            page=oversight.search(
                programme, access.person(), asked, after=request.args.get("after", "")[:36]
            ),
            asked=asked,
            states=[(str(state), words(state)) for state in State],
            words=words,
            stacks=stacks_list.choices(programme),
            portals=stacks_list.portals(programme),
            now=clock.now(),
        )

    @routes.get("/manage/applications/<id>")
    @access.role(Role.MANAGER)
    def manage_application(id: str) -> str:
        return _application(programme, id)

    @routes.get("/manage/applications/<id>/submissions/<int:number>")
    @access.role(Role.MANAGER)
    def manage_submission(id: str, number: int) -> str:
        sent = oversight.read(programme, access.person(), id, number, now=clock.now())
        return render_template("earning/manage_submission.html", sent=sent)

    @routes.post("/manage/applications/<id>/extend")
    @access.role(Role.MANAGER)
    def manage_extend(id: str) -> Any:
        form = forms.read_form()
        revision = form.text("revision")
        try:
            extensions.extend(
                programme,
                access.person(),
                id,
                _until(form.text("until")),
                reason=form.text("reason"),
                revision=int(revision) if revision.isdecimal() and len(revision) < 9 else -1,
                now=clock.now(),
            )
        except (ExtensionError, ReasonMissingError) as error:
            return _application(programme, id, typed=form.fields, error=error), 422
        except WorkChangedError as error:
            return _application(programme, id, typed=form.fields, error=error), 409
        return redirect(f"/manage/applications/{id}?extended=yes", code=303)


def _application(
    programme: Programme,
    id: str,
    *,
    typed: Mapping[str, str] = _EMPTY,
    error: HallmarkError | None = None,
) -> str:
    found = oversight.history(programme, access.person(), id)
    return render_template(
        "earning/manage_application.html",
        view=found,
        names=oversight.names(programme, tuple(each.granted_by for each in found.extensions)),
        words=words,
        typed=typed,
        error=error,
        is_extended=request.args.get("extended") == "yes",
        can_extend=found.application.state in (State.DRAFT, State.RETURNED, State.EXPIRED)
        and (found.application.submitted_at is None or found.application.revise_by is not None),
        local_day=lambda moment: zones.local(moment, found.application.zone).date(),
        now=clock.now(),
    )


def _until(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ExtensionError("Write the new last day, like 2027-04-26.", path="until") from None


def _one_of(text: str, known: type[State]) -> str:
    return text if text in set(known) else ""
