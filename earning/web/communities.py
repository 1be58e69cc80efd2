# SPDX-License-Identifier: Apache-2.0
"""Pages of learning communities. ``earning.company.community`` rules what a member sees of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, make_response, redirect, render_template, request

from earning.catalogue import gateway
from earning.company import communities, invitations
from earning.company import community as rules
from earning.company import community_letters as letters
from earning.company.community import MemberRole
from earning.errors import CommunityFieldError
from earning.programme import Programme
from service import access, clock, forms, zones
from service.calendar import MEDIA_TYPE

_LIST: Final = "/communities"
_EMPTY: Final[Mapping[str, str]] = {}


def blueprint(programme: Programme) -> Blueprint:
    """Return the routes of learning communities."""
    routes = Blueprint("earning_communities", __name__)
    _finding(routes, programme)
    _joining(routes, programme)
    _being_in(routes, programme)
    _leading(routes, programme)
    return routes


def _finding(routes: Blueprint, programme: Programme) -> None:
    @routes.get(_LIST)
    @access.signed_in
    def community_list() -> str:
        words = request.args.get("q", "")[:100]
        portal = request.args.get("state", "")[:20] or None
        return render_template(
            "earning/communities.html",
            mine=communities.of_person(programme, access.person()),
            found=communities.search(programme, words, portal=portal, near=access.person().local),
            words=words,
            portal=portal or "",
            portals=_portals(programme),
        )

    @routes.get("/communities/new")
    @access.signed_in
    def community_new() -> str:
        return _form(programme, {"local": access.person().local, "is_listed": "yes"})

    @routes.post("/communities/new")
    @access.signed_in
    def community_start() -> Any:
        form = forms.read_form()
        try:
            fields = _fields(programme, form)
        except CommunityFieldError as error:
            return _form(programme, form.fields, error=error), 422
        id = communities.start(
            programme, access.person(), fields, shows_name=bool(form.text("shows_name")), now=clock.now()
        )
        return redirect(f"/communities/{id}", code=303)

    @routes.get("/communities/found/<id>")
    @access.signed_in
    def community_found(id: str) -> str:
        return render_template("earning/community_found.html", community=communities.listed(programme, id))


def _joining(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/communities/join/<secret>")
    @access.signed_in
    def community_invitation(secret: str) -> str:
        found = invitations.invitation(programme, secret, now=clock.now())
        return render_template("earning/community_join.html", invitation=found, fewest=rules.FEWEST)

    @routes.post("/communities/join/<secret>")
    @access.signed_in
    def community_join(secret: str) -> Any:
        form = forms.read_form()
        role = MemberRole.MENTOR if form.text("role") == "mentor" else MemberRole.MEMBER
        id = invitations.join(
            programme,
            access.person(),
            secret,
            role,
            shows_name=bool(form.text("shows_name")),
            now=clock.now(),
        )
        return redirect(f"/communities/{id}", code=303)


def _being_in(routes: Blueprint, programme: Programme) -> None:
    @routes.get("/communities/<id>")
    @access.signed_in
    def community(id: str) -> str:
        return _community(programme, id)

    @routes.get("/communities/<id>/dates.ics")
    @access.signed_in
    def community_dates(id: str) -> Response:
        seen = communities.view(programme, access.person(), id)
        body = letters.dates_file(programme, seen.community, seen.dates, seen.titles, now=clock.now())
        response = make_response(body)
        response.content_type = f"{MEDIA_TYPE}; charset=utf-8"
        response.headers["Content-Disposition"] = 'attachment; filename="community.ics"'
        return response

    @routes.post("/communities/<id>/preferences")
    @access.signed_in
    def community_preferences(id: str) -> Any:
        form = forms.read_form()
        communities.set_preferences(
            programme,
            access.person(),
            id,
            shows_name=bool(form.text("shows_name")),
            wants_mail=bool(form.text("wants_mail")),
            now=clock.now(),
        )
        return redirect(f"/communities/{id}#me", code=303)

    @routes.post("/communities/<id>/leave")
    @access.signed_in
    def community_leave(id: str) -> Any:
        communities.leave(programme, access.person(), id, now=clock.now())
        return redirect(_LIST, code=303)


def _leading(routes: Blueprint, programme: Programme) -> None:
    @routes.post("/communities/<id>")
    @access.signed_in
    def community_change(id: str) -> Any:
        form = forms.read_form()
        try:
            fields = _fields(programme, form)
        except CommunityFieldError as error:
            return _community(programme, id, typed=form.fields, error=error, about="fields"), 422
        communities.change(programme, access.person(), id, fields, now=clock.now())
        return redirect(f"/communities/{id}", code=303)

    @routes.post("/communities/<id>/link")
    @access.signed_in
    def community_link(id: str) -> Any:
        if forms.read_form().text("do") == "revoke":
            invitations.revoke_links(programme, access.person(), id, now=clock.now())
            return redirect(f"/communities/{id}#invite", code=303)
        path = invitations.renew_link(programme, access.person(), id, now=clock.now())
        return _community(programme, id, link=programme.public_url + path)

    @routes.post("/communities/<id>/invite")
    @access.signed_in
    def community_invite(id: str) -> Any:
        form = forms.read_form()
        role = MemberRole.MENTOR if form.text("role") == "mentor" else MemberRole.MEMBER
        try:
            addresses = rules.read_addresses(form.text("emails"))
            number = invitations.invite(programme, access.person(), id, addresses, role, now=clock.now())
        except CommunityFieldError as error:
            return _community(programme, id, typed=form.fields, error=error, about="invite"), 422
        return redirect(f"/communities/{id}?invited={number}#invite", code=303)

    @routes.post("/communities/<id>/dates")
    @access.signed_in
    def community_add_date(id: str) -> Any:
        form = forms.read_form()
        try:
            communities.add_date(
                programme,
                access.person(),
                id,
                title=form.text("title"),
                day=form.text("day"),
                code=form.text("code"),
                now=clock.now(),
            )
        except CommunityFieldError as error:
            return _community(programme, id, typed=form.fields, error=error, about="dates"), 422
        return redirect(f"/communities/{id}#dates", code=303)

    @routes.post("/communities/<id>/dates/<date>/remove")
    @access.signed_in
    def community_remove_date(id: str, date: str) -> Any:
        communities.remove_date(programme, access.person(), id, date, now=clock.now())
        return redirect(f"/communities/{id}#dates", code=303)

    @routes.post("/communities/<id>/lead")
    @access.signed_in
    def community_hand_over(id: str) -> Any:
        to = forms.read_form().text("to")
        communities.hand_over(programme, access.person(), id, to, now=clock.now())
        return redirect(f"/communities/{id}", code=303)

    @routes.post("/communities/<id>/end")
    @access.signed_in
    def community_end(id: str) -> Any:
        communities.end(programme, access.person(), id, now=clock.now())
        return redirect(f"/communities/{id}", code=303)


def _community(
    programme: Programme,
    id: str,
    *,
    link: str = "",
    typed: Mapping[str, str] = _EMPTY,
    error: CommunityFieldError | None = None,
    about: str = "",
) -> str:
    person = access.person()
    seen = communities.view(programme, person, id)
    now = clock.now()
    invited = request.args.get("invited", "")
    return render_template(
        "earning/community.html",
        view=seen,
        link=link,
        typed=typed,
        error=error,
        about=about,
        invited=int(invited) if invited.isdecimal() and len(invited) < 4 else 0,
        portals=_portals(programme),
        choices=communities.choices(programme) if seen.is_lead else (),
        today=zones.local(now, person.zone).date(),
        fewest=rules.FEWEST,
        now=now,
    )


def _form(programme: Programme, typed: Mapping[str, str], *, error: CommunityFieldError | None = None) -> str:
    return render_template(
        "earning/community_new.html",
        typed=typed,
        error=error,
        portals=_portals(programme),
        fewest=rules.FEWEST,
    )


def _fields(programme: Programme, form: forms.Form) -> rules.Fields:
    return rules.read(
        name=form.text("name"),
        about=form.text("about"),
        portal=form.text("portal"),
        local=form.text("local"),
        contact=form.text("contact"),
        is_listed=bool(form.text("is_listed")),
        portals=[slug for slug, _ in _portals(programme)],
    )


def _portals(programme: Programme) -> list[tuple[str, str]]:
    """Return the states that a community can belong to: slug and name of each portal."""
    return [(slug, each.state) for slug, each in gateway.every(programme).items()]
