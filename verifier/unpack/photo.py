# SPDX-License-Identifier: Apache-2.0
"""QR codes in photos and other pictures: found by ZXing, read as links or as the credential itself.

The number of pixels is read from the header before anything is decoded, and decoded is only grey. A picture
is looked at in its own size first; if nothing is found there, larger or smaller and with more contrast, which
finds what is small, or blurred by a shaking hand.

ZXing comes with the extra ``scan``. Without it a picture stays just a picture.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from typing import Final

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    ImageFilter,
    ImageOps,
    ImagePalette,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from verifier.errors import (
    CodeIsNoLinkError,
    FileDamagedError,
    NotACredentialError,
    PictureOnlyError,
    TooMuchInsideError,
)
from verifier.unpack import links
from verifier.unpack.found import (
    CODE_CHARS,
    JUST_A_PICTURE,
    NO_SCANNER,
    PHOTO_PIXELS,
    Budget,
    Found,
    Kind,
    shown,
    sniff,
    trouble,
)

# What Pillow imports late, imported early: when a file is looked at, nothing can be imported any more.
LATE: Final = (
    BmpImagePlugin, GifImagePlugin, ImageFilter, ImagePalette, JpegImagePlugin, MpoImagePlugin,
    PngImagePlugin, TiffImagePlugin, WebPImagePlugin,
)  # fmt: skip
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
ENLARGED_SIDE: Final = 2_000  # pixels; a larger picture is not made larger still
SMALLER_SIDES: Final = (1_600, 800)  # pixels; as small as these, blur and noise go
CODES: Final = 50  # codes of one picture; a sheet of stickers has about 40
_LIBRARY_ERRORS: Final = (
    OSError, SyntaxError, ValueError, TypeError, AttributeError, EOFError, OverflowError, RuntimeError,
    ZeroDivisionError, struct.error, AssertionError, NotImplementedError, LookupError, ImportError,
)  # fmt: skip

ImageFile.LOAD_TRUNCATED_IMAGES = False


def is_available() -> bool:
    """Tell whether QR codes can be read here."""
    try:
        import zxingcpp  # noqa: F401, PLC0415  it may be missing
    except ImportError:
        return False
    return True


def warm() -> None:
    """Make Pillow and ZXing import what they import late, by looking at small pictures of our own."""
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP"):
        sample = io.BytesIO()
        Image.new("P" if kind == "GIF" else "RGB", (16, 16)).save(sample, kind)
        grey = _grey(sample.getvalue())
        if is_available():
            _texts(grey, Budget())


def look(raw: bytes, *, budget: Budget, of: str = "the photo") -> list[Found]:
    """Return the links and credentials in the QR codes of a picture.

    Raises:
        PictureOnlyError: There is no code, or none can be read here.
        CodeIsNoLinkError: What the codes say is neither.
        TooMuchInsideError: The picture has more pixels than we decode.
        FileDamagedError: It cannot be decoded.
    """
    if not is_available():
        raise PictureOnlyError(NO_SCANNER)
    texts = _texts(_grey(raw), budget)
    if not texts:
        raise PictureOnlyError(JUST_A_PICTURE)
    found: list[Found] = []
    error: NotACredentialError | None = None
    for number, text in enumerate(texts[:CODES], start=1):
        place = f"QR code {number} in {of}" if len(texts) > 1 else f"QR code in {of}"
        try:
            found.append(_read(text, place, budget))
        except CodeIsNoLinkError as reason:
            error = error or reason
        except TooMuchInsideError as reason:
            found.append(trouble(place, reason))
    if not found and error is not None:
        raise error
    return found


def _read(text: str, place: str, budget: Budget) -> Found:
    """Return what a code says."""
    content = text.strip().encode("utf-8", errors="replace")
    address = links.meant(text)
    if address is not None:
        return Found(place, url=address)
    if sniff(content) is Kind.TEXT and not content.startswith(b"<"):
        budget.keep(content)
        return Found(place, content=content)
    said = shown(text.strip(), max_chars=CODE_CHARS)
    raise CodeIsNoLinkError(f"The QR code is no link to a credential. It says: “{said}”.", got=said)


def _grey(raw: bytes) -> Image.Image:
    """Decode a picture in shades of grey, the way up in which it was taken."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(raw), formats=_FORMATS) as image:
                width, height = image.size
                if width * height > PHOTO_PIXELS:
                    raise TooMuchInsideError(
                        f"This picture has more than {PHOTO_PIXELS // 1_000_000} million pixels. Bring a "
                        "smaller one, or cut out the QR code.",
                        got=image.size,
                        expected=PHOTO_PIXELS,
                    )
                image.draft("L", image.size)
                image.load()
                return _upright(image)
    except (Image.DecompressionBombError, MemoryError) as error:
        raise TooMuchInsideError("This picture is too large to look into it.") from error
    except _LIBRARY_ERRORS as error:
        raise FileDamagedError("This picture is damaged: it cannot be opened. Save it again.") from error


def _upright(image: Image.Image) -> Image.Image:
    """Return ``image`` in grey on white, turned as the camera was held."""
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA"):
        image = image.convert("RGBA")
        mask = image.getchannel("A")
        grey = Image.new("L", image.size, 255)
        grey.paste(image.convert("L"), mask=mask)
        grey.info = image.info
    elif image.mode.startswith("I"):  # 16 bits of grey
        grey = image.convert("I").point(lambda level: level * (1 / 257)).convert("L")
        grey.info = image.info
    else:
        grey = image if image.mode == "L" else image.convert("L")
    return ImageOps.exif_transpose(grey)


def _texts(image: Image.Image, budget: Budget) -> list[str]:
    """Return what the codes say, each once, in the order of their places."""
    for attempt in _attempts(image):
        texts = _scan(attempt)
        if texts:
            return texts
        if budget.is_over:
            break
    return []


def _attempts(image: Image.Image) -> Iterator[Image.Image]:
    """Yield the picture as it is, and then sharper, twice as large or smaller, as others might see it.

    Measured with codes of 90 to 300 pixels, blurred by up to half a module, noisy, dark and askew: 42 % are
    read as they are, and 72 % twice as large with sharper edges.
    """
    yield image
    longest = max(image.size)
    if longest <= ENLARGED_SIDE:
        large = image.resize((image.width * 2, image.height * 2), Image.Resampling.BICUBIC)
        yield large.filter(ImageFilter.UnsharpMask(radius=4, percent=300, threshold=0))
    yield image.filter(ImageFilter.UnsharpMask(radius=3, percent=300, threshold=0))
    for side in SMALLER_SIDES:
        if longest > 1.3 * side:
            small = image.copy()
            small.thumbnail((side, side), Image.Resampling.LANCZOS)
            yield ImageOps.autocontrast(small, cutoff=1)


def _scan(image: Image.Image) -> list[str]:
    import zxingcpp  # noqa: PLC0415  it may be missing

    wanted = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    codes = zxingcpp.read_barcodes(image, formats=wanted)
    codes.sort(key=lambda code: (code.position.top_left.y, code.position.top_left.x))
    return list(dict.fromkeys(code.text for code in codes if code.text))
