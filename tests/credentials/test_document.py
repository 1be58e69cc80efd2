# SPDX-License-Identifier: Apache-2.0
"""Documents: limits are met before parsing, bytes are kept, nothing ambiguous is read."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials import document, errors
from tests.vectors import available, shared

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=30,
)


def nested(depth: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    return opening * depth + closing * depth


def test_keeps_the_bytes_as_they_came() -> None:
    raw = b'{ "b" : 1.50, "a": "\\u00e9" }'
    read = document.parse(raw)
    assert read.raw == raw
    assert read.members == {"b": 1.5, "a": "é"}


def test_its_members_cannot_be_replaced() -> None:
    read = document.parse(b'{"a":1}')
    with pytest.raises(TypeError):
        read.members["a"] = 2  # type: ignore[index]


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", errors.NotJsonError),
        (b"{", errors.NotJsonError),
        (b'{"a":1}{"b":2}', errors.NotJsonError),
        (b'{"a":1} x', errors.NotJsonError),
        (b"{'a':1}", errors.NotJsonError),
        (b'{"a":NaN}', errors.NotJsonError),
        (b'{"a":-Infinity}', errors.NotJsonError),
        (b'{"a":01}', errors.NotJsonError),
        (b'{"a":"\t"}', errors.NotJsonError),
        (b"[1]", errors.NotAnObjectError),
        (b"null", errors.NotAnObjectError),
        (b'{"a":1,"a":1}', errors.DuplicateMemberError),
        (b'{"a":1,"\\u0061":2}', errors.DuplicateMemberError),
        (b'{"x":{"a":1,"b":2,"a":3}}', errors.DuplicateMemberError),
        (b'{"a":"\\ud800"}', errors.SurrogateError),
        (b'{"\\udc00":1}', errors.SurrogateError),
        (b'{"a":"\\udc00\\ud800"}', errors.SurrogateError),
        (b'{"a":1e400}', errors.NumberError),
        (b'{"a":' + b"1" * 129 + b"}", errors.NumberError),
        (b'{"a":0.' + b"1" * 127 + b"}", errors.NumberError),
        (b'\xef\xbb\xbf{"a":1}', errors.NotUtf8Error),
        ('{"a":1}'.encode("utf-16"), errors.NotUtf8Error),
        (b'{"a":"\xed\xa0\x80"}', errors.NotUtf8Error),
        (b'{"a":"\xff"}', errors.NotUtf8Error),
    ],
)
def test_refuses_what_readers_could_understand_differently(raw: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        document.parse(raw)


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert document.parse(b'{"a":"\\ud83d\\ude00"}').members["a"] == "😀"


@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"a":', b"}")])
def test_depth_has_a_limit(brackets: tuple[bytes, bytes]) -> None:
    opening, closing = brackets
    at_limit = opening * document.JSON_DEPTH + b"1" * (opening != b"[") + closing * document.JSON_DEPTH
    document.parse_json(at_limit)
    with pytest.raises(errors.TooDeepError):
        document.parse_json(opening + at_limit + closing)


def test_a_hundred_thousand_brackets_are_counted_and_not_parsed() -> None:
    with pytest.raises(errors.TooDeepError):
        document.parse_json(b"[" * 100_000)


def test_brackets_inside_texts_do_not_count() -> None:
    raw = json.dumps({"a": "[" * 100 + '\\"' + "{" * 100}).encode()
    assert document.parse(raw).members["a"] == "[" * 100 + '\\"' + "{" * 100


def test_the_number_of_containers_has_a_limit() -> None:
    document.parse_json(b"[" + b",".join([b"[]"] * (document.JSON_CONTAINERS - 1)) + b"]")
    with pytest.raises(errors.TooManyContainersError):
        document.parse_json(b"[" + b",".join([b"[]"] * document.JSON_CONTAINERS) + b"]")


def test_size_has_a_limit_in_bytes() -> None:
    document.parse_json(b'"' + b"a" * 98 + b'"', max_bytes=100)
    with pytest.raises(errors.DocumentTooLargeError):
        document.parse_json(b'"' + b"a" * 99 + b'"', max_bytes=100)


def test_pointers_escape_tilde_and_slash() -> None:
    assert document.pointer() == ""
    assert document.pointer("a/b", 0, "c~d") == "/a~1b/0/c~0d"


@given(json_values)
def test_what_we_write_we_read_back(value: Any) -> None:
    assert document.parse(document.write({"value": value})).members == {"value": value}


def _repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise KeyError
    return dict(pairs)


@st.composite
def objects_as_text(draw: st.DrawFn, depth: int = 3) -> str:
    """JSON whose objects may name a member twice, in escapes too, with the signs of JSON in its texts."""
    if depth == 0:
        return draw(st.sampled_from(['":{}[]"', '"\\\\\\":"', "1", "null", '""']))
    inner = st.deferred(lambda: objects_as_text(depth - 1))
    if draw(st.booleans()):
        return "[" + ",".join(draw(st.lists(inner, max_size=3))) + "]"
    names = st.sampled_from(['"a"', '"\\u0061"', '":"', '"{"', '"\\""', '"b"'])
    members = draw(st.lists(st.tuples(names, inner), max_size=4))
    return "{" + ",".join(f"{name} : {value}" for name, value in members) + "}"


@given(objects_as_text())
def test_a_member_that_stands_twice_is_found_wherever_it_stands(text: str) -> None:
    try:
        expected = json.loads(text, object_pairs_hook=_repeats)
    except KeyError:
        with pytest.raises(errors.DuplicateMemberError):
            document.parse_json(text.encode())
    else:
        assert document.parse_json(text.encode()) == expected


def _wrapped(inside: list[str]) -> str:
    """Arrays and objects in turn."""
    if len(inside) % 2:
        return "[" + ",".join(inside) + "]"
    return "{" + ",".join(f'"{place}":{each}' for place, each in enumerate(inside)) + "}"


@given(st.recursive(st.just("1"), lambda inner: st.lists(inner, max_size=3).map(_wrapped), max_leaves=40))
def test_depth_is_counted_as_it_is(text: str) -> None:
    depth = deepest = 0
    for each in text:
        depth += (each in "[{") - (each in "]}")
        deepest = max(deepest, depth)
    padding = document.JSON_DEPTH - deepest
    document.parse_json(f"{'[' * padding}{text}{']' * padding}".encode())
    with pytest.raises(errors.TooDeepError):
        document.parse_json(f"{'[' * (padding + 1)}{text}{']' * (padding + 1)}".encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_by_name(raw: bytes) -> None:
    with contextlib.suppress(errors.DocumentError):
        document.parse_json(raw)


@given(st.text('[]{}",:\\au0d8 \n1e-.', max_size=60))
def test_it_never_reads_more_than_the_json_module_does(text: str) -> None:
    try:
        ours = document.parse_json(text.encode())
    except errors.DocumentError:
        return
    assert ours == json.loads(text)


def _suite() -> list[str]:
    folder = "JSONTestSuite/test_parsing"
    return sorted(path.name for path in shared(folder).iterdir()) if available(folder) else ["(not here)"]


@pytest.mark.parametrize("name", _suite())
def test_json_test_suite(name: str) -> None:
    """nst/JSONTestSuite: y_ must parse (but the two with repeated members), n_ is refused, i_ either."""
    raw = (shared("JSONTestSuite/test_parsing") / name).read_bytes()
    try:
        document.parse_json(raw)
    except errors.DocumentError as error:
        ours = type(error)
    else:
        ours = None  # type: ignore[assignment]
    if name.startswith("n_"):
        assert ours is not None
    elif name.startswith("y_"):
        repeated = name in ("y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json")
        assert ours is (errors.DuplicateMemberError if repeated else None)
