# SPDX-License-Identifier: Apache-2.0
"""Pages of programme managers about people and seasons: reviewers, imports, calendars of portals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from flask import Blueprint, Response, redirect, render_template, request

from credentials.errors import HallmarkError
from earning.errors import ImportEmptyError, ReviewFieldError, SeasonClosedError, SeasonFieldError
from earning.management import people_import, reviewer_pool, season_plan, stacks_list
from earning.programme import Programme
from earning.web.manage import table
from earning.work.seasons import Season
from service import access, clock, forms, spreadsheet, zones
from service.accounts.people import Role
from service.errors import SpreadsheetError

UPLOAD_BYTES: Final = spreadsheet.MAX_BYTES + 16_384  # bytes; the form around the file
_EMPTY: Final[Mapping[str, str]] = {}


def blueprint(programme: Programme) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("earning_manage_people", __name__)
    _reviewers(routes, programme)
    _imports(routes, programme)
    _seasons(routes, programme)
    return routes


def _reviewers(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/manage/reviewers")
    @access.role(Role.MANAGER)
    def manage_reviewers() -> str:
        return _pool(programme)

    @routes.post("/manage/reviewers")
    @access.role(Role.MANAGER)
    def manage_reviewer_save() -> Any:
        form = forms.read_form()
        stacks = tuple(name.removeprefix("stack-") for name in form.fields if name.startswith("stack-"))
        try:
            reviewer_pool.save(
                programme,
                access.person(),
                email=form.text("email"),
                organisation=form.text("organisation"),
                stacks=stacks,
                is_active=bool(form.text("is_active")),
                now=clock.now(),
            )
        except ReviewFieldError as error:
            return _pool(programme, typed=form.fields, error=error), 422
        return redirect("/manage/reviewers?saved=yes", code=303)

    @routes.get("/manage/reviewers.csv")
    @access.role(Role.MANAGER)
    def manage_reviewers_table() -> Response:
        found = reviewer_pool.pool(programme, access.person(), now=clock.now())
        head = (
            "Name",
            "E-mail",
            "Organisation",
            "Active",
            "Stacks",
            "Reading",
            "Finished",
            "Read twice",
            "Alike",
        )
        cells = [
            (
                each.reviewer.person.name,
                each.reviewer.person.email,
                each.reviewer.organisation,
                "yes" if each.reviewer.is_active else "no",
                " ".join(each.reviewer.stacks),
                each.reviewer.holding,
                each.reviewer.finished,
                each.agreement.reread,
                each.agreement.agreed,
            )
            for each in found
        ]
        return table("reviewers", spreadsheet.write(head, cells))


def _pool(
    programme: Programme, *, typed: Mapping[str, str] = _EMPTY, error: HallmarkError | None = None
) -> str:
    person = access.person()
    return render_template(
        "earning/manage_reviewers.html",
        pool=reviewer_pool.pool(programme, person, now=clock.now()),
        waiting=reviewer_pool.waiting_by_stack(programme, person),
        stacks=stacks_list.choices(programme),
        organisations=[(each, each) for each in sorted(person.organisations(Role.MANAGER))],
        typed=typed,
        error=error,
        edited=request.args.get("edit", ""),
        is_saved=request.args.get("saved") == "yes",
    )


def _imports(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/manage/people/import")
    @access.role(Role.MANAGER)
    def manage_import() -> str:
        return _import_form()

    @routes.post("/manage/people/import")
    @access.role(Role.MANAGER, max_bytes=UPLOAD_BYTES)
    def manage_import_look() -> Any:
        upload = forms.read_form(UPLOAD_BYTES).files.get("file")
        if upload is None:
            return _import_form(SpreadsheetError("Choose a file first.")), 422
        try:
            id = people_import.look(
                programme, access.person(), upload.body, name=upload.claimed_name, now=clock.now()
            )
        except SpreadsheetError as error:
            return _import_form(error), 422
        return redirect(f"/manage/people/import/{id}", code=303)

    @routes.get("/manage/people/import/<id>")
    @access.role(Role.MANAGER)
    def manage_import_page(id: str) -> str:
        return _import_page(programme, id)

    @routes.post("/manage/people/import/<id>")
    @access.role(Role.MANAGER)
    def manage_import_confirm(id: str) -> Any:
        try:
            people_import.bring_in(programme, access.person(), id, now=clock.now())
        except ImportEmptyError as error:
            return _import_page(programme, id, error), 422
        return redirect(f"/manage/people/import/{id}", code=303)

    @routes.get("/manage/people/import/<id>.csv")
    @access.role(Role.MANAGER)
    def manage_import_table(id: str) -> Response:
        found = people_import.get(programme, access.person(), id, now=clock.now())
        return table("import", people_import.result(found))


def _import_form(error: HallmarkError | None = None) -> str:
    return render_template(
        "earning/manage_import.html",
        columns=people_import.COLUMNS,
        allowed=people_import.ALLOWED,
        rows_max=spreadsheet.MAX_ROWS,
        error=error,
    )


def _import_page(programme: Programme, id: str, error: HallmarkError | None = None) -> str:
    found = people_import.get(programme, access.person(), id, now=clock.now())
    return render_template(
        "earning/manage_import_look.html", found=found, outcomes=people_import.Outcome, error=error
    )


def _seasons(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/manage/seasons")
    @access.role(Role.MANAGER)
    def manage_seasons() -> str:
        return render_template(
            "earning/manage_seasons.html",
            plan=season_plan.plan(programme, access.person()),
            today=_today(),
            is_saved=request.args.get("saved") == "yes",
        )

    @routes.get("/manage/seasons/<portal>/new")
    @access.role(Role.MANAGER)
    def manage_season_new(portal: str) -> str:
        season_plan.require(programme, access.person(), portal)
        return _season_form(programme, portal, None, {})

    @routes.get("/manage/seasons/<portal>/<slug>")
    @access.role(Role.MANAGER)
    def manage_season(portal: str, slug: str) -> str:
        season = season_plan.find(programme, access.person(), f"{portal}/{slug}")
        typed = {
            "name": season.name,
            "opens_on": season.opens_on.isoformat(),
            "last_submission": season.last_submission.isoformat(),
            "last_revision": season.last_revision.isoformat(),
        }
        return _season_form(programme, portal, season, typed)

    @routes.post("/manage/seasons/<portal>/new")
    @access.role(Role.MANAGER)
    def manage_season_add(portal: str) -> Any:
        season_plan.require(programme, access.person(), portal)
        return _season_save(programme, portal, None)

    @routes.post("/manage/seasons/<portal>/<slug>")
    @access.role(Role.MANAGER)
    def manage_season_save(portal: str, slug: str) -> Any:
        season = season_plan.find(programme, access.person(), f"{portal}/{slug}")
        return _season_save(programme, portal, season)


def _season_save(programme: Programme, portal: str, before: Season | None) -> Any:
    """Save, remove, or first show whom a change concerns."""
    form, person, now, today = forms.read_form(), access.person(), clock.now(), _today()
    do = form.text("do")
    try:
        if do == "remove" and before is not None:
            season_plan.remove(programme, person, before.id, today=today, now=now)
            return redirect("/manage/seasons?saved=yes", code=303)
        season = season_plan.read(
            portal,
            id="" if before is None else before.id,
            name=form.text("name"),
            opens_on=form.text("opens_on"),
            last_submission=form.text("last_submission"),
            last_revision=form.text("last_revision"),
        )
        change = season_plan.propose(programme, person, season, is_new=before is None, today=today)
        if change.affected and do != "save":
            return _season_form(programme, portal, before, form.fields, change=change)
        season_plan.save(programme, person, season, is_new=before is None, today=today, now=now)
    except (SeasonFieldError, SeasonClosedError) as error:
        return _season_form(programme, portal, before, form.fields, error=error), 422
    return redirect("/manage/seasons?saved=yes", code=303)


def _season_form(
    programme: Programme,
    portal: str,
    before: Season | None,
    typed: Mapping[str, str],
    *,
    change: season_plan.Change | None = None,
    error: HallmarkError | None = None,
) -> str:
    today = _today()
    return render_template(
        "earning/manage_season.html",
        portal=portal,
        before=before,
        typed=typed,
        change=change,
        error=error,
        is_past=before is not None and before.last_revision < today,
        soonest=today + timedelta(days=1),
    )


def _today() -> date:
    return zones.local(clock.now(), access.person().zone).date()
