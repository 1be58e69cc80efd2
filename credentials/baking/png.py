# SPDX-License-Identifier: Apache-2.0
"""Put a credential into a PNG picture and take it out again, chunk by chunk; pixels are never decoded.

Open Badges 3.0, "PNG" (https://www.imsglobal.org/spec/ob/v3p0/#png): one uncompressed ``iTXt`` chunk with the
keyword ``openbadgecredential``, whose text is the compact JWS or the JSON. PNG specification, third edition
(https://www.w3.org/TR/png-3/), sections 5 (chunks) and 11.3.3 (textual information).

Libraries for pictures keep the last of several text chunks, inflate text without bounds and skip what they
do not know. So the chunks are walked here: signature, lengths, checksums, order, nothing after the end. A
picture carries exactly one credential in exactly that form, or it is refused. The Open Badges 2 keyword
``openbadges`` is recognised and never used. All other chunks are kept byte for byte.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from credentials.errors import (
    BakedFormError,
    BakedTwiceError,
    NoCredentialError,
    NotAPictureError,
    OpenBadges2Error,
    PictureDamagedError,
    PictureTooLargeError,
)

PNG_BYTES = 10_485_760  # bytes; a large badge image has 1 MB
PNG_CHUNKS = 4_096  # chunks; each costs a step of the walk, pictures that large are cut into some hundred
KEYWORD: Final = b"openbadgecredential"
OPEN_BADGES_2_KEYWORD: Final = b"openbadges"

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_TEXT_TYPES: Final = (b"tEXt", b"zTXt", b"iTXt")
_TYPE = re.compile(rb"[A-Za-z]{4}")
_HEADER_BYTES = 13
_FRAME_BYTES = 12  # length, type and checksum around the data


class _Chunk(NamedTuple):
    type: bytes
    data: memoryview
    start: int  # of the whole chunk: length, type, data, checksum
    end: int


def is_png(image: bytes) -> bool:
    """Tell whether the bytes begin like a PNG picture."""
    return image.startswith(_SIGNATURE)


@dataclass(frozen=True, slots=True)
class Blank:
    """A sound picture without a credential, ready for any number of them: checked once, copied for each.

    Attributes:
        head: The bytes up to the place of the credential, right behind the header.
        rest: The bytes behind it, as views into the picture; parts that carried a credential are left out.
        size: Bytes of all of it.
    """

    head: memoryview
    rest: tuple[memoryview, ...]
    size: int

    def bake(self, credential: str) -> bytes:
        """Return the picture with ``credential`` in it.

        Raises:
            BakingError: The credential is empty or cannot be written, or the picture would be too large.
        """
        chunk = _write(b"iTXt", KEYWORD + b"\0\0\0\0\0" + _encoded(credential))
        if self.size + len(chunk) > PNG_BYTES:
            raise PictureTooLargeError(f"The picture with its credential is larger than {PNG_BYTES:,} bytes.")
        return b"".join((self.head, chunk, *self.rest))


def prepare(image: bytes) -> Blank:
    """Read ``image`` once, with all checks, so that credentials can be baked into it.

    Raises:
        BakingError: The picture is no sound PNG.
    """
    view = memoryview(image)
    rest: list[memoryview] = []
    begin = behind_header = 0
    for part in _chunks(image):
        if part.type == b"IHDR":
            begin = behind_header = part.end  # before the pixels, where readers that stream will meet it
        elif _is_credential(part):
            rest.append(view[begin : part.start])
            begin = part.end
    rest.append(view[begin:])
    head = view[:behind_header]
    return Blank(head, tuple(each for each in rest if each), len(head) + sum(map(len, rest)))


def bake(image: bytes, credential: str) -> bytes:
    """Return ``image`` with ``credential`` in it, in place of any that it carried; the pixels are untouched.

    Raises:
        BakingError: The picture is no sound PNG, or the credential is empty or cannot be written.
    """
    return prepare(image).bake(credential)


def unbake(image: bytes) -> str:
    """Return the credential that ``image`` carries, exactly as it was baked.

    Raises:
        NotAPictureError: These are not the bytes of a PNG picture.
        PictureTooLargeError: More bytes or chunks than the limits.
        PictureDamagedError: Lengths, checksums or the order of the parts are wrong.
        NoCredentialError: It is just a picture; ``OpenBadges2Error`` if it carries the older kind.
        BakedTwiceError: More than one credential, in whatever form.
        BakedFormError: One credential, but compressed, or not in an ``iTXt`` chunk.
    """
    found: list[_Chunk] = []
    older = False
    for part in _chunks(image):
        if _is_credential(part):
            found.append(part)
        older = older or (part.type in _TEXT_TYPES and _keyword(part) == OPEN_BADGES_2_KEYWORD)
    if not found:
        if older:
            raise OpenBadges2Error(
                "This picture carries an Open Badges 2 badge, which this check cannot judge."
            )
        raise NoCredentialError("This is a picture without a credential inside.")
    if len(found) > 1:
        raise BakedTwiceError("This picture carries more than one credential.", got=len(found), expected=1)
    return _text(found[0])


def _chunks(image: bytes) -> Iterator[_Chunk]:
    """Walk the chunks of a sound picture; what is not sound raises where the walk meets it.

    PNG, section 5.6: IHDR first and once, the IDAT chunks together, IEND last and empty; after it we allow
    nothing, so that the file is a picture and nothing else.
    """
    seen: set[bytes] = set()
    last = b""
    for chunk in _framed(image):
        if (chunk.type == b"IHDR") == bool(last) or (not last and len(chunk.data) != _HEADER_BYTES):
            raise PictureDamagedError("The picture does not begin with its one header.")
        if chunk.type == b"IDAT" and last != b"IDAT" and b"IDAT" in seen:
            raise PictureDamagedError("The pixels of the picture do not stand together.")
        if chunk.type == b"IEND" and (len(chunk.data) or b"IDAT" not in seen):
            raise PictureDamagedError("The picture ends wrongly.")
        if chunk.type == b"IEND" and chunk.end != len(image):
            raise PictureDamagedError("Something follows the end of the picture.")
        last = chunk.type
        seen.add(last)
        yield chunk
    if last != b"IEND":
        raise PictureDamagedError("The picture ends before its end mark.")


def _framed(image: bytes) -> Iterator[_Chunk]:
    """Cut the bytes into chunks (PNG, section 5.3): length, type, data, checksum of type and data."""
    if len(image) > PNG_BYTES:
        raise PictureTooLargeError(f"The picture is larger than {PNG_BYTES:,} bytes.", got=len(image))
    if not is_png(image):
        raise NotAPictureError("These are not the bytes of a PNG picture.")
    view = memoryview(image)
    position, count = len(_SIGNATURE), 0
    while position < len(image):
        if len(image) - position < _FRAME_BYTES:
            raise PictureDamagedError("The picture ends before its end mark.")
        length, kind = struct.unpack_from(">I4s", image, position)
        end = position + _FRAME_BYTES + length
        if end > len(image):
            raise PictureDamagedError("A part of the picture says that it is longer than the picture.")
        if _TYPE.fullmatch(kind) is None:
            raise PictureDamagedError("A part of the picture has no proper name.")
        (checksum,) = struct.unpack_from(">I", image, end - 4)
        if zlib.crc32(view[position + 4 : end - 4]) != checksum:
            raise PictureDamagedError("A part of the picture was changed: its checksum does not fit.")
        count += 1
        if count > PNG_CHUNKS:
            raise PictureTooLargeError(f"The picture has more than {PNG_CHUNKS:,} parts.")
        yield _Chunk(kind, view[position + 8 : end - 4], position, end)
        position = end


def _is_credential(chunk: _Chunk) -> bool:
    """Tell whether a reader, even a lenient one, might take the chunk for a credential."""
    return chunk.type in _TEXT_TYPES and _keyword(chunk).strip().lower() == KEYWORD


def _keyword(chunk: _Chunk) -> bytes:
    """Return the keyword of a text chunk, or as much as is there (PNG, section 11.3.3.1: 1 to 79 bytes)."""
    return bytes(chunk.data[:80]).partition(b"\0")[0]


def _text(chunk: _Chunk) -> str:
    """Return the text of an uncompressed ``iTXt`` chunk (PNG, section 11.3.3.4)."""
    keyword, _, rest = bytes(chunk.data).partition(b"\0")
    if chunk.type != b"iTXt" or keyword != KEYWORD:
        raise BakedFormError("The credential does not stand in the picture in the form that it must have.")
    if len(rest) < 4 or rest[0] != 0 or rest[1] != 0:
        raise BakedFormError(
            "The credential in the picture is compressed or cut off, which the standard forbids."
        )
    language, separator, rest = rest[2:].partition(b"\0")
    translated, second_separator, text = rest.partition(b"\0")
    if not separator or not second_separator or b"\0" in text or not text:
        raise BakedFormError("The credential in the picture is cut off or empty.")
    try:
        language.decode("ascii")
        translated.decode("utf-8")
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BakedFormError("The credential in the picture is not UTF-8 text.") from error


def _encoded(credential: str) -> bytes:
    try:
        text = credential.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BakedFormError("The credential holds half of a surrogate pair.") from error
    if not text or b"\0" in text:
        raise BakedFormError("The credential is empty or holds a zero byte.")
    return text


def _write(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
