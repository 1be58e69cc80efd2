# SPDX-License-Identifier: Apache-2.0
"""``/verify/batches``: many at once, as pages and as an API.

Whoever has the address of a batch may see it, stop it and delete it; it cannot be guessed, is not for search
engines, and ends after ``batch_days``. No cookie, no account; everything works without a script.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request

from credentials.errors import HallmarkError
from service import access, clock, headers, openapi, ratelimit
from service.negotiate import respond_json, wants_html
from service.problems import Problems
from service.spreadsheet import MEDIA_TYPE
from verifier import api, batching, issuer_lists, table, triage
from verifier.batching import View
from verifier.bureau import Bureau
from verifier.lines import BATCH_ITEMS
from verifier.web import batch_request, batch_row
from verifier.web.batch_api import BATCH, REPLY, address_of, members_of
from verifier.web.batch_request import REQUEST, read_request

PAGE_ROWS: Final = 50
LIST_ROWS: Final = 200  # rows that one answer of the API lists at most
RATE: Final = "6 per minute; 20 per hour"  # batches of one address; each is up to 500 checks
SCOPE: Final = "batches"  # counted together, wherever a batch is opened
BATCH_PAGES: Final = -(-BATCH_ITEMS // PAGE_ROWS)
POLL_SECONDS: Final = 1  # between two looks at a batch that is being checked
BROKEN: Final = HTTPStatus.INTERNAL_SERVER_ERROR

_PATH = {"id": "The batch.", "number": "The row."}
_UNKNOWN = ("batch.unknown",)
_FILTERS = openapi.Parameter(
    "show", "Only some rows.", schema={"type": "string", "enum": list(triage.FILTERS)}
)


def blueprint(bureau: Bureau, problems: Problems) -> Blueprint:
    """Return the routes of many at once."""
    routes = Blueprint("batches", __name__)
    _opening(routes, bureau, problems)
    _looking(routes, bureau)
    _rows(routes, bureau)
    _ending(routes, bureau)
    _reporting(routes, bureau)
    return routes


def _opening(routes: Blueprint, bureau: Bureau, problems: Problems) -> None:
    def form_page(typed: dict[str, str], error: HallmarkError | None = None) -> Response:
        problem, status = None, 200
        if error is not None:
            row = problems.row(error)
            problem, status = {"title": row.title, "detail": error.message}, row.status
        page = render_template(
            "verifier/batches.html",
            problem=problem,
            typed=typed,
            lists=issuer_lists.choices(bureau),
            days=bureau.settings.batch_days,
            deleted="deleted" in request.args,
        )
        return _page(page, status=status)

    @routes.get("/verify/batches")
    @access.anyone
    def form() -> Response:
        return form_page({})

    @routes.post("/verify/batches")
    @access.anyone
    @headers.cross_origin
    @openapi.operation(
        "Check many at once",
        tag="Verify",
        description="Up to 500 links, credentials and files; PDFs and archives are opened. Answered at "
        "once: the batch is worked on behind its address.",
        request=REQUEST,
        responses={
            202: openapi.Reply("It was taken; look at `Location`.", {"application/json": BATCH}),
            303: openapi.Reply("For browsers: the page of the batch."),
        },
        problems=(
            "credential.empty",
            "batch.too-many",
            "batch.full",
            "spreadsheet",
            "asked.cycle",
            "request.fields",
            "request.too-large",
        ),
    )
    @ratelimit.at_most(RATE)
    def open_batch() -> Response:
        now = clock.now()
        try:
            asked = read_request()
            ratelimit.spend(RATE, scope=SCOPE)
            id = batching.open(
                bureau,
                asked.lines,
                asked=asked.asked,
                label=asked.label,
                now=now,
                opener=opener(),
            )
        except HallmarkError as error:
            if not (api.is_form() and wants_html()) or problems.row(error).status == BROKEN:
                raise
            return form_page(_typed(), error)
        if wants_html():
            return _fresh(make_response(redirect(f"/verify/batches/{id}", code=303)))
        members = members_of(bureau, batching.view(bureau, id, now=now))
        head = {"Location": address_of(bureau, id), "Retry-After": str(POLL_SECONDS)}
        return _fresh(respond_json(members, status=202, headers=head))


def _looking(routes: Blueprint, bureau: Bureau) -> None:
    @routes.get("/verify/batches/<uuid:id>")
    @access.anyone
    @openapi.operation(
        "Look at a batch",
        tag="Verify",
        path=_PATH,
        parameters=(
            _FILTERS,
            openapi.Parameter("after", "The row after which to begin."),
            openapi.Parameter("limit", "How many rows, up to 200.", schema={"type": "integer"}),
        ),
        responses={200: REPLY},
        problems=_UNKNOWN,
    )
    def show(id: UUID) -> Response:
        view = batching.view(bureau, str(id), now=clock.now())
        if wants_html():
            return _page(_batch_page(view))
        return _fresh(respond_json(_listed(view), headers=_again(view)))

    def _batch_page(view: View) -> str:
        show = request.args.get("show", "")
        show = show if show in triage.FILTERS else ""
        number = _number("page", default=1, most=BATCH_PAGES)
        lines = batching.lines_of(
            bureau, view.batch.id, show=show or None, skip=(number - 1) * PAGE_ROWS, limit=PAGE_ROWS
        )
        total = _total(view, show)
        return render_template(
            "verifier/batch.html",
            view=view,
            summary=table.summary(view.count, seconds_left=view.seconds_left),
            lines=lines,
            show=show,
            filters=[(name, _total(view, name)) for name in triage.FILTERS],
            page=number,
            pages=max(1, -(-total // PAGE_ROWS)),
            total=total,
            list_title=batching.title_of(bureau, view.asked) if view.batch.issuers else None,
            can_sign=bureau.seal is not None and bureau.seal.issuer() is not None,
        )

    def _listed(view: View) -> dict[str, Any]:
        here, limit = (
            address_of(bureau, view.batch.id),
            _number("limit", default=PAGE_ROWS, most=LIST_ROWS, least=0),
        )
        show = request.args.get("show", "")
        show = show if show in triage.FILTERS else ""
        after = table.position_of(request.args.get("after", ""))
        lines = batching.lines_of(
            bureau, view.batch.id, show=show or None, after=-1 if after is None else after, limit=limit + 1
        )
        more = len(lines) > limit > 0
        query = {"show": show, "after": lines[limit - 1].number, "limit": str(limit)} if more else {}
        following = urlencode({name: value for name, value in query.items() if value})
        return {
            **members_of(bureau, view),
            "items": [line.to_json(f"{here}/{line.number}") for line in lines[:limit]],
            "next": f"{here}?{following}" if more else None,
        }


def _rows(routes: Blueprint, bureau: Bureau) -> None:
    @routes.get("/verify/batches/<uuid:id>.csv")
    @access.anyone
    @openapi.operation(
        "Get all rows of a batch as CSV",
        tag="Verify",
        description="Also while it is being checked. No cell begins like a formula.",
        path=_PATH,
        parameters=(_FILTERS,),
        responses={200: openapi.Reply("The table.", {"text/csv": None})},
        problems=_UNKNOWN,
    )
    def csv(id: UUID) -> Response:
        view = batching.view(bureau, str(id), now=clock.now())
        show = request.args.get("show", "")
        lines = batching.lines_of(bureau, view.batch.id, show=show if show in triage.FILTERS else None)
        response = make_response(table.write(lines))
        response.content_type = MEDIA_TYPE
        response.headers["Content-Disposition"] = f"attachment; filename=checked-{view.batch.id[:8]}.csv"
        return _fresh(response)

    @routes.get("/verify/batches/<uuid:id>/<number>")
    @access.anyone
    @openapi.operation(
        "Look at one row of a batch",
        tag="Verify",
        path=_PATH,
        responses={
            200: openapi.Reply(
                "The answer, as of the moment of its check.", {"application/json": None, "text/html": None}
            )
        },
        problems=_UNKNOWN,
    )
    def row(id: UUID, number: str) -> Response:
        view = batching.view(bureau, str(id), now=clock.now())
        line = batching.line_of(bureau, view.batch.id, number)
        if not wants_html():
            here = f"{address_of(bureau, view.batch.id)}/{line.number}"
            return _fresh(respond_json({**line.to_json(here), "answer": line.answer or None}))
        asked = view.asked
        page = render_template(
            "verifier/batch_row.html",
            view=view,
            line=line,
            row=batch_row.told(line),
            again=api.address_again(line.item.url, asked) if line.item.url else None,
            asked=asked,
        )
        return _page(page)


def _ending(routes: Blueprint, bureau: Bureau) -> None:
    @routes.post("/verify/batches/<uuid:id>/cancel")
    @access.anyone
    def cancel(id: UUID) -> Response:
        now = clock.now()
        batching.cancel(bureau, batching.view(bureau, str(id), now=now).batch.id, now=now)
        return _see(f"/verify/batches/{id}")

    @routes.post("/verify/batches/<uuid:id>/delete")
    @access.anyone
    def delete(id: UUID) -> Response:
        batching.remove(bureau, batching.view(bureau, str(id), now=clock.now()).batch.id)
        return _see("/verify/batches?deleted")

    @routes.delete("/verify/batches/<uuid:id>")
    @access.anyone
    @headers.cross_origin
    @openapi.operation(
        "Stop and delete a batch",
        tag="Verify",
        description="With everything that was brought and found out, now.",
        path=_PATH,
        responses={204: openapi.Reply("It is gone.")},
        problems=_UNKNOWN,
    )
    def remove(id: UUID) -> Response:
        batching.remove(bureau, batching.view(bureau, str(id), now=clock.now()).batch.id)
        return _fresh(make_response("", HTTPStatus.NO_CONTENT))


def _reporting(routes: Blueprint, bureau: Bureau) -> None:
    @routes.post("/verify/batches/<uuid:id>/report")
    @access.anyone
    @headers.cross_origin
    @openapi.operation(
        "Keep one signed report of a batch",
        tag="Verify",
        path=_PATH,
        responses={
            201: openapi.Reply("The report; see `Location`.", {"application/json": BATCH}),
            303: openapi.Reply("For browsers: the page of the report."),
        },
        problems=(*_UNKNOWN, "batch.question"),
    )
    @ratelimit.limited
    def report(id: UUID) -> Response:
        now = clock.now()
        kept = batching.report(bureau, str(id), now=now)
        if wants_html():
            return _see(f"/verify/receipts/{kept.id}")
        members = members_of(bureau, batching.view(bureau, str(id), now=now))
        return _fresh(respond_json(members, status=201, headers={"Location": kept.address}))


def opener() -> str | None:
    """Return the address whose share a new batch takes; None for this machine itself."""
    return None if ratelimit.is_loopback() else ratelimit.address()


def _total(view: View, show: str) -> int:
    """Return how many rows a filter shows, all without one."""
    if not show:
        return view.count.total
    words = triage.FILTERS[show]
    return view.count.needs_you if words is None else sum(view.count.words.get(word, 0) for word in words)


def _number(name: str, *, default: int, most: int, least: int = 1) -> int:
    """Return a number of the query within bounds; what is none is the default."""
    said = request.args.get(name, "")
    return (
        min(max(int(said), least), most) if said.isascii() and said.isdigit() and len(said) < 6 else default
    )


def _typed() -> dict[str, str]:
    """Return what stood in the fields of the form, if it can be read at all."""
    try:
        form = batch_request.read_form()
    except HallmarkError:
        return {}
    return {name: form.text(name) for name in ("text", *batch_request.ASKED_MEMBERS)}


def _again(view: View) -> dict[str, str]:
    return {"Retry-After": str(POLL_SECONDS)} if view.batch.is_open else {}


def _see(path: str) -> Response:
    return _fresh(make_response(redirect(path, code=303)))


def _page(html: str, *, status: int = 200) -> Response:
    response = make_response(html, status)
    response.content_type = "text/html; charset=utf-8"
    return _fresh(response)


def _fresh(response: Response) -> Response:
    """What is here is for whoever has the address: nobody keeps it, and no search engine shows it."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers.pop("ETag", None)
    response.vary.add("Accept")
    return response
