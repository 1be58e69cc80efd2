# SPDX-License-Identifier: Apache-2.0
"""Draw a picture anew, so that nothing but its pixels is left.

The number of pixels is read from the header before anything is decoded. The orientation of the camera is
applied, colours become sRGB, and the new file has no EXIF, XMP, IPTC, comment, profile or preview. A JPEG
keeps its own quantisation, so it stays about as large and as good as it was. Pictures that move are refused.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
from typing import Any, Final

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageColor,
    ImageFile,
    ImageFilter,
    ImageOps,
    ImagePalette,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from earning.errors import UploadAmbiguousError, UploadDamagedError, UploadKindError, UploadTooMuchError
from earning.scrub.archive import holds_a_zip
from earning.scrub.scrubbed import (
    AUTHOR,
    CAMERA,
    DESCRIPTION,
    HIDDEN,
    IMAGE_PIXELS,
    IMAGE_SIDE,
    LOCATION,
    PREVIEW,
    Report,
)
from service.file_types import GIF, JPEG, PNG, WEBP, Kind

JPEG_QUALITY: Final = 90  # where the file's own quantisation cannot be kept
WEBP_QUALITY: Final = 85
QUICK_PIXELS: Final = 4_000_000  # pixels of a PNG; larger ones are compressed with less effort
OPTIMIZED_PIXELS: Final = 16_000_000  # pixels; above, the second pass would take too long and too much memory

# What Pillow imports late, imported early: when a file is looked at, nothing can be imported any more. Files
# are read by the plugins of ``_FORMATS`` only; MPO are JPEG files with several pictures.
LATE: Final = (
    BmpImagePlugin,
    GifImagePlugin,
    ImageColor,
    ImageFilter,
    ImagePalette,
    MpoImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
_FORMATS: Final = {JPEG: ("JPEG", "MPO"), PNG: ("PNG",), WEBP: ("WEBP",), GIF: ("GIF",)}

_GPS, _EXIF, _ORIENTATION, _THUMBNAIL_DIRECTORY = 0x8825, 0x8769, 0x0112, 1
_AUTHOR_TAGS: Final = frozenset(
    (0x013B, 0x8298, 0x9C9D, 0xA430)
)  # artist, copyright, XP author, camera owner
_DESCRIPTION_TAGS: Final = frozenset((0x010E, 0x9286, 0x9C9B, 0x9C9C, 0x9C9E, 0x9C9F))
_NOT_A_PERSON: Final = frozenset((_ORIENTATION, _GPS))
_XMP_LOCATION: Final = re.compile(
    rb"exif:GPS|Iptc4xmpCore:Location|photoshop:City|LocationCreated", re.IGNORECASE
)
_XMP_AUTHOR: Final = re.compile(
    rb"dc:creator|photoshop:AuthorsPosition|xmpRights|aux:OwnerName", re.IGNORECASE
)
_FOREIGN_INSIDE: Final = re.compile(
    rb"<script[\s>]|<html[\s>]|<!doctype\s+html|%PDF-1\.\d[\r\n]", re.IGNORECASE
)
_TRAILERS: Final = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x7fELF", b"MZ\x90\0", b"PK\x03\x04", b"%PDF-")

Image.MAX_IMAGE_PIXELS = IMAGE_PIXELS
ImageFile.LOAD_TRUNCATED_IMAGES = False


def clean(data: bytes, kind: Kind, report: Report) -> bytes:
    """Return the picture drawn anew.

    Raises:
        UploadAmbiguousError: It is something else at the same time.
        UploadTooMuchError: It has more pixels than we decode.
        UploadKindError: It moves.
        UploadDamagedError: It cannot be decoded as a picture of its kind.
    """
    _refuse_two_in_one(data, kind, report)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_FORMATS[kind]) as image:
                _check(image)
                _note(image, data, report)
                image.load()
                return _draw(image, kind)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_many_pixels() from error
    except MemoryError as error:
        raise UploadTooMuchError("This picture is too large to be cleaned. Make it smaller.") from error
    except _LIBRARY_ERRORS as error:
        raise UploadDamagedError(
            f"This file is damaged: it cannot be opened as {kind.words}. Save it again and upload that."
        ) from error


# What Pillow raises at damaged files; there is no common base.
_LIBRARY_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    OverflowError,
    RuntimeError,
    ZeroDivisionError,
    struct.error,
    AssertionError,
    NotImplementedError,
    LookupError,
    ImportError,
)


def _check(image: Image.Image) -> None:
    width, height = image.size
    if width * height > IMAGE_PIXELS or max(width, height) > IMAGE_SIDE:
        raise _too_many_pixels(image.size)
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise UploadKindError("This picture moves. Save it as MP4, or as a still picture.")


def _draw(image: Image.Image, kind: Kind) -> bytes:
    """Return the pixels of ``image`` as a new file of ``kind``."""
    options: dict[str, Any] = {}
    tables = getattr(image, "quantization", None)
    sampling = JpegImagePlugin.get_sampling(image) if kind is JPEG else -1
    profile = image.info.get("icc_profile")
    drawn = ImageOps.exif_transpose(image)
    if kind is JPEG:
        if drawn.mode not in ("RGB", "L"):
            drawn, tables = drawn.convert("RGB"), None
        own = tables is not None and sampling >= 0
        options = {"qtables": tables, "subsampling": sampling} if own else {"quality": JPEG_QUALITY}
        options["optimize"] = drawn.size[0] * drawn.size[1] < OPTIMIZED_PIXELS
    elif kind is WEBP:
        drawn = drawn if drawn.mode in ("RGB", "RGBA") else drawn.convert("RGBA")
        options = {"quality": WEBP_QUALITY, "method": 2, "exact": True}
    elif kind is PNG:
        options = {"compress_level": 6 if drawn.size[0] * drawn.size[1] < QUICK_PIXELS else 3}
    if profile and drawn.mode in ("RGB", "RGBA"):
        drawn = _to_srgb(drawn, profile)
    transparency = image.info.get("transparency")
    drawn.info = {} if transparency is None or kind in (JPEG, WEBP) else {"transparency": transparency}
    target = io.BytesIO()
    drawn.save(target, format=_FORMATS[kind][0], **options)
    return target.getvalue()


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return the picture in the colours that everything shows; an unreadable profile is left out."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), inPlace=True)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        pass
    return image


def _note(image: Image.Image, data: bytes, report: Report) -> None:
    """Note what the picture told about people."""
    exif = image.getexif()
    tags = set(exif) | set(exif.get_ifd(_EXIF))
    if exif.get_ifd(_GPS):
        report.add(LOCATION)
    if tags & _AUTHOR_TAGS:
        report.add(AUTHOR)
    if tags & _DESCRIPTION_TAGS:
        report.add(DESCRIPTION)
    if tags - _AUTHOR_TAGS - _DESCRIPTION_TAGS - _NOT_A_PERSON:
        report.add(CAMERA)
    if exif.get_ifd(_THUMBNAIL_DIRECTORY):
        report.add(PREVIEW)
    xmp = image.info.get("xmp") or b""
    xmp = xmp.encode() if isinstance(xmp, str) else xmp
    if _XMP_LOCATION.search(xmp):
        report.add(LOCATION)
    if _XMP_AUTHOR.search(xmp) or b"8BIM\x04\x04" in data[:262_144]:
        report.add(AUTHOR)
    if "comment" in image.info or getattr(image, "text", None):
        report.add(DESCRIPTION)


def _refuse_two_in_one(data: bytes, kind: Kind, report: Report) -> None:
    """Refuse a picture in or behind which is something that another program would open."""
    if _FOREIGN_INSIDE.search(data) or holds_a_zip(data):
        raise _two_in_one(kind)
    end = {PNG: data.rfind(b"IEND"), JPEG: data.rfind(b"\xff\xd9"), GIF: data.rfind(b";")}.get(kind, -1)
    trailer = data[end + (8 if kind is PNG else 2 if kind is JPEG else 1) :] if end >= 0 else b""
    if kind is WEBP:
        trailer = data[8 + int.from_bytes(data[4:8], "little") :]
    if trailer.startswith(_TRAILERS):
        raise _two_in_one(kind)
    if trailer.strip(b"\0"):
        report.add(HIDDEN)


def _two_in_one(kind: Kind) -> UploadAmbiguousError:
    return UploadAmbiguousError(
        f"This is {kind.words} and something else in one file. Save the picture again."
    )


def _too_many_pixels(size: tuple[int, int] | None = None) -> UploadTooMuchError:
    return UploadTooMuchError(
        f"This picture has more than {IMAGE_PIXELS // 1_000_000} million pixels. Make it smaller.",
        got=size,
        expected=IMAGE_PIXELS,
    )
