# SPDX-License-Identifier: Apache-2.0
"""Reading what a request brings, under limits. The only way to a body.

``request.get_json`` is never used: it turns deep nesting into a 500, keeps the last of duplicate members and
takes UTF-16. A view takes the bytes and gives them to the reader of its room; what comes back as plain values
may be checked against a strict model with ``validate``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from dataclasses import field as member
from typing import Any, Final, TypeVar

from flask import current_app, request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from service.errors import BodyTooLargeError, FieldsError, Finding, FormError, MediaTypeError

BODY_BYTES = 1_048_576  # bytes; a document with pictures as data: URIs fits
FORM_BYTES = 262_144  # bytes of all text fields of a form together
FORM_PARTS = 100  # fields and files of one form
FINDINGS = 50  # faults that one answer lists

_FORM_TYPES: Final = ("multipart/form-data", "application/x-www-form-urlencoded")

_SECRET: Final = ("password", "proof", "current")  # words in the names of fields

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a form. Name and type are the sender's words and prove nothing."""

    claimed_name: str
    claimed_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """A form: text fields and files by name, each standing once. An empty file field counts as none.

    Attributes:
        several: The files of those fields that may stand more than once, in their order.
    """

    fields: Mapping[str, str]
    files: Mapping[str, Upload]
    several: Mapping[str, tuple[Upload, ...]] = member(default_factory=dict)

    def text(self, name: str) -> str:
        """Return the field ``name`` without surrounding white space, "" if it was not sent."""
        return self.fields.get(name, "").strip()


def media_type() -> str:
    """Return the media type of the body, in lower case and without parameters; "" if none is stated."""
    return request.mimetype


def read_body(max_bytes: int = BODY_BYTES) -> bytes:
    """Return the bytes of the body exactly as they came.

    Raises:
        BodyTooLargeError: More than ``max_bytes``, or more than the service takes at all.
        MediaTypeError: The body is compressed.
    """
    limit = _limit(max_bytes)
    too_large = BodyTooLargeError(f"This address takes up to {limit:,} bytes.", expected=limit)
    # One byte more, because a body of unknown length is cut at the limit without a word.
    request.max_content_length = limit + 1
    try:
        body = request.get_data(cache=False, parse_form_data=False)
    except RequestEntityTooLarge as error:
        raise too_large from error
    if len(body) > limit:
        raise too_large
    return body


def read_form(
    max_bytes: int = BODY_BYTES,
    *,
    several: Collection[str] = (),
    text_bytes: int = FORM_BYTES,
    parts: int = FORM_PARTS,
) -> Form:
    """Return the form that was sent, as ``multipart/form-data`` or ``application/x-www-form-urlencoded``.

    Args:
        max_bytes: Of the whole body.
        several: Names of file fields that may stand more than once.
        text_bytes: Of all text fields together.
        parts: Fields and files.

    Raises:
        BodyTooLargeError: More bytes than ``max_bytes``, ``text_bytes`` of text, or more than ``parts``.
        FormError: A field was sent twice, or the form's length is not stated.
        MediaTypeError: It is no form, or is compressed.
    """
    texts, sent = _parse(max_bytes, text_bytes=text_bytes, parts=parts)
    twice = next(
        (
            name
            for name in (*texts, *sent)
            if len(texts.getlist(name)) + (name not in several) * len(sent.getlist(name)) > 1
        ),
        None,
    )
    if twice is not None:
        raise FormError(f"The field “{twice[:80]}” was sent more than once.", got=twice[:80])
    files = {
        name: tuple(upload for file in sent.getlist(name) if (upload := _upload(file)) is not None)
        for name in sent
    }
    return Form(
        fields=dict(texts.items()),
        files={name: found[0] for name, found in files.items() if found and name not in several},
        several={name: files.get(name, ()) for name in several},
    )


def field(name: str, *, max_bytes: int = BODY_BYTES) -> str:
    """Return one text field of the form that was sent, "" without it; the form can still be read.

    Raises:
        BodyTooLargeError: As for ``read_form``.
        FormError: As for ``read_form``.
        MediaTypeError: As for ``read_form``.
    """
    texts, _ = _parse(max_bytes)
    return texts.get(name, "")


def is_secret(name: str) -> bool:
    """Tell whether the field of this name holds a password, by its name; such a value is never shown again.

    Every field that a page shows as a password has such a name: one with "password", "proof" or "current".
    """
    return any(word in name for word in _SECRET)


def is_form() -> bool:
    """Tell whether the body says that it is a form."""
    return media_type() in _FORM_TYPES


def validate(model: type[Model], value: Any) -> Model:
    """Return ``value`` as a ``model``, whose configuration should be ``strict=True, extra="forbid"``.

    Raises:
        FieldsError: With one finding for each member that is missing, unknown or of the wrong kind.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        findings = [
            Finding(
                pointer=_pointer(fault["loc"]),
                code="field." + fault["type"].replace("_", "-"),
                detail=_words(fault["type"], fault.get("ctx", {})),
            )
            for fault in error.errors(include_url=False, include_input=False)
        ]
        message = "One field needs another look." if len(findings) == 1 else "Some fields need another look."
        raise FieldsError(message, findings=findings[:FINDINGS]) from error


_WORDS: Final[Mapping[str, str]] = {
    "missing": "This is missing.",
    "extra_forbidden": "There is no such member.",
    "string_type": "This must be a text.",
    "string_too_short": "This must have at least {min_length} characters.",
    "string_too_long": "This must have at most {max_length} characters.",
    "bool_type": "This must be true or false.",
    "int_type": "This must be a whole number.",
    "list_type": "This must be a list.",
    "dict_type": "This must be an object.",
    "model_type": "This must be an object.",
    "literal_error": "This must be {expected}.",
}


def _words(kind: str, facts: Mapping[str, Any]) -> str:
    """Return a sentence for a kind of fault (pydantic's names for them)."""
    sentence = _WORDS.get(kind, "This does not fit.")
    if facts.get("min_length") == 1:
        sentence = "This must not be empty."
    return sentence.format_map(facts)


def _upload(file: FileStorage) -> Upload | None:
    """Return a file that was sent, or None for an empty field."""
    body = file.stream.read()
    if not file.filename and not body:
        return None
    return Upload(claimed_name=file.filename or "", claimed_type=file.mimetype, body=body)


def _parse(
    max_bytes: int, *, text_bytes: int = FORM_BYTES, parts: int = FORM_PARTS
) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    """Return fields and files of the form, parsed once for each request."""
    if not is_form():
        raise MediaTypeError("This address takes a form.", got=media_type()[:100])
    if request.content_length is None:
        raise FormError("Send the form with its length (Content-Length).")
    # Of text that is written in percent, up to three bytes stand for one; the parser has no limit of its own.
    widest = max_bytes if media_type() == _FORM_TYPES[0] else min(max_bytes, 3 * text_bytes)
    limit = request.max_content_length = _limit(widest)
    too_large = BodyTooLargeError(
        f"This form takes up to {limit:,} bytes, {text_bytes:,} of them text, in {parts} parts.",
        expected=limit,
    )
    if request.content_length > limit:
        raise too_large  # It may have been parsed before, under a wider limit.
    request.max_form_memory_size = text_bytes
    request.max_form_parts = parts
    try:
        return request.form, request.files
    except RequestEntityTooLarge as error:
        raise too_large from error


def _limit(max_bytes: int) -> int:
    """Return the limit for this request: the route's own, but never above the service's."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise MediaTypeError("Send the body as it is, without compression.", got=encoding[:40])
    return min(max_bytes, int(current_app.config["MAX_CONTENT_LENGTH"]))


def _pointer(place: tuple[int | str, ...]) -> str:
    """Return the JSON Pointer (RFC 6901, section 3) to a place."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)
