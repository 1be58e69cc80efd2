# SPDX-License-Identifier: Apache-2.0
"""Outlines: a document in two parts is the same bytes again."""

from __future__ import annotations

import json

import pytest

from credentials import outline
from credentials.document import Json, write
from credentials.errors import DocumentError


@pytest.mark.parametrize("between", ["", "100 % %b %s", 'a"\\ \n \x00', "\u2028\U0001f600é"])
@pytest.mark.parametrize("values", [["", "%b"], ['"\\', "\x7f\x00\x1f"], ["\u2028\x85", "\U0001f600"]])
def test_any_texts_stand_in_the_slots_as_documents_write_them(values: list[str], between: str) -> None:
    said = json.dumps(between, ensure_ascii=False).encode().replace(b"%", b"%%")
    kept = outline.write(b'{"a":%b,"b":' + said + b',"c":[%b,%b]}', [1, 0, 1])
    members: dict[str, Json] = {"a": values[1], "b": between, "c": [values[0], values[1]]}
    assert outline.fill(kept, values) == write(members)


@pytest.mark.parametrize(
    ("kept", "values"),
    [
        (b"{}", ["a"]),
        (b'{"text":"%b","order":[0,0]}', ["a"]),
        (b'{"text":"%b","order":[1]}', ["a"]),
        (b'{"text":"%b","order":[-1]}', ["a"]),
        (b'{"text":"%b","order":["0"]}', ["a"]),
        (b'{"text":"%d","order":[0]}', ["a"]),
    ],
)
def test_what_is_no_outline_of_these_values_makes_no_document(kept: bytes, values: list[str]) -> None:
    with pytest.raises(DocumentError):
        outline.fill(kept, values)
