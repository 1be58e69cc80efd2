# SPDX-License-Identifier: Apache-2.0
"""Put a credential into an SVG picture and take it out again; the rest of the picture keeps its bytes.

Open Badges 3.0, "SVG" (https://www.imsglobal.org/spec/ob/v3p0/#svg): an element ``credential`` of the
namespace ``https://purl.imsglobal.org/ob/v3p0`` right below the root, with the compact JWS in its attribute
``verify`` or the JSON as its text. Never both, and exactly one in a picture.

A picture is foreign input. What precedes the root is read by bytes, so that a document type is refused before
any XML parser sees it; UTF-8 only; the depth is counted while parsing. Baking cuts and inserts bytes at the
places that the parser reports, and does not write the picture anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from credentials.errors import (
    BakedFormError,
    BakedTwiceError,
    ForbiddenMarkupError,
    NoCredentialError,
    NotAPictureError,
    OpenBadges2Error,
    PictureDamagedError,
    PictureTooLargeError,
)

SVG_BYTES = 2_097_152  # bytes; badge artwork has 10 to 200 KB
SVG_DEPTH = 64  # levels; parsers follow 200,000, drawings have about 10
NAMESPACE: Final = "https://purl.imsglobal.org/ob/v3p0"
OPEN_BADGES_2_NAMESPACE: Final = "http://openbadges.org"

_SVG_ROOT: Final = "{http://www.w3.org/2000/svg}svg"
_CREDENTIAL: Final = f"{{{NAMESPACE}}}credential"
_NAMESPACE_DECLARATION: Final = f' xmlns:openbadges="{NAMESPACE}"'.encode()

# White space, processing instructions and comments: all that may precede the root, but a document type.
_PROLOG = re.compile(rb"(?:[ \t\r\n]|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_MARKUP_DECLARATION = re.compile(rb"<!(?!--)")
_ENCODING = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"'>]*)[\"']")
_START_TAG = re.compile(rb"<(?P<name>[^\s/>]+)(?:[^>\"']|\"[^\"]*\"|'[^']*')*+>")
_END_TAG = re.compile(rb"</[^>]*>")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_COMPACT_JWS = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){2}")
# What XML 1.0 cannot write at all (section 2.2, "Characters"), not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class _Element:
    """A credential element: where it stands, and what it holds."""

    start: int
    end: int
    level: int
    verify: str | None
    text: list[str] = field(default_factory=list)
    irregular: bool = False  # it holds elements, comments or instructions


def is_svg(image: bytes) -> bool:
    """Tell whether the bytes begin like an XML document, so that they may be an SVG picture."""
    return image.removeprefix(_BYTE_ORDER_MARK).lstrip(b" \t\r\n").startswith(b"<")


def bake(image: bytes, credential: str) -> bytes:
    """Return ``image`` with ``credential`` as first child of its root, in place of any that it carried.

    Raises:
        BakingError: The picture is no SVG that we read, or XML cannot hold the text of the credential.
    """
    picture = _read(image)
    root = _START_TAG.match(image, picture.root_start)
    if root is None:
        raise PictureDamagedError("The root of the picture cannot be found.")
    name, tag = root["name"], root[0]
    declared = picture.root_prefixes.get("openbadges")
    element = _write(credential, declare=declared not in (None, NAMESPACE))
    if declared is None:
        tag = tag[: 1 + len(name)] + _NAMESPACE_DECLARATION + tag[1 + len(name) :]
    if tag.endswith(b"/>"):
        opened = tag[:-2].rstrip() + b">" + element + b"</" + name + b">"
    else:
        opened = tag + element
    rest, position = [], root.end()
    for old in picture.credentials:
        if old.start < position:
            continue  # inside one that is already cut out
        rest.append(image[position : old.start])
        position = old.end
    baked = b"".join([image[: root.start()], opened, *rest, image[position:]])
    if len(baked) > SVG_BYTES:
        raise PictureTooLargeError(f"The picture with its credential is larger than {SVG_BYTES:,} bytes.")
    return baked


def unbake(image: bytes) -> str:
    """Return the credential that ``image`` carries, exactly as it was baked.

    Raises:
        NotAPictureError: These are not the bytes of an SVG picture.
        PictureTooLargeError: More bytes or levels than the limits.
        PictureDamagedError: Not UTF-8, or not well-formed XML.
        ForbiddenMarkupError: There is a document type or an entity.
        NoCredentialError: It is just a picture; ``OpenBadges2Error`` if it carries the older kind.
        BakedTwiceError: More than one credential, at whatever place.
        BakedFormError: One credential, but not at the place or in the form that it must have.
    """
    picture = _read(image)
    if not picture.credentials:
        if picture.open_badges_2:
            raise OpenBadges2Error(
                "This picture carries an Open Badges 2 badge, which this check cannot judge."
            )
        raise NoCredentialError("This is a picture without a credential inside.")
    if len(picture.credentials) > 1:
        raise BakedTwiceError(
            "This picture carries more than one credential.", got=len(picture.credentials), expected=1
        )
    element = picture.credentials[0]
    text = "".join(element.text)
    if element.level != 2 or element.irregular:
        raise BakedFormError("The credential does not stand in the picture in the form that it must have.")
    if element.verify is None:
        if not text.lstrip().startswith("{"):
            raise BakedFormError("The element for the credential in the picture holds no JSON.")
        return text
    if text.strip():
        raise BakedFormError("The picture carries a credential in two forms at once.")
    if _COMPACT_JWS.fullmatch(element.verify) is None:
        raise BakedFormError('The attribute "verify" in the picture is not a compact JWS.')
    return element.verify


class _Picture:
    """What the parser reports, kept as far as it matters here. The method names are the parser's."""

    def __init__(self) -> None:
        self.expat: Any = None  # set by _read; it knows the byte at which the present event begins
        self.image = b""
        self.level = 0
        self.root_start = 0
        self.root_prefixes: dict[str, str] = {}
        self.credentials: list[_Element] = []
        self.open_badges_2 = False
        self._inside: _Element | None = None

    def start_ns(self, prefix: str, uri: str) -> None:
        if self.level == 0:
            self.root_prefixes[prefix] = uri

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.level += 1
        if self.level > SVG_DEPTH:
            raise PictureTooLargeError(f"The picture is nested deeper than {SVG_DEPTH} levels.")
        if self.level == 1:
            if tag != _SVG_ROOT:
                raise NotAPictureError("This is XML, but not an SVG picture.", got=tag[:80])
            self.root_start = self.expat.CurrentByteIndex
        self.open_badges_2 = self.open_badges_2 or tag.startswith(f"{{{OPEN_BADGES_2_NAMESPACE}}}")
        if self._inside is not None:
            self._inside.irregular = True
        if tag == _CREDENTIAL:
            here = _Element(self.expat.CurrentByteIndex, 0, self.level, attributes.get("verify"))
            self.credentials.append(here)
            self._inside = self._inside or here

    def end(self, tag: str) -> None:
        here = self._inside
        if here is not None and here.level == self.level:
            opening = _START_TAG.match(self.image, here.start)
            if opening is not None and opening[0].endswith(b"/>"):
                here.end = opening.end()
            else:
                closing = _END_TAG.match(self.image, self.expat.CurrentByteIndex)
                here.end = here.start if closing is None else closing.end()
            self._inside = None
        self.level -= 1

    def data(self, text: str) -> None:
        if self._inside is not None:
            self._inside.text.append(text)

    def comment(self, text: str) -> None:
        if self._inside is not None:
            self._inside.irregular = True

    def pi(self, target: str, text: str) -> None:
        self.comment(text)

    def close(self) -> None:
        """Do nothing: what was seen is already here."""


def _read(image: bytes) -> _Picture:
    if len(image) > SVG_BYTES:
        raise PictureTooLargeError(f"The picture is larger than {SVG_BYTES:,} bytes.", got=len(image))
    _refuse_by_bytes(image)
    picture = _Picture()
    parser = DefusedXMLParser(target=picture, encoding="utf-8", forbid_dtd=True)
    picture.expat, picture.image = parser.parser, image
    try:
        parser.feed(image)
        parser.close()
    except DefusedXmlException as error:
        raise ForbiddenMarkupError("The picture holds a document type or an entity.") from error
    except ParseError as error:
        raise PictureDamagedError(f"The picture is not well-formed XML: {error}.") from error
    return picture


def _refuse_by_bytes(image: bytes) -> None:
    """Refuse what no XML parser should see: other encodings, and any document type."""
    try:
        image.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PictureDamagedError(f"The picture is not UTF-8 text (byte {error.start}).") from error
    if not is_svg(image):
        raise NotAPictureError("These are not the bytes of an SVG picture.")
    start = len(_BYTE_ORDER_MARK) if image.startswith(_BYTE_ORDER_MARK) else 0
    encoding = _ENCODING.match(image, start)
    if encoding is not None and encoding[1].lower() not in (b"utf-8", b"us-ascii"):
        raise PictureDamagedError("The picture says that it is not UTF-8 text.")
    prolog = _PROLOG.match(image, start)
    if prolog is not None and _MARKUP_DECLARATION.match(image, prolog.end()):
        raise ForbiddenMarkupError("The picture holds a document type, which we never read.")


def _write(credential: str, *, declare: bool) -> bytes:
    """Return the element that carries ``credential``; XML reads its text back exactly."""
    declaration = _NAMESPACE_DECLARATION.decode() if declare else ""
    if _COMPACT_JWS.fullmatch(credential):
        return f'<openbadges:credential{declaration} verify="{credential}"/>'.encode()
    if not credential.lstrip().startswith("{"):
        raise BakedFormError("This is neither a compact JWS nor JSON.")
    if _NOT_XML.search(credential):
        raise BakedFormError("The credential holds a character that XML cannot write.")
    # A parser turns a bare CR into LF, so it is written as a reference, outside the CDATA section.
    text = credential.replace("]]>", "]]]]><![CDATA[>").replace("\r", "]]>&#13;<![CDATA[")
    return f"<openbadges:credential{declaration}><![CDATA[{text}]]></openbadges:credential>".encode()
