# SPDX-License-Identifier: Apache-2.0
"""Outlines: what documents with one frame have in common as JSON, so that it is kept once for all of them.

A document of a school year is 10 KB, and what differs from one to the next is 1 KB (``credentials.stencil``).
An outline and the values of its slots are exactly one sequence of bytes, whoever puts them together, on
whatever day: the texts of JSON as ``document.write`` writes them, in the places that the outline names.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

from credentials.document import Json, parse
from credentials.errors import DocumentError

encode_text = (
    json.encoder.encode_basestring
)  # a text as ``document.write`` writes it, quotation marks included


def write(text: bytes, order: Sequence[int]) -> bytes:
    """Return the outline of a template.

    Args:
        text: The JSON, with ``%b`` for each slot and every other ``%`` doubled.
        order: Which value stands in each slot, counted from 0.
    """
    members = {"order": list(order), "text": text.decode()}
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def fill(outline: bytes, values: Sequence[str]) -> bytes:
    """Return the document with ``values`` in the slots of an outline.

    Raises:
        DocumentError: It is no outline, or one with other slots.
    """
    text, order = _read(outline)
    try:
        return text % tuple(encode_text(values[each]).encode() for each in order)
    except (IndexError, TypeError, ValueError) as error:
        raise DocumentError("The values do not fit the outline of the document.") from error


@lru_cache(maxsize=64)  # of some 10 KB each
def _read(outline: bytes) -> tuple[bytes, tuple[int, ...]]:
    members = parse(outline).members
    text, order = members.get("text"), members.get("order")
    if not isinstance(text, str) or not isinstance(order, list):
        raise DocumentError("This is not the outline of documents.")
    return text.encode(), tuple(_place(each) for each in order)


def _place(number: Json) -> int:
    if not isinstance(number, int) or number < 0:
        raise DocumentError("This is not the outline of documents.")
    return number
