# SPDX-License-Identifier: Apache-2.0
"""Bytes become a Document, under limits; the bytes are kept.

A credential is its bytes: we never change one by reading and writing it, and members that we do not know are
kept. RFC 8259 (JSON) leaves open what duplicate names, lone surrogates and huge numbers mean; readers differ,
so we refuse all of them. Everything is counted before it is parsed.

Limits and their reasons: each constant below says its own.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, TypeAlias, cast

from credentials.errors import (
    DocumentTooLargeError,
    DuplicateMemberError,
    NotAnObjectError,
    NotJsonError,
    NotUtf8Error,
    NumberError,
    SurrogateError,
    TooDeepError,
    TooManyContainersError,
)

DOCUMENT_BYTES = 1_048_576  # bytes; pictures as data: URIs fit, 18 times the largest credential seen
JSON_DEPTH = 32  # levels; three times the deepest credential seen
JSON_CONTAINERS = 10_000  # objects and arrays; the largest credential seen has 170
NUMBER_CHARS = 128  # characters; longer digits only serve to overflow somebody

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_NOT_STRUCTURE = bytes(set(range(256)) - set(b'[]{}:"'))
_ONE_KIND = bytes.maketrans(b"{}", b"[]")


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON object as it came: the exact bytes, and its members for reading.

    Attributes:
        raw: The bytes as received or as written; they are what is stored, served and hashed.
        members: The parsed members, top level read-only. Nobody changes what is below it.
    """

    raw: bytes
    members: Mapping[str, Json]


def parse(raw: bytes, *, max_bytes: int = DOCUMENT_BYTES) -> Document:
    """Read ``raw`` as one JSON object.

    Raises:
        DocumentError: One of its leaves names the limit or rule that was broken, and where.
    """
    value = parse_json(raw, max_bytes=max_bytes)
    if not isinstance(value, dict):
        raise NotAnObjectError("This is JSON, but not an object with members.", path="")
    return Document(raw=raw, members=MappingProxyType(value))


def parse_json(raw: bytes, *, max_bytes: int = DOCUMENT_BYTES) -> Json:
    """Read ``raw`` as any JSON value, with the same limits and rules as ``parse``.

    RFC 8259; UTF-8 without byte order mark only (section 8.1).

    Raises:
        DocumentError: One of its leaves names the limit or rule that was broken, and where.
    """
    if len(raw) > max_bytes:
        raise DocumentTooLargeError(
            f"The document is larger than {max_bytes:,} bytes.", got=len(raw), expected=max_bytes
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotUtf8Error(f"The bytes are not UTF-8 text (byte {error.start}).") from error
    if text.startswith("\ufeff"):
        raise NotUtf8Error("The text begins with a byte order mark; plain UTF-8 has none.")
    structure = _structure(raw)
    _check_depth(structure.replace(b":", b""))
    try:
        value = _decode(text, structure.count(b":"))
    except json.JSONDecodeError as error:
        raise NotJsonError(
            f"The text is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        ) from error
    if "\\u" in text:
        # Raw UTF-8 cannot hold a surrogate; only an escape can smuggle one in.
        _refuse_surrogates(value)
    return value


def write(members: Mapping[str, Json]) -> bytes:
    """Write members as compact UTF-8 JSON, in the order given.

    Used for documents that we compose; never to write again what somebody else wrote.
    """
    return _encoder.encode(members).encode("utf-8")


def pointer(*steps: str | int) -> str:
    """Return the JSON Pointer (RFC 6901, section 3) made of ``steps``; no steps give ""."""
    text = ""
    for step in steps:
        name = str(step)
        if "~" in name or "/" in name:
            name = name.replace("~", "~0").replace("/", "~1")
        text += f"/{name}"
    return text


def _structure(raw: bytes) -> bytes:
    """Return the brackets and colons that stand outside of strings; curly brackets as square ones."""
    # A backslash outside of a string is where the parser ends, so what follows it counts as it may.
    unescaped = _ESCAPED.sub(b"", raw) if b"\\" in raw else raw
    # Between quotation marks stand strings; one that never ends goes on to the end, as for the parser.
    return b"".join(unescaped.translate(_ONE_KIND, _NOT_STRUCTURE).split(b'"')[::2])


def _check_depth(brackets: bytes) -> None:
    """Refuse too deep or too many objects and arrays before anything recursive sees them."""
    if brackets.count(b"[") <= JSON_CONTAINERS:
        left = brackets
        for _ in range(JSON_DEPTH):  # each time the innermost go
            left = left.replace(b"[]", b"")
            if not left:
                return
    depth = containers = 0
    for bracket in brackets:
        if bracket != b"["[0]:
            depth -= 1
            continue
        depth += 1
        containers += 1
        if depth > JSON_DEPTH:
            raise TooDeepError(f"Objects and arrays are nested deeper than {JSON_DEPTH} levels.")
        if containers > JSON_CONTAINERS:
            raise TooManyContainersError(f"There are more than {JSON_CONTAINERS:,} objects and arrays.")


def _decode(text: str, members: int) -> Json:
    """Read JSON in which stand so many members; if fewer are found, an object names one twice."""
    found = 0

    def count(read: dict[str, Json]) -> dict[str, Json]:
        nonlocal found
        found += len(read)
        return read

    value = _decoder(object_hook=count).decode(text)
    return cast(Json, value if found == members else _careful.decode(text))


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        name = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise DuplicateMemberError(f'An object names the member "{name[:80]}" twice.', got=name[:80])
    return members


def _integer(digits: str) -> int:
    if len(digits) > NUMBER_CHARS:
        raise NumberError(f"A number has more than {NUMBER_CHARS} characters.", got=len(digits))
    return int(digits)


def _float(digits: str) -> float:
    if len(digits) > NUMBER_CHARS:
        raise NumberError(f"A number has more than {NUMBER_CHARS} characters.", got=len(digits))
    value = float(digits)
    if not math.isfinite(value):
        raise NumberError("A number is too large to be finite.", got=digits[:40])
    return value


def _constant(name: str) -> float:
    raise NotJsonError(f"{name} is not JSON.")


def _refuse_surrogates(value: Json) -> None:
    for path, text in _texts(value, ()):
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise SurrogateError("A text holds half of a surrogate pair.", path=pointer(*path)) from error


def _texts(value: Json, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every text below ``value``, member names included, with its place. Depth is already bounded."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield path, name
            yield from _texts(member, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)
_decoder = partial(json.JSONDecoder, parse_int=_integer, parse_float=_float, parse_constant=_constant)
_careful = _decoder(object_pairs_hook=_members)
