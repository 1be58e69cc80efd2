# SPDX-License-Identifier: Apache-2.0
"""What a request to ``/verify`` asks: a credential, or an address where one stands, and whose it should be.

``POST /verify`` takes a JSON credential, a JWT as text, a picture, a form (``file``, ``text``, ``url``,
``recipient``), or ``{"url": …, "recipient"?: …}``. An object that is not exactly that last form is a
credential.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from credentials.document import parse
from credentials.errors import DocumentError
from service import forms
from verifier.errors import EmptyError, SeveralError
from verifier.intake import PNG_BYTES, Presented, looks_like_url, read
from verifier.outcome import Outcome
from verifier.verdict import Verdict

BODY_BYTES = PNG_BYTES + 65_536  # bytes; the largest picture, and the form around it
URL_FORM_BYTES = 16_384  # bytes of {"url": …}; anything larger is a credential
RECIPIENT_CHARS = 1_024  # characters; an address has at most 254

_TEXT = {"type": "string"}
_MAYBE_TEXT = {"type": ["string", "null"]}
_NAMED = {"id": _MAYBE_TEXT, "name": _MAYBE_TEXT, "url": _MAYBE_TEXT, "address": _MAYBE_TEXT}

# What the API answers, as JSON Schema; ``Report.to_json`` is held to it by a test.
ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["verdict", "recognised_issuer", "issuer", "credential", "checks", "verified_at"],
    "properties": {
        "verdict": {"type": "string", "enum": [str(verdict) for verdict in Verdict]},
        "recognised_issuer": {
            "type": ["boolean", "null"],
            "description": "Whether the issuer is on the list of this service; never part of the verdict.",
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
        "verified_at": {"type": "string", "format": "date-time"},
    },
}
REQUEST: dict[str, dict[str, Any] | None] = {
    "application/json": {
        "description": "A credential, or the address of one.",
        "anyOf": [
            {"type": "object", "required": ["@context"]},
            {
                "type": "object",
                "required": ["url"],
                "properties": {"url": {"type": "string", "format": "uri"}, "recipient": _TEXT},
                "additionalProperties": False,
            },
        ],
    },
    "application/vc+ld+json": None,
    "application/vc+jwt": None,
    "text/plain": None,
    "image/png": None,
    "image/svg+xml": None,
    "multipart/form-data": {
        "type": "object",
        "properties": {
            "file": {"type": "string", "contentMediaType": "application/octet-stream"},
            "text": _TEXT,
            "url": _TEXT,
            "recipient": _TEXT,
        },
    },
}

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be checked: exactly one of ``presented`` and ``url``.

    Attributes:
        presented: What was brought.
        url: Where it stands.
        recipient: Whose it should be.
        source: Address or file name, for the answer.
    """

    presented: Presented | None = None
    url: str | None = None
    recipient: str | None = None
    source: str | None = None


def is_form() -> bool:
    """Tell whether the request is a form, so that a page answers it."""
    return forms.media_type() in _FORMS


def read_question() -> Question:
    """Read the body of ``POST /verify``.

    Raises:
        MalformedError: Nothing, several things, or something that is no credential.
    """
    if is_form():
        return question_of(forms.read_form(max_bytes=BODY_BYTES))
    raw = forms.read_body(max_bytes=BODY_BYTES)
    asked = _url_form(raw)
    if asked is not None:
        return asked
    if forms.media_type() == "text/plain" and looks_like_url(raw[:16].decode("ascii", errors="replace")):
        url = raw.decode("utf-8", errors="replace").strip()
        return Question(url=url, source=url)
    return Question(presented=read(raw, media_type=forms.media_type()))


def question_of(form: forms.Form) -> Question:
    """Read the fields of the form; exactly one thing may be brought."""
    text, url, file = form.text("text"), form.text("url"), form.files.get("file")
    if not url and looks_like_url(text):
        text, url = "", text
    brought = [bool(text), bool(url), file is not None]
    if brought.count(True) > 1:
        raise SeveralError("Bring one thing at a time: a link, a text or a file.")
    recipient = form.text("recipient")[:RECIPIENT_CHARS] or None
    if file is not None:
        presented = read(file.body, media_type=file.claimed_type)
        return Question(presented=presented, recipient=recipient, source=file.claimed_name or None)
    if url:
        return Question(url=url, recipient=recipient, source=url)
    if not text:
        raise EmptyError("Nothing was sent: paste a link or a credential, or choose a file.")
    return Question(presented=read(text.encode("utf-8", errors="replace")), recipient=recipient)


def _url_form(raw: bytes) -> Question | None:
    """Return the question in ``{"url": …}``; None if it is anything else."""
    if len(raw) > URL_FORM_BYTES or b'"url"' not in raw:
        return None
    try:
        members = parse(raw).members
    except DocumentError:
        return None  # Intake says what is wrong with it.
    url, recipient = members.get("url"), members.get("recipient")
    if not members.keys() <= {"url", "recipient"} or not isinstance(url, str):
        return None
    if recipient is not None and not isinstance(recipient, str):
        return None
    wanted = recipient.strip()[:RECIPIENT_CHARS] or None if recipient is not None else None
    return Question(url=url, recipient=wanted, source=url)
