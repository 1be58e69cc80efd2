# SPDX-License-Identifier: Apache-2.0
"""D7: baked files: more than one credential, damaged or lying chunks, DOCTYPE, wrong namespace, polyglots.

Exactly one credential, by our own walk; else refused by name. An Open Badges 2 chunk is recognised and not
used.
"""

from __future__ import annotations

import contextlib
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.baking import png, svg
from credentials.errors import MalformedError
from tests.world import World
from verifier.errors import OldBadgeError, PictureOnlyError
from verifier.intake import Container, read
from verifier.verdict import Verdict


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


IHDR = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
IDAT = chunk(b"IDAT", zlib.compress(b"\0\0"))
PICTURE = b"\x89PNG\r\n\x1a\n" + IHDR + IDAT + chunk(b"IEND", b"")
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect width="1" height="1"/></svg>'


def test_a_baked_badge_is_the_badge_inside(world: World, badge: bytes) -> None:
    token = world.issuer("union").mint(jwt=True)
    for inside in (badge, token):
        for baked, container in (
            (png.bake(PICTURE, inside.decode()), Container.PNG),
            (svg.bake(DRAWING, inside.decode()), Container.SVG),
        ):
            presented = read(baked)
            assert (presented.container, presented.picture) == (container, True)
            assert world.look(baked).verdict is Verdict.VALID


def test_a_picture_is_just_a_picture() -> None:
    for raw in (PICTURE, DRAWING, b"\xff\xd8\xff\xe0" + bytes(60), b"GIF89a" + bytes(60)):
        with pytest.raises(PictureOnlyError):
            read(raw)


def test_two_credentials_in_one_picture_are_none(badge: bytes) -> None:
    text = b"openbadgecredential\0\0\0\0\0" + badge
    for other in (
        text,
        b"openbadgecredential\0\0\0\0\0{}",
        b"openbadgecredential\0\1\0\0\0" + zlib.compress(badge),
    ):
        twice = PICTURE[:33] + chunk(b"iTXt", text) + IDAT + chunk(b"iTXt", other) + chunk(b"IEND", b"")
        with pytest.raises(MalformedError):
            read(twice)
    baked = svg.bake(DRAWING, badge.decode())
    inner = baked[baked.index(b"<openbadges:credential") : baked.index(b"</openbadges:credential>") + 24]
    with pytest.raises(MalformedError):
        read(baked.replace(inner, inner * 2))


def test_an_open_badges_2_chunk_is_recognised_and_not_used(badge: bytes) -> None:
    old = PICTURE[:33] + chunk(b"iTXt", b"openbadges\0\0\0\0\0" + badge) + IDAT + chunk(b"IEND", b"")
    with pytest.raises(OldBadgeError):
        read(old)


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_polyglot_is_what_its_first_bytes_say(world: World, badge: bytes, where: str) -> None:
    baked = png.bake(PICTURE, badge.decode())
    for mixed in (baked + badge, badge + baked) if where == "after" else (b"{}" + baked, b"GIF89a" + baked):
        with contextlib.suppress(MalformedError):
            assert world.look(mixed).verdict is not Verdict.VALID


def test_a_drawing_with_a_document_type_is_not_read(badge: bytes) -> None:
    baked = svg.bake(DRAWING, badge.decode())
    for doctype in (
        b"<!DOCTYPE svg>",
        b"<!doctype svg SYSTEM 'file:///etc/passwd'>",
        b"<!DOCTYPE svg [<!ENTITY a 'b'>]>",
    ):
        with pytest.raises(MalformedError):
            read(doctype + baked)


def test_a_swapped_picture_does_not_change_what_is_shown(world: World, badge: bytes) -> None:
    other = b"\x89PNG\r\n\x1a\n" + IHDR + chunk(b"IDAT", zlib.compress(b"\0\xff")) + chunk(b"IEND", b"")
    one, two = (world.look(png.bake(p, badge.decode())) for p in (PICTURE, other))
    assert one.to_json() == two.to_json()
    assert one.summary == two.summary


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_picture_never_holds_another_badge(data: st.DataObject) -> None:
    world = World()
    badge = world.issuer("union").mint()
    baked = data.draw(st.sampled_from([png.bake(PICTURE, badge.decode()), svg.bake(DRAWING, badge.decode())]))
    place = data.draw(st.integers(0, len(baked) - 1))
    changed = baked[:place] + bytes([data.draw(st.integers(0, 255))]) + baked[place + 1 :]
    with contextlib.suppress(MalformedError):
        report = world.look(changed)
        assert (
            report.verdict is not Verdict.VALID
            or read(changed).document.members == read(baked).document.members
        )


@given(st.binary(max_size=300))
def test_any_bytes_are_answered_by_name(raw: bytes) -> None:
    for start in (b"", b"\x89PNG\r\n\x1a\n", b"<svg", b"eyJ", b"{", b"%PDF-", b"PK\x03\x04"):
        with pytest.raises(MalformedError):
            read(start + raw)
