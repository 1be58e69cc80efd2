# SPDX-License-Identifier: Apache-2.0
"""What a request to ``POST /verify/batches`` brings: a form, a table, an archive, a text or a list in JSON.

Nothing is opened here: what is inside of PDFs, photos and archives is found by the job.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from credentials.document import Json, parse
from service import forms
from service.errors import FieldsError, Finding
from service.text import count
from verifier import api
from verifier.asked import Asked
from verifier.lines import BATCH_ITEMS, RECIPIENT_CHARS, REFERENCE_CHARS, Brought, Line, read_lines, read_text

TEXT_BYTES: Final = 4_194_304  # bytes of pasted text; 500 JWTs of a badge have about 2 MB
PARTS: Final = BATCH_ITEMS + 20  # files, and the fields of the form
JSON_BYTES: Final = 4_194_304  # bytes of a list in JSON
ITEM_MEMBERS: Final = ("url", "credential", "recipient", "reference")
ASKED_MEMBERS: Final = ("recipient", "list", "cycle_from", "cycle_until")

_TEXT = {"type": "string"}
_DAY = {"type": "string", "format": "date"}
_ASKED = {
    "recipient": {**_TEXT, "description": "Whose everything should be that does not say so itself."},
    "list": {**_TEXT, "description": "Short name of a list of issuers to compare with."},
    "cycle_from": {**_DAY, "description": "First day on which it should have been earned."},
    "cycle_until": {**_DAY, "description": "Last day on which it should have been earned."},
}
REQUEST: Final[dict[str, dict[str, Any] | None]] = {
    "application/json": {
        "type": "object",
        "required": ["items"],
        "additionalProperties": False,
        "properties": {
            "items": {
                "type": "array",
                "minItems": 1,
                "maxItems": BATCH_ITEMS,
                "items": {
                    "anyOf": [
                        {**_TEXT, "description": "A link, a JWT, or the text of a JSON credential."},
                        {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {
                                "url": {"type": "string", "format": "uri"},
                                "credential": {**_TEXT, "description": "A JWT, or JSON as a text."},
                                "recipient": _TEXT,
                                "reference": _TEXT,
                            },
                        },
                    ]
                },
            },
            "label": _TEXT,
            **_ASKED,
        },
    },
    "text/csv": None,
    "text/plain": None,
    "application/zip": None,
    "application/pdf": None,
    "multipart/form-data": {
        "type": "object",
        "properties": {
            "files": {
                "type": "array",
                "items": {"type": "string", "contentMediaType": "application/octet-stream"},
            },
            "text": _TEXT,
            **_ASKED,
        },
    },
}


@dataclass(frozen=True, slots=True)
class Request:
    """What was brought, and what is asked about each."""

    lines: tuple[Line, ...]
    asked: Asked
    label: str


def read_request() -> Request:
    """Read the body.

    Raises:
        EmptyError, TooManyItemsError, SpreadsheetError: As ``lines.read_lines``.
        CycleError: As ``api.asked_of``.
        RequestError: The body is not one that we take.
    """
    if api.is_form():
        return _of_form(read_form())
    kind = forms.media_type()
    if kind == "application/json":
        return _of_json(parse(forms.read_body(JSON_BYTES), max_bytes=JSON_BYTES).members)
    body = forms.read_body(api.BODY_BYTES)
    if kind == "text/plain":
        lines = read_lines(body.decode("utf-8-sig", errors="replace"), ())
        return Request(lines, Asked(), _label(lines, ()))
    name = {"text/csv": "table.csv", "application/zip": "archive.zip", "application/pdf": "document.pdf"}
    files = (Brought(name.get(kind, ""), body),) if body else ()
    return Request(read_lines("", files), Asked(), _label((), files))


def read_form() -> forms.Form:
    """Return the form with its files; it can be read again."""
    return forms.read_form(api.BODY_BYTES, several=("files",), text_bytes=TEXT_BYTES, parts=PARTS)


def _of_form(form: forms.Form) -> Request:
    asked = api.asked_of(form.text)
    files = tuple(Brought(file.claimed_name, file.body) for file in form.several["files"])
    lines = read_lines(form.text("text"), files, recipient=asked.recipient)
    return Request(lines, asked, _label(lines, files if not form.text("text") else ()))


def _label(lines: tuple[Line, ...], files: tuple[Brought, ...]) -> str:
    """Return what to call a batch: the one file's name, or how many there are of what."""
    if len(files) == 1 and files[0].name:
        return files[0].name.replace("\\", "/").rpartition("/")[2]
    if files and len(files) == len(lines):
        return count(len(files), "file")
    return count(len(lines), "link") if all(line.url for line in lines) else count(len(lines), "thing")


def _of_json(members: Mapping[str, Json]) -> Request:
    """Read a list; what is wrong with its form is told with its place."""
    findings: list[Finding] = []

    def text_of(source: Mapping[str, Json], name: str, place: str = "") -> str:
        value = source.get(name)
        if value is not None and not isinstance(value, str):
            findings.append(Finding(f"{place}/{name}", "field.string-type", "This must be a text."))
        return value if isinstance(value, str) else ""

    def unknown(source: Mapping[str, Json], known: tuple[str, ...], place: str = "") -> None:
        findings.extend(
            Finding(f"{place}/{name[:60]}", "field.extra-forbidden", "There is no such member.")
            for name in source
            if name not in known
        )

    items = members.get("items")
    unknown(members, ("items", "label", *ASKED_MEMBERS))
    texts = {name: text_of(members, name) for name in ("label", *ASKED_MEMBERS)}
    if not isinstance(items, list):
        findings.append(Finding("/items", "field.list-type", "This must be a list."))
        items = []
    lines: list[Line] = []
    for number, item in enumerate(items[: BATCH_ITEMS + 1]):
        place = f"/items/{number}"
        if isinstance(item, str):
            lines.append(_of_text(item, number))
        elif isinstance(item, dict):
            unknown(item, ITEM_MEMBERS, place)
            said = {name: text_of(item, name, place) for name in ITEM_MEMBERS}
            if bool(said["url"]) == bool(said["credential"]):
                findings.append(Finding(place, "field.one-of", "Give it either a url or a credential."))
            lines.append(_of_item(said, number))
        else:
            findings.append(Finding(place, "field.string-type", "This must be a text or an object."))
    if findings:
        raise FieldsError("Some members need another look.", findings=findings[: forms.FINDINGS])
    asked = api.asked_of(lambda name: texts[name])
    found = read_lines("", (), recipient=asked.recipient, more=lines)
    return Request(found, asked, texts["label"] or _label(found, ()))


def _of_item(said: Mapping[str, str], number: int) -> Line:
    raw = said["credential"].encode("utf-8", errors="replace") or None
    return Line(
        place=f"item {number + 1}",
        url=said["url"] or None,
        raw=None if said["url"] else raw or b"",
        recipient=said["recipient"][:RECIPIENT_CHARS] or None,
        reference=said["reference"][:REFERENCE_CHARS],
    )


def _of_text(text: str, number: int) -> Line:
    found = next(read_text(text), None)
    line = found if found is not None else Line("", raw=b"")
    return Line(f"item {number + 1}", url=line.url, raw=line.raw)
