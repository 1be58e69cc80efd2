# SPDX-License-Identifier: Apache-2.0
"""SVG pictures carry exactly one credential below their root, and no document type (threat D7)."""

from __future__ import annotations

import contextlib
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openbadgeslib.baking import bake_svg, extract_svg

from credentials.baking import svg
from credentials.errors import (
    BakedFormError,
    BakedTwiceError,
    BakingError,
    ForbiddenMarkupError,
    NoCredentialError,
    NotAPictureError,
    OpenBadges2Error,
    PictureDamagedError,
    PictureTooLargeError,
)

JSON = '{"name":"Éducation® ’ 😀 \u0301e & <b> ]]> ]]]]>>","x":"<!DOCTYPE a>"}\r\n'
JWS = "eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl"
NS = "https://purl.imsglobal.org/ob/v3p0"
SVG = 'xmlns="http://www.w3.org/2000/svg"'
OB = f'xmlns:openbadges="{NS}"'
PLAIN = f'<svg {SVG} width="2"><title>é</title><g><path d="M0 0"/></g></svg>'.encode()
PICTURES = {
    "plain": PLAIN,
    "declaration": b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn <here> -->\n'
    + PLAIN
    + b"\n<!-- end -->",
    "byte order mark": b"\xef\xbb\xbf" + PLAIN,
    "empty": f"<svg {SVG} />".encode(),
    "prefixed": b'<s:svg xmlns:s="http://www.w3.org/2000/svg"\n><s:g/></s:svg>',
    "greater-than in an attribute": f"<svg {SVG} aria-label='a > b' >\n<g/></svg>".encode(),
    "declared": f"<svg {SVG} {OB}><g/></svg>".encode(),
    "prefix used for the older kind": f'<svg {SVG} xmlns:openbadges="http://openbadges.org"><g/></svg>'.encode(),
}


@pytest.mark.parametrize("text", [JSON, JWS, "{}", '{"a":"]]>"}', "{\r\r\n\n}"])
@pytest.mark.parametrize("name", PICTURES)
def test_what_is_baked_is_unbaked_exactly(name: str, text: str) -> None:
    baked = svg.bake(PICTURES[name], text)
    assert svg.unbake(baked) == text
    first = next(iter(ET.fromstring(baked)))  # noqa: S314 - our own picture, read by another parser
    assert first.tag == f"{{{NS}}}credential"
    assert (first.get("verify") or first.text) == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
def test_every_text_that_xml_can_write_survives(text: str) -> None:
    credential = "{" + text + "\r\n\t}"
    assert svg.unbake(svg.bake(PLAIN, credential)) == credential


@pytest.mark.parametrize("name", PICTURES)
def test_the_rest_of_the_picture_keeps_its_bytes(name: str) -> None:
    image = PICTURES[name]
    baked = svg.bake(image, JWS)
    start = baked.index(b"<openbadges:credential")
    rest = baked[:start] + baked[baked.index(b"/>", start) + 2 :]
    if name == "empty":
        assert rest == image.replace(f"<svg {SVG} />".encode(), f"<svg {OB} {SVG}></svg>".encode())
    else:
        assert rest.replace(f" {OB}".encode(), b"") == image.replace(f" {OB}".encode(), b"")


@pytest.mark.parametrize("name", PICTURES)
def test_baking_again_replaces(name: str) -> None:
    once = svg.bake(PICTURES[name], JSON)
    assert svg.bake(once, JWS) == svg.bake(PICTURES[name], JWS)
    assert svg.bake(svg.bake(once, JWS), JSON) == once


def test_baking_takes_out_every_credential_that_was_there() -> None:
    crowded = (
        f"<svg {SVG} {OB}><openbadges:credential verify='a.b.c'></openbadges:credential ><g>"
        f'<o:credential xmlns:o="{NS}"><o:credential verify="d.e.f"/>x</o:credential></g></svg>'
    ).encode()
    assert svg.unbake(svg.bake(crowded, JWS)) == JWS
    assert svg.bake(crowded, JWS).count(b"credential") == 1


def test_openbadgeslib_unbakes_ours_and_we_unbake_theirs() -> None:
    for text in (JWS, JSON.strip()):
        assert extract_svg(svg.bake(PLAIN, text), element="openbadges:credential", text_fallback=True) == text
        theirs = bake_svg(PLAIN, text, element="openbadges:credential", namespace=NS, as_text=text is not JWS)
        assert svg.unbake(theirs) == text


def test_a_plain_picture_carries_nothing() -> None:
    for image in PICTURES.values():
        with pytest.raises(NoCredentialError) as caught:
            svg.unbake(image)
        assert not isinstance(caught.value, OpenBadges2Error)


def test_an_open_badges_2_picture_is_recognised_and_never_used() -> None:
    older = (
        f'<svg {SVG} xmlns:openbadges="http://openbadges.org">'
        '<openbadges:assertion verify="https://badges.example/1"/></svg>'
    ).encode()
    with pytest.raises(OpenBadges2Error):
        svg.unbake(older)
    assert svg.unbake(svg.bake(older, JWS)) == JWS


def carrying(*elements: str, before: str = "") -> bytes:
    return f"{before}<svg {SVG} {OB}>{''.join(elements)}</svg>".encode()


ONE = f'<openbadges:credential verify="{JWS}"/>'


@pytest.mark.parametrize(
    "second",
    [
        ONE,
        "<openbadges:credential><![CDATA[{}]]></openbadges:credential>",
        "<openbadges:credential/>",
        f"<g><g>{ONE}</g></g>",
        f'<x:credential xmlns:x="{NS}" verify="a.b.c"/>',
        f'<credential xmlns="{NS}">{{}}</credential>',
    ],
)
def test_more_than_one_credential_is_refused_whatever_its_form_and_place(second: str) -> None:
    for image in (carrying(ONE, second), carrying(second, ONE)):
        with pytest.raises(BakedTwiceError):
            svg.unbake(image)


@pytest.mark.parametrize(
    "only",
    [
        "<openbadges:credential/>",
        "<openbadges:credential> </openbadges:credential>",
        f"<openbadges:credential>{JWS}</openbadges:credential>",
        f'<openbadges:credential verify="{JWS}"><![CDATA[{{}}]]></openbadges:credential>',
        "<openbadges:credential verify=''/>",
        "<openbadges:credential verify='{}'/>",
        "<openbadges:credential verify='https://badges.example/1'/>",
        f"<openbadges:credential openbadges:verify='{JWS}'/>",
        "<openbadges:credential><![CDATA[{]]><g/>}</openbadges:credential>",
        "<openbadges:credential>{<!-- -->}</openbadges:credential>",
        "<openbadges:credential>{<?x y?>}</openbadges:credential>",
        f"<g>{ONE}</g>",
    ],
)
def test_one_credential_in_another_form_or_place_is_refused(only: str) -> None:
    with pytest.raises(BakedFormError):
        svg.unbake(carrying(only))


@pytest.mark.parametrize(
    "other",
    [
        "<credential verify='a.b.c'/>",
        "<x:credential xmlns:x='https://purl.imsglobal.org/ob/v3p0/' verify='a.b.c'/>",
        "<x:credential xmlns:x='HTTPS://purl.imsglobal.org/ob/v3p0' verify='a.b.c'/>",
        f"<!-- {ONE} -->",
        f"<style><![CDATA[{ONE}]]></style>",
        f"<g>&lt;openbadges:credential verify='{JWS}'/&gt;</g>",
    ],
)
def test_what_only_looks_like_a_credential_is_none(other: str) -> None:
    with pytest.raises(NoCredentialError):
        svg.unbake(carrying(other))
    assert svg.unbake(carrying(other, ONE)) == JWS


@pytest.mark.parametrize(
    "before",
    [
        "<!DOCTYPE svg>",
        "<!doctype svg>",
        "  <!-- x --><?y z?>\n<!DOCTYPE svg [<!ENTITY a 'b'>]>",
        "<?xml version='1.0'?><!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'http://www.w3.org/svg11.dtd'>",
        "<!DOCTYPE svg SYSTEM 'file:///etc/passwd'>",
        "<!ENTITY a 'b'>",
    ],
)
def test_a_document_type_is_refused_before_it_is_parsed(before: str) -> None:
    with pytest.raises(ForbiddenMarkupError):
        svg.unbake(carrying(ONE, before=before))
    with pytest.raises(ForbiddenMarkupError):
        svg.bake(carrying(before=before), JWS)


@pytest.mark.parametrize(
    ("image", "error"),
    [
        (b"", NotAPictureError),
        (b"   ", NotAPictureError),
        (b"{}", NotAPictureError),
        (b"<", PictureDamagedError),
        (b"<!-- never ends", PictureDamagedError),
        (PLAIN[:-1], PictureDamagedError),
        (PLAIN + b"<svg/>", PictureDamagedError),
        (PLAIN + b"PK\x03\x04", PictureDamagedError),
        (PLAIN + ONE.encode(), PictureDamagedError),
        (carrying("&nbsp;"), PictureDamagedError),
        (carrying("<![CDATA["), PictureDamagedError),
        (carrying(ONE, "<!DOCTYPE svg>"), PictureDamagedError),
        (carrying("\x01"), PictureDamagedError),
        (carrying("\0"), PictureDamagedError),
        (PLAIN.decode().encode("utf-16"), PictureDamagedError),
        (PLAIN.decode().encode("utf-16-le"), PictureDamagedError),
        (PLAIN.decode().encode("latin-1"), PictureDamagedError),
        (b"<?xml version='1.0' encoding='ISO-8859-1'?>" + PLAIN, PictureDamagedError),
        (b"<?xml version='1.0' encoding=\"UTF-7\"?>" + PLAIN, PictureDamagedError),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", NotAPictureError),
        (b"<svg/>", NotAPictureError),
        (b"<svg xmlns='http://www.w3.org/2000/svg/'/>", NotAPictureError),
        (f"<html><svg {SVG}>{ONE}</svg></html>".encode(), NotAPictureError),
    ],
)
def test_what_is_no_sound_svg_is_refused(image: bytes, error: type[BakingError]) -> None:
    with pytest.raises(error):
        svg.unbake(image)
    with pytest.raises(error):
        svg.bake(image, JWS)


def test_the_limits_hold_on_both_sides() -> None:
    deep = svg.SVG_DEPTH - 1
    assert svg.unbake(carrying(ONE, "<g>" * deep, "</g>" * deep)) == JWS
    with pytest.raises(PictureTooLargeError):
        svg.unbake(carrying(ONE, "<g>" * (deep + 1), "</g>" * (deep + 1)))
    with pytest.raises(PictureTooLargeError):
        svg.unbake(carrying("<g>" * 500_000))
    largest = carrying(ONE)
    largest += b" " * (svg.SVG_BYTES - len(largest))
    assert svg.unbake(largest) == JWS
    with pytest.raises(PictureTooLargeError):
        svg.unbake(largest + b" ")
    with pytest.raises(PictureTooLargeError):
        svg.bake(largest, JWS + "A")


def test_many_prefixes_or_attributes_are_only_many() -> None:
    prefixes = " ".join(f'xmlns:p{number}="urn:{number}"' for number in range(8_000))
    attributes = " ".join(f'a{number}="{number}"' for number in range(12_000))
    assert svg.unbake(carrying(f"<g {prefixes}/><g {attributes}/>", ONE)) == JWS


@pytest.mark.parametrize(
    "text", ["", "text", "a.b", "a.b.c.d", "a.b.c ", "{\0}", "{\x0b}", "{\ufffe}", "{\ud800}"]
)
def test_what_cannot_be_baked_is_refused(text: str) -> None:
    with pytest.raises(BakedFormError):
        svg.bake(PLAIN, text)


@given(st.data())
def test_a_changed_byte_makes_no_other_error(data: st.DataObject) -> None:
    image = bytearray(svg.bake(PLAIN, JWS))
    image[data.draw(st.integers(0, len(image) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BakingError):
        svg.unbake(bytes(image))


@given(st.text(st.sampled_from("<>/!-[]?&;'\"= svgxmlnsopenbadges:{}CDATA\n"), max_size=120))
def test_no_markup_whatever_makes_another_error(markup: str) -> None:
    for image in (markup.encode(), carrying(markup), carrying(before=markup)):
        try:
            svg.unbake(image)
        except BakingError:
            continue
