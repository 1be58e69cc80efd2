# SPDX-License-Identifier: Apache-2.0
"""D1: hostile JSON: depth, size, duplicates, numbers, surrogates, encodings, trailing data.

Refused with place and reason before anything is recognised; never read as something else.
"""

from __future__ import annotations

import json

import pytest

from credentials.document import DOCUMENT_BYTES, JSON_CONTAINERS, JSON_DEPTH
from credentials.errors import DocumentError, MalformedError
from tests.vectors import available, shared
from tests.world import World
from verifier.verdict import Verdict


def with_member(badge: bytes, member: str) -> bytes:
    """Put one more member into the text of a badge, as text."""
    return b"{" + member.encode("utf-8", errors="surrogatepass") + b"," + badge[1:]


@pytest.mark.parametrize(
    "member",
    [
        '"name":"Someone else","name":"Teamwork in the classroom"',
        '"name":"Someone else"',  # the badge has a name already
        '"na\\u006de":"Someone else"',
        '"x":1e400',
        '"x":' + "9" * 129,
        '"x":NaN',
        '"x":-Infinity',
        '"x":"\\ud800"',
        '"\\udc00":1',
        '"x":01',
        '"x":' + "[" * (JSON_DEPTH + 1) + "]" * (JSON_DEPTH + 1),
        '"x":[' + ",".join(["{}"] * JSON_CONTAINERS) + "]",
        '"x":"' + "a" * DOCUMENT_BYTES + '"',
    ],
)
def test_it_is_refused_with_its_reason(world: World, badge: bytes, member: str) -> None:
    with pytest.raises(DocumentError) as caught:
        world.look(with_member(badge, member))
    assert caught.value.message


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
def test_only_plain_utf_8_is_read(world: World, badge: bytes, encoding: str) -> None:
    with pytest.raises(MalformedError):
        world.look(badge.decode().encode(encoding))


def test_nothing_may_follow_the_document(world: World, badge: bytes) -> None:
    for tail in (b"x", b"{}", b"\0", badge):
        with pytest.raises(DocumentError):
            world.look(badge + tail)
    assert world.look(b" \r\n\t" + badge + b"\n").verdict is Verdict.VALID


@pytest.mark.parametrize("raw", [b"[]", b"[{}]", b"{}", b'{"a":1}', b"[" * 100_000, b'{"a":' * 100_000])
def test_what_is_no_credential_is_no_answer(world: World, raw: bytes) -> None:
    with pytest.raises(MalformedError):
        world.look(raw)


def _suite() -> list[str]:
    folder = "JSONTestSuite/test_parsing"
    return sorted(path.name for path in shared(folder).iterdir()) if available(folder) else ["(not here)"]


@pytest.mark.parametrize("name", _suite())
def test_json_test_suite(world: World, name: str) -> None:
    """nst/JSONTestSuite: none of it is a credential, and all of it is refused by an error of ours."""
    with pytest.raises(MalformedError):
        world.look((shared("JSONTestSuite/test_parsing") / name).read_bytes())


def test_a_number_too_fine_to_sign_the_same_everywhere_is_not_shown_as_signed(
    world: World, badge: bytes
) -> None:
    signed = json.loads(badge)
    signed["credentialSubject"]["creditsEarned"] = 1e-7
    assert world.look(json.dumps(signed).encode()).verdict is not Verdict.VALID
