# SPDX-License-Identifier: Apache-2.0
"""``/bulks``: many awards at once, for programs. A token sees and decides what it brought itself.

A file is answered at once (202) and tried behind its address; nothing is issued before ``approval`` names the
number of its good rows. More than ``ALONE`` awards wait then for an officer of the organisation, on the page
of the bulk: a token is a program, and two of them may lie in one drawer.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, request

from credentials.document import parse, parse_json
from credentials.errors import HallmarkError, NotAnObjectError
from issuer.bulk import desk, json_rows, looking, results
from issuer.bulk.bulk import ALONE, BulkState
from issuer.bulk.desk import Brought, Key
from issuer.bulk.looking import View
from issuer.bulk.reading import Kind
from issuer.bulk.told import STATES, address_of, members_of, row_of
from issuer.bulk.trial import FILE_BYTES
from issuer.errors import BulkCountError, BulkFileError, BulkRowsBadError
from issuer.mint import Mint
from issuer.web import many
from issuer.web.bulk import as_table
from issuer.web.many import COUNT, LIMIT, MAYBE, TEXT
from service import access, clock, forms, idempotency, openapi, paging, text
from service.errors import MediaTypeError

ISSUE: Final = "credentials:write"
KINDS: Final = {
    "text/csv": Kind.CSV,
    "application/jsonl": Kind.LINES,
    "application/x-ndjson": Kind.LINES,
    "application/json-lines": Kind.LINES,
    "application/json": Kind.ARRAY,
}
GROUP: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "rows": {**COUNT, "description": "How many rows."},
        "where": {**TEXT, "description": "Which, in words: “2, 12–14 and 30 more”."},
        "sentence": {**TEXT, "description": "What is told of the first of them."},
        "varies": {"type": "boolean", "description": "Whether others differ from it in a value."},
        "mend": {**MAYBE, "description": "How a spreadsheet program mends it."},
    },
}
BULK: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "label", "state", "done", "total", "needs_attention", "result"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "label": TEXT,
        "issuer": MAYBE,
        "state": {"type": "string", "enum": list(STATES)},
        "done": {**COUNT, "description": "Rows that were tried; once it runs, rows that came to their end."},
        "total": COUNT,
        "needs_attention": {**COUNT, "description": "Bad rows, and rows that were not issued."},
        "good": {**COUNT, "description": "Rows that can become awards: the number that an approval names."},
        "bad": COUNT,
        "warned": COUNT,
        "issued": COUNT,
        "refused": COUNT,
        "achievements": {"type": "object", "additionalProperties": COUNT},
        "mails": {**COUNT, "description": "Earners who will be written to."},
        "needs_second_person": {"type": "boolean"},
        "approve_at": {**MAYBE, "description": "Where an officer approves it, while it waits for one."},
        "same_file": {"type": "array", "items": TEXT, "description": "Bulks of the same file."},
        "notes": {"type": "array", "items": TEXT},
        "faults": {"type": "array", "items": GROUP, "description": "What stands against bad rows."},
        "warnings": {"type": "array", "items": GROUP, "description": "What is worth a look."},
        "trouble": {**MAYBE, "description": "Why the file as a whole cannot be used."},
        "made_at": TEXT,
        "rows": {**TEXT, "format": "uri"},
        "result": {**TEXT, "format": "uri", "description": "All rows as CSV."},
    },
}
ROW: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["row", "state", "email", "name", "achievement", "notes", "id"],
    "properties": {
        "row": {**COUNT, "description": "As a spreadsheet shows it; of JSON, the line or the place."},
        "state": TEXT,
        "email": TEXT,
        "name": TEXT,
        "achievement": TEXT,
        "notes": {"type": "array", "items": TEXT, "description": "All that stands against it."},
        "id": {**MAYBE, "description": "The credential, once it is issued."},
    },
}
ROWS: Final = many.listing(ROW)
LISTED: Final = many.listing(BULK)
APPROVAL: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["count"],
    "additionalProperties": False,
    "properties": {
        "count": {"type": "integer", "description": "The number of good rows."},
        "leave_out_bad_rows": {
            "type": "boolean",
            "default": False,
            "description": "Whether the good rows are issued without the bad ones.",
        },
    },
}
_PATH: Final = {"id": "The bulk."}
_BODY: Final = dict.fromkeys(KINDS)


def blueprint(mint: Mint) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("issuer_bulk_api", __name__)
    _bringing(routes, mint)
    _looking(routes, mint)
    _deciding(routes, mint)
    return routes


def _bringing(routes: Blueprint, mint: Mint) -> None:
    @routes.post("/bulks")
    @access.token(ISSUE)
    @openapi.operation(
        "Bring many awards at once",
        tag="Bulks",
        description="CSV, JSON lines or an array of awards, up to 100,000. They are tried behind `Location`; "
        "nothing is issued before an approval.",
        request=_BODY,
        responses={202: openapi.Reply("It was taken; look at `Location`.", {"application/json": BULK})},
        parameters=(
            openapi.Parameter("Idempotency-Key", "1 to 255 visible ASCII characters of your own.", "header"),
            openapi.Parameter("issuer", "Whose awards they are. Default: whose the first award is."),
            openapi.Parameter("label", "What to call it. Default: the moment at which it came."),
            openapi.Parameter("mails", "“no”: earners are not written to."),
        ),
        problems=(
            "document",
            "bulk.file",
            "bulk.state",
            "issuer.unknown",
            "request.too-large",
            "request.media-type",
            "idempotency.key",
            "idempotency.key-reused",
        ),
    )
    def bring() -> Response:
        now, key = clock.now(), idempotency.key(required=False)
        kind = KINDS.get(forms.media_type())
        if kind is None:
            raise MediaTypeError(f"Send the awards as {', '.join(KINDS)}.", got=forms.media_type()[:100])
        raw = forms.read_body(FILE_BYTES)
        if not raw.strip():
            raise BulkFileError("There is nothing in it.")
        if kind is Kind.ARRAY:
            _require_json(raw)
        asked = {name: request.args.get(name, "")[:200] for name in ("issuer", "label", "mails")}
        route = f"POST /bulks?{urlencode(asked)} {kind}"
        id, is_new = desk.propose(
            mint,
            Brought(kind, raw, asked["label"] or f"From a program, {text.time(now)}"),
            issuer=asked["issuer"] or None,
            sends_mail=asked["mails"].casefold() not in ("no", "false", "0"),
            actor=access.actor(),
            now=now,
            key=None if key is None else Key(key, idempotency.fingerprint(route, raw)),
            at_once=False,
        )
        head = {} if is_new else dict(idempotency.REPLAYED)
        return _answer(mint, _view(mint, id), status=202, head=head)


def _looking(routes: Blueprint, mint: Mint) -> None:
    @routes.get("/bulks")
    @access.token(ISSUE)
    @openapi.operation(
        "List bulks",
        tag="Bulks",
        description="Those that this token brought, newest first.",
        parameters=(
            openapi.Parameter("after", "The bulk after which to begin."),
            LIMIT,
        ),
        responses={200: openapi.Reply("Bulks.", {"application/json": LISTED})},
    )
    def every() -> Response:
        limit, after = many.limit(), request.args.get("after", "")[:36] or None
        some = looking.listed(mint, made_by=access.actor(), after=after, limit=limit + 1)
        items = [members_of(mint, _view(mint, bulk.id)) for bulk, _ in some[:limit]]
        here = f"{mint.public_url}/bulks"
        return many.listed(items, many.following(here, some[limit - 1][0].id) if len(some) > limit else None)

    @routes.get("/bulks/<uuid:id>")
    @access.token(ISSUE)
    @openapi.operation(
        "Look at a bulk",
        tag="Bulks",
        path=_PATH,
        responses={200: openapi.Reply("How far it is.", {"application/json": BULK})},
        problems=("bulk.unknown",),
    )
    def show(id: UUID) -> Response:
        return _answer(mint, _view(mint, id))

    @routes.get("/bulks/<uuid:id>/rows")
    @access.token(ISSUE)
    @openapi.operation(
        "List rows of a bulk",
        tag="Bulks",
        path=_PATH,
        parameters=(
            openapi.Parameter(
                "state", "Only some rows.", schema={"type": "string", "enum": list(results.SHOWS)}
            ),
            openapi.Parameter("after", "The row after which to begin.", schema={"type": "integer"}),
            LIMIT,
        ),
        responses={200: openapi.Reply("Rows in their order.", {"application/json": ROWS})},
        problems=("bulk.unknown",),
    )
    def rows(id: UUID) -> Response:
        found = _view(mint, id)
        state = request.args.get("state", "")
        wanted = state if state in results.SHOWS else None
        limit, after = many.limit(), paging.number("after")
        some = results.lines(mint, found.bulk, show=wanted, after=after, limit=limit + 1)
        next = None
        if len(some) > limit:
            here = f"{address_of(mint, found.bulk)}/rows"
            next = many.following(here, some[limit - 1].number, state=wanted)
        return many.listed([row_of(each) for each in some[:limit]], next)

    @routes.get("/bulks/<uuid:id>/result.csv")
    @access.token(ISSUE)
    @openapi.operation(
        "Get all rows of a bulk as CSV",
        tag="Bulks",
        description="With the links of what was issued. No cell begins like a formula.",
        path=_PATH,
        responses={200: openapi.Reply("The table.", {"text/csv": None})},
        problems=("bulk.unknown",),
    )
    def table(id: UUID) -> Response:
        found = _view(mint, id)
        return as_table(results.table(mint, found.bulk), found.bulk, None)


def _deciding(routes: Blueprint, mint: Mint) -> None:
    @routes.post("/bulks/<uuid:id>/approval")
    @access.token(ISSUE)
    @openapi.operation(
        "Start a bulk, or propose it",
        tag="Bulks",
        description=f"With more than {ALONE} awards in a day it is proposed, and an officer of the "
        "organisation starts it at `approve_at`.",
        path=_PATH,
        request={"application/json": APPROVAL},
        responses={202: openapi.Reply("It runs, or is proposed.", {"application/json": BULK})},
        problems=(
            "document",
            "request.fields",
            "bulk.unknown",
            "bulk.state",
            "bulk.count",
            "bulk.bad-rows",
            "bulk.second-person",
        ),
    )
    def approve(id: UUID) -> Response:
        members = dict(parse(forms.read_body()).members)
        found = _view(mint, id)
        asked = many.read(APPROVAL, members)
        actor, now = access.actor(), clock.now()
        if found.bulk.state is BulkState.PROPOSED:
            desk.require_second(found.bulk, actor)
        count, leaves_out = asked["count"], asked["leave_out_bad_rows"]
        try:
            desk.confirm(mint, found.bulk.id, count=count, leaves_out=leaves_out, actor=actor, now=now)
        except BulkRowsBadError as error:
            error.message += " To leave them out, send “leave_out_bad_rows”: true."
            error.path = "/leave_out_bad_rows"
            raise
        except BulkCountError as error:
            error.path = "/count"
            raise
        return _answer(mint, _view(mint, id), status=202)

    @routes.delete("/bulks/<uuid:id>")
    @access.token(ISSUE)
    @openapi.operation(
        "Cancel a bulk",
        tag="Bulks",
        description="What was issued stays; what was begun is finished.",
        path=_PATH,
        responses={200: openapi.Reply("It is ended.", {"application/json": BULK})},
        problems=("bulk.unknown",),
    )
    def cancel(id: UUID) -> Response:
        found = _view(mint, id)
        desk.cancel(mint, found.bulk.id, actor=access.actor(), now=clock.now())
        return _answer(mint, _view(mint, id))


def _view(mint: Mint, id: UUID | str) -> View:
    return looking.view(mint, str(id), now=clock.now(), made_by=access.actor())


def _answer(mint: Mint, found: View, *, status: int = 200, head: dict[str, str] | None = None) -> Response:
    return many.answer(
        members_of(mint, found),
        here=address_of(mint, found.bulk),
        goes_on=found.is_open,
        status=status,
        head=head,
    )


def _require_json(raw: bytes) -> None:
    """Refuse a body that is not JSON as a whole; what an award says is the matter of the trial.

    Raises:
        DocumentError: Its first fault.
    """
    if not raw.lstrip(b" \t\r\n").startswith(b"["):
        parse_json(raw)
        return
    for _, item in json_rows.array(raw):
        if isinstance(item, HallmarkError) and not isinstance(item, NotAnObjectError):
            raise item
