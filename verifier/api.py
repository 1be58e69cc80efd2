# SPDX-License-Identifier: Apache-2.0
"""What a request to ``/verify`` asks: a credential, or an address where one stands, and whose it should be.

``POST /verify`` takes a JSON credential, a JWT as text, a picture, a PDF, a ZIP archive, a form (one of
``file``, ``photo``, ``text``, ``url``, and what to compare with), or ``{"url": …}`` with the same questions.
An object that is not exactly that last form is a credential. ``GET /verify`` takes an address and questions
about nobody: what is typed about a person never stands in an address.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import request

from credentials.document import Json, parse
from credentials.errors import DocumentError
from service import forms, ratelimit
from service import text as text_of
from verifier.asked import NOTHING, Asked
from verifier.errors import (
    CycleError,
    EmptyError,
    NotACredentialError,
    SeveralError,
    UnsupportedContainerError,
)
from verifier.intake import as_link, looks_like_url
from verifier.outcome import Mark, Outcome
from verifier.unpack import ZIP_BYTES, Claim, unpack
from verifier.verdict import Verdict

BODY_BYTES = ZIP_BYTES + 65_536  # bytes; the largest file, and the form around it; the service may take less
URL_FORM_BYTES = 16_384  # bytes of {"url": …}; anything larger is a credential
RECIPIENT_CHARS = 1_024  # characters; an address has at most 254
LIST_CHARS = 100  # characters of the short name of a list
RESENT_BYTES = 180_000  # bytes of a credential that a page asks about again; base64 of it fits into a form

_TEXT = {"type": "string"}
_MAYBE_TEXT = {"type": ["string", "null"]}
_NAMED = {"id": _MAYBE_TEXT, "name": _MAYBE_TEXT, "url": _MAYBE_TEXT, "address": _MAYBE_TEXT}

# What the API answers, as JSON Schema; ``Report.to_json`` is held to it by a test.
ANSWER: dict[str, Any] = {
    "type": "object",
    "required": [
        "verdict",
        "recognised_issuer",
        "superseded_by",
        "decision",
        "issuer",
        "credential",
        "checks",
        "rows",
        "details",
        "verified_at",
    ],
    "properties": {
        "verdict": {"type": "string", "enum": [str(verdict) for verdict in Verdict]},
        "recognised_issuer": {
            "type": ["boolean", "null"],
            "description": "Whether the issuer is on the list that was asked for, or on that of this "
            "service; never part of the verdict.",
        },
        "superseded_by": {
            "type": ["string", "null"],
            "description": "Where the newer issue of the same award stands that took the place of this one; "
            "known for credentials of this service only, and never part of the verdict.",
        },
        "decision": {
            "type": ["object", "null"],
            "description": "Of a recognition: the recognizer's decision that it names, fetched and compared "
            "with its digest. `checked` is false where its amounts could not be checked; never part of the "
            "verdict. Amounts are decimals as text, of the whole decision.",
        },
        "about": {
            "type": "object",
            "description": "Of a recognition what it recognises, and of a PD certificate that came as a PDF "
            "with a link to its award: that award, examined at the same moment. Left out otherwise; never "
            "part of the verdict.",
            "required": ["url", "verdict", "sentence", "title"],
            "properties": {
                "url": _TEXT,
                "verdict": {"type": "string", "enum": [str(verdict) for verdict in Verdict]},
                "sentence": _TEXT,
                "title": {"type": ["string", "null"]},
            },
        },
        "issuer": {"type": "object", "properties": _NAMED},
        "credential": {"type": "object", "description": "What the credential says, in short."},
        "checks": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["check", "outcome", "title", "explanation", "spec"],
                "properties": {
                    "check": _TEXT,
                    "outcome": {"type": "string", "enum": [str(outcome) for outcome in Outcome]},
                    "title": _TEXT,
                    "explanation": _TEXT,
                    "spec": _TEXT,
                },
            },
        },
        "rows": {
            "type": "array",
            "description": "What a district checks: always the same 13 rows in one order, without a total.",
            "minItems": 13,
            "maxItems": 13,
            "items": {
                "type": "object",
                "required": ["row", "title", "mark", "sentence", "look_at"],
                "properties": {
                    "row": {"type": "integer", "minimum": 1, "maximum": 13},
                    "title": _TEXT,
                    "mark": {"type": "string", "enum": [str(mark) for mark in Mark]},
                    "sentence": _TEXT,
                    "look_at": _MAYBE_TEXT,
                },
            },
        },
        "details": {
            "type": "object",
            "description": "Raw values. Of a credential that is not genuine they are nobody's word.",
            "required": ["signatures", "status", "sponsor"],
            "properties": {
                "signatures": {"type": "array", "items": {"type": "object"}},
                "status": {"type": "array", "items": {"type": "object"}},
                "sponsor": {"type": "object"},
                "credential_digest": _MAYBE_TEXT,
                "canonical_sha256": _MAYBE_TEXT,
                "signing_input_sha256": _MAYBE_TEXT,
                "canonical": _MAYBE_TEXT,
            },
        },
        "verified_at": {"type": "string", "format": "date-time"},
    },
}
_DAY = {"type": "string", "format": "date"}
_ASKED: dict[str, Any] = {
    "recipient": {"type": "string", "description": "Whose it should be: an e-mail address, an id or a name."},
    "list": {"type": "string", "description": "Short name of a list of issuers to compare with."},
    "cycle_from": {**_DAY, "description": "First day on which it should have been earned."},
    "cycle_until": {**_DAY, "description": "Last day on which it should have been earned."},
}
REQUEST: dict[str, dict[str, Any] | None] = {
    "application/json": {
        "description": "A credential, or the address of one.",
        "anyOf": [
            {"type": "object", "required": ["@context"]},
            {
                "type": "object",
                "required": ["url"],
                "properties": {"url": {"type": "string", "format": "uri"}, **_ASKED},
                "additionalProperties": False,
            },
        ],
    },
    "application/vc+ld+json": None,
    "application/vc+jwt": None,
    "text/plain": None,
    "image/png": None,
    "image/svg+xml": None,
    "image/jpeg": None,
    "image/webp": None,
    "image/gif": None,
    "application/pdf": None,
    "application/zip": None,
    "multipart/form-data": {
        "type": "object",
        "properties": {
            "file": {"type": "string", "contentMediaType": "application/octet-stream"},
            "photo": {"type": "string", "contentMediaType": "application/octet-stream"},
            "text": _TEXT,
            "url": _TEXT,
            "encoded": {"type": "string", "contentEncoding": "base64", "description": "The bytes of a file."},
            **_ASKED,
        },
    },
}

# A member of this name, at whatever depth: inside a text its quotation marks would be escaped.
_CONTEXT: Final = re.compile(rb'"@context"[ \t\r\n]*:')
_FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be checked.

    Attributes:
        claims: What was brought, unpacked; at least one.
        asked: What is asked beside.
        label: Address or name of the file.
    """

    claims: tuple[Claim, ...]
    asked: Asked = NOTHING
    label: str = ""


def is_form() -> bool:
    """Tell whether the request is a form, so that a page answers it."""
    return forms.media_type() in _FORMS


def read_question() -> Question:
    """Read the body of ``POST /verify``.

    Raises:
        MalformedError: Nothing, several things, or something that is no credential.
        UnpackingBusyError, UnpackingBrokenError: It could not be opened now.
    """
    if is_form():
        return question_of(forms.read_form(max_bytes=BODY_BYTES))
    raw = forms.read_body(max_bytes=BODY_BYTES)
    found = _url_form(raw)
    if found is not None:
        return found
    if forms.media_type() == "text/plain" and looks_like_url(raw[:16].decode("ascii", errors="replace")):
        return about_url(raw.decode("utf-8", errors="replace").strip())
    return Question(unpack(raw, media_type=forms.media_type()))


def question_of(form: forms.Form) -> Question:
    """Read the fields of the form; exactly one thing may be brought.

    Raises:
        MalformedError: As ``read_question``.
    """
    asked = asked_of(form.text)
    text, url, encoded = form.text("text"), form.text("url"), form.text("encoded")
    files = [form.files[name] for name in ("file", "photo") if name in form.files]
    link = as_link(text)
    if not url and link is not None:
        text, url = "", link
    if [bool(text), bool(url), bool(encoded), *(True for _ in files)].count(True) > 1:
        raise SeveralError("Bring one thing at a time: a link, a text, a file or a photo.")
    if files:
        file = files[0]
        claims = unpack(file.body, name=file.claimed_name, media_type=file.claimed_type)
        return Question(claims, asked, claims[0].name)
    if url:
        return about_url(url, asked)
    if encoded:
        return Question(unpack(_decoded(encoded)), asked)
    if not text:
        raise EmptyError("Nothing was sent: paste a link or a credential, or choose a file.")
    lines = [as_link(line) for line in text.splitlines() if line.strip()]
    links = [line for line in lines if line is not None]
    if len(links) == len(lines):
        claims = tuple(Claim(f"line {n}", None, each, None, "") for n, each in enumerate(links, start=1))
        return Question(claims, asked, text_of.count(len(links), "link"))
    try:
        return Question(unpack(text.encode("utf-8", errors="replace")), asked)
    except UnsupportedContainerError as error:  # Nobody brought a file.
        raise NotACredentialError(
            "This is neither a link nor a credential. A link begins with https://; the text of a credential "
            "is JSON or a JWT. Choose anything else as a file."
        ) from error


def about_url(url: str, asked: Asked = NOTHING) -> Question:
    """Return the question about what stands at an address."""
    return Question((Claim("", None, url, None, ""),), asked, url)


def asked_of(text: Callable[[str], str], *, first: str = "cycle_from", last: str = "cycle_until") -> Asked:
    """Return what is asked beside, from fields of a form that ``text`` reads by name.

    Raises:
        CycleError: A day is none, or the last day comes before the first.
    """
    asked = Asked(
        recipient=text("recipient").strip()[:RECIPIENT_CHARS] or None,
        cycle_from=_day(text(first)),
        cycle_until=_day(text(last)),
        issuers=text("list").strip()[:LIST_CHARS] or None,
        asker="" if ratelimit.is_loopback() else ratelimit.address(),
    )
    if (
        asked.cycle_from is not None
        and asked.cycle_until is not None
        and asked.cycle_until < asked.cycle_from
    ):
        raise CycleError("The last day of your cycle comes before its first day.")
    return asked


def asked_in_address() -> Asked:
    """Return what the address of ``GET /verify`` asks; whose it should be is not read from there.

    Raises:
        CycleError: As ``asked_of``.
    """

    def text(name: str) -> str:
        return request.args.get(name, "") if name != "recipient" else ""

    return asked_of(text, first="from", last="until")


def fields_again(claim: Claim, asked: Asked) -> dict[str, str]:
    """Return the fields of a form that asks the same again; none for what is too large for one.

    A browser changes the ends of lines in what it sends, so what has several lines is sent as base64.
    """
    about = {
        "recipient": asked.recipient or "",
        "list": asked.issuers or "",
        "cycle_from": asked.cycle_from.isoformat() if asked.cycle_from else "",
        "cycle_until": asked.cycle_until.isoformat() if asked.cycle_until else "",
    }
    about = {name: value for name, value in about.items() if value}
    if claim.url is not None:
        return {"url": claim.url, **about}
    if claim.presented is None:
        return {}
    jwt = claim.presented.jwt
    raw = claim.presented.document.raw if jwt is None else jwt.token.text.encode()
    if len(raw) > RESENT_BYTES:
        return {}
    if raw.isascii() and not any(end in raw for end in (b"\r", b"\n")):
        return {"text": raw.decode("ascii"), **about}
    return {"encoded": base64.b64encode(raw).decode("ascii"), **about}


def address_again(url: str, asked: Asked) -> str:
    """Return path and query that repeat the check of an address, without whose it should be."""
    about = {
        "url": url,
        "list": asked.issuers,
        "from": asked.cycle_from.isoformat() if asked.cycle_from else None,
        "until": asked.cycle_until.isoformat() if asked.cycle_until else None,
    }
    given = {name: value for name, value in about.items() if value}
    return "/verify?" + urlencode(given, quote_via=quote, safe=":/")


def _url_form(raw: bytes) -> Question | None:
    """Return the question in ``{"url": …}``; None if it is anything else."""
    if len(raw) > URL_FORM_BYTES or b'"url"' not in raw or _CONTEXT.search(raw):
        return None
    try:
        members: Mapping[str, Json] = parse(raw).members
    except DocumentError:
        return None  # Intake says what is wrong with it.
    given = {name: value for name, value in members.items() if value is not None}
    texts = {name: value for name, value in given.items() if isinstance(value, str)}
    if not members.keys() <= {"url", *_ASKED} or len(texts) < len(given) or "url" not in texts:
        return None
    return about_url(texts["url"], asked_of(lambda name: texts.get(name, "")))


def _day(text: str) -> date | None:
    typed = text.strip()
    if not typed:
        return None
    try:
        return datetime.strptime(typed, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise CycleError(
            "A day of your cycle is not written like 2026-07-01.", got=typed[:20], expected="2026-07-01"
        ) from error


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EmptyError("What was sent is not readable. Choose the file again.") from error
