# SPDX-License-Identifier: Apache-2.0
"""What the doors of bulks and of takebacks share: bodies, lists, progress, tables, and whose they are.

An object on its way is answered with its address (``Location``), and while it goes on with ``Retry-After``.
Lists go on behind ``next``, which the header ``Link`` names too. Nothing of it is kept by a cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, make_response, stream_with_context

from service import access, forms, openapi, paging, spreadsheet
from service.accounts.people import Role
from service.errors import FieldsError, Finding
from service.negotiate import respond_json

POLL_SECONDS: Final = 1
LIST_MAX: Final = 200  # items that one answer lists at most
LIST: Final = 50

TEXT: Final[dict[str, Any]] = {"type": "string"}
MAYBE: Final[dict[str, Any]] = {"type": ["string", "null"]}
COUNT: Final[dict[str, Any]] = {"type": "integer", "minimum": 0}
LIMIT: Final = openapi.Parameter(
    "limit", f"How many, up to {LIST_MAX}.", schema={"type": "integer", "minimum": 1, "maximum": LIST_MAX}
)

_KINDS: Final[Mapping[str, tuple[type, str, str]]] = {
    "string": (str, "field.string-type", "This must be a text."),
    "integer": (int, "field.int-type", "This must be a whole number."),
    "boolean": (bool, "field.bool-type", "This must be true or false."),
    "array": (list, "field.list-type", "This must be a list."),
}


def own() -> frozenset[str]:
    """Return the organisations for which whoever asks is an officer."""
    return access.person().organisations(Role.OFFICER)


def listing(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the shape of a list of ``item``."""
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": item},
            "next": {**MAYBE, "description": "Where the list goes on."},
        },
    }


def read(schema: Mapping[str, Any], members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a body, strictly read by its schema, with defaults in the place of missing ones.

    Raises:
        FieldsError: A member is missing, unknown or of another kind.
    """
    known = schema["properties"]
    findings = [
        Finding(f"/{name}", "field.extra-forbidden", "There is no such member.")
        for name in members
        if name not in known
    ]
    for name, kind in known.items():
        if name not in members:
            if name in schema["required"]:
                findings.append(Finding(f"/{name}", "field.missing", "This is missing."))
            continue
        findings += _findings(f"/{name}", kind, members[name])
    if findings:
        word = "One field needs" if len(findings) == 1 else "Some fields need"
        raise FieldsError(f"{word} another look.", findings=findings[: forms.FINDINGS])
    return {name: members.get(name, kind.get("default")) for name, kind in known.items()}


def _findings(place: str, kind: Mapping[str, Any], value: object) -> list[Finding]:
    """Return what is wrong with a value; a word that is none of a list is the room's matter."""
    wanted, code, words = _KINDS[kind["type"]]
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        return [Finding(place, code, words)]
    if not isinstance(value, list):
        return []
    return [each for at, one in enumerate(value) for each in _findings(f"{place}/{at}", kind["items"], one)]


def limit() -> int:
    """Return how many items are asked for."""
    return paging.number("limit", LIST, least=1, most=LIST_MAX)


def following(here: str, after: str | int, **query: str | None) -> str:
    """Return the address of the next part of a list."""
    asked = {**query, "after": str(after), "limit": str(limit())}
    return f"{here}?{urlencode({name: text for name, text in asked.items() if text})}"


def listed(items: list[dict[str, Any]], next: str | None) -> Response:
    """Return one part of a list."""
    head = {"Link": f'<{next}>; rel="next"'} if next else {}
    return _unkept(respond_json({"items": items, "next": next}, headers=head))


def answer(
    members: Mapping[str, Any],
    *,
    here: str,
    goes_on: bool,
    status: int = 200,
    head: Mapping[str, str] | None = None,
) -> Response:
    """Return how far something is.

    Args:
        members: What is told of it.
        here: Its address.
        goes_on: Whether something happens by itself, so that it is worth asking again.
        status: 200 for what was only looked at.
        head: More headers.
    """
    headers = dict(head or {})
    if status != 200:
        headers["Location"] = here
    if goes_on:
        headers["Retry-After"] = str(POLL_SECONDS)
    return _unkept(respond_json(dict(members), status=status, headers=headers))


def table(parts: Iterator[bytes], name: str) -> Response:
    """Return a table as a file, written while it is sent."""
    response = make_response(stream_with_context(parts))
    response.content_type = spreadsheet.MEDIA_TYPE
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _unkept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers.pop("ETag", None)
    return response
