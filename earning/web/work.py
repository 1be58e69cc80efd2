# SPDX-License-Identifier: Apache-2.0
"""An educator's pages: applying, my work, the workspace, sending in, feedback, awards and goals.

Every page is for its educator alone: whatever belongs to somebody else is not there (404). Buttons are forms,
so all of it works without scripts; ``static/work.js`` saves while somebody writes.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from earning.catalogue import gateway
from earning.errors import AnswerTooLongError, ApplicationRefusedError, WorkFieldError
from earning.programme import Programme
from earning.sharing import awards
from earning.store import work as rows
from earning.web import publishing, uploads, writing
from earning.web.desk import go, page, values
from earning.work import applying, board, calendars, deadlines, drafting, workspace
from earning.work.work import application, unknown, workplace
from issuer.micro_credential import CODE
from service import access, clock, forms
from service.accounts.places import ZONES


def blueprint(programme: Programme) -> Blueprint:
    """Return the routes of educators."""
    routes = Blueprint("earning_work", __name__)
    _applying(routes, programme)
    _overview(routes, programme)
    _one(routes, programme)
    _ending(routes, programme)
    writing.add(routes, programme)
    uploads.add(routes, programme)
    publishing.add(routes, programme)
    return routes


def _applying(routes: Blueprint, programme: Programme) -> None:
    def show(codes: list[str], *, fault: str = "", status: int = 200, **typed: str) -> Response:
        now, me = clock.now(), access.person()
        return page(
            "apply.html",
            status=status,
            offers=applying.offers(programme, me, codes),
            choices=applying.choices(programme, me, now=now),
            zone=typed.get("zone") or me.zone,
            season=typed.get("season"),
            zones={**ZONES, me.zone: ZONES.get(me.zone, me.zone.replace("_", " "))},
            due=deadlines.local_day(deadlines.due(now, me.zone), me.zone),
            days=programme.settings.review_days,
            fault=fault,
        )

    def asked(code: str | None) -> list[str]:
        codes = [code] if code else []
        return [
            each for each in dict.fromkeys([*codes, *request.args.getlist("code")]) if CODE.fullmatch(each)
        ]

    @routes.get("/catalogue/apply")
    @routes.get("/catalogue/<code>/apply")
    @access.signed_in
    def apply_page(code: str | None = None) -> Response:
        return show(asked(code))

    @routes.post("/catalogue/apply")
    @routes.post("/catalogue/<code>/apply")
    @access.signed_in
    def apply(code: str | None = None) -> AnyResponse:
        form, codes = forms.read_form(), asked(code)
        chosen = [each for each in codes if len(codes) == 1 or form.text(f"with-{each}") == "yes"]
        season, zone = form.text("season"), form.text("zone") or access.person().zone
        try:
            made = applying.apply(
                programme, access.person(), chosen, season=season or None, zone=zone, now=clock.now()
            )
        except (ApplicationRefusedError, WorkFieldError) as error:
            status = 409 if isinstance(error, ApplicationRefusedError) else 422
            return show(codes, fault=error.message, status=status, season=season, zone=zone)
        return go(f"/work/{made[0].id}?done=applied" if len(made) == 1 else "/work?done=applied")


def _overview(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/work")
    @access.signed_in
    def my_work() -> Response:
        me = access.person()
        return page(
            "work.html",
            board=board.board(programme, me.id, now=clock.now()),
            goals=drafting.goals(programme, person=me.id),
            done=request.args.get("done", ""),
            local_day=deadlines.local_day,
        )

    @routes.get("/goals")
    @access.signed_in
    def goals_page() -> Response:
        kept = drafting.goals(programme, person=access.person().id)
        return page("goals.html", text=kept, fault="", done=request.args.get("done", ""))

    @routes.post("/goals")
    @access.signed_in
    def save_goals() -> AnyResponse:
        text = forms.read_form().fields.get("text", "")
        try:
            drafting.save_goals(programme, person=access.person().id, text=text, now=clock.now())
        except AnswerTooLongError as error:
            return page("goals.html", status=422, text=text, fault=error.message, done="")
        return go("/goals?done=saved")


def _one(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/work/<uuid:id>")
    @access.signed_in
    def work_page(id: UUID) -> Response:
        work = workplace(programme, str(id), person=access.person().id)
        portal = gateway.every(programme).get(work.application.portal or "")
        return page(
            "work_one.html",
            **values(programme, work),
            gaps_of=workspace.gaps_of,
            portal=portal,
            steps=awards.next_steps(programme, work.application, portal, now=clock.now()),
            done=request.args.get("done", ""),
        )

    @routes.get("/work/<uuid:id>/calendar.ics")
    @access.signed_in
    def calendar(id: UUID) -> Response:
        work = workplace(programme, str(id), person=access.person().id)
        with programme.db.reading() as session:
            season = rows.season(session, work.application.season) if work.application.season else None
        body = calendars.of_application(programme, work.application, work.assignment.title, season)
        answer = Response(body, mimetype=calendars.MEDIA_TYPE)
        answer.headers["Content-Disposition"] = f'attachment; filename="{calendars.FILE_NAME}"'
        return answer

    @routes.get("/work/<uuid:id>/sent/<int:number>")
    @access.signed_in
    def sent(id: UUID, number: int) -> Response:
        work = workplace(programme, str(id), person=access.person().id)
        found = next((each for each in work.submissions if each.number == number), None)
        if found is None:
            raise unknown()
        return page("work_sent.html", sent=found, **values(programme, work))


def _ending(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/work/<uuid:id>/withdraw")
    @access.signed_in
    def withdraw_page(id: UUID) -> Response:
        work = workplace(programme, str(id), person=access.person().id)
        return page("work_withdraw.html", fault="", typed="", **values(programme, work))

    @routes.post("/work/<uuid:id>/withdraw")
    @access.signed_in
    def withdraw(id: UUID) -> AnyResponse:
        typed = forms.read_form().text("typed")
        found = application(programme, str(id), person=access.person().id)
        try:
            applying.withdraw(programme, found, typed=typed, now=clock.now())
        except WorkFieldError as error:
            work = workplace(programme, str(id), person=access.person().id)
            return page(
                "work_withdraw.html",
                status=422,
                fault=error.message,
                typed=typed,
                **values(programme, work),
            )
        return go("/work?done=withdrawn")

    @routes.get("/work/<uuid:id>/reminders")
    @access.signed_in
    def reminders_page(id: UUID) -> Response:
        work = workplace(programme, str(id), person=access.person().id)
        return page("work_reminders.html", **values(programme, work), done=request.args.get("done", ""))

    @routes.post("/work/<uuid:id>/reminders")
    @access.signed_in
    def set_reminders(id: UUID) -> AnyResponse:
        wanted = forms.read_form().text("wanted") == "yes"
        applying.set_reminders(programme, str(id), person=access.person().id, wanted=wanted)
        return go(f"/work/{id}/reminders?done=saved")
