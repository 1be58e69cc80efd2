# SPDX-License-Identifier: Apache-2.0
"""Pictures in a PDF lose the camera's data however they are packed."""

from __future__ import annotations

import io
import zlib

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NameObject, NumberObject, PdfObject, StreamObject

from earning.errors import UploadUncleanableError
from earning.scrub.cleaning import clean
from earning.scrub.scrubbed import CAMERA
from tests.earning import uploads


def pdf_with_picture(data: bytes, *filters: str) -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(99, 99)
    picture = StreamObject()
    picture._data = data
    values: dict[str, PdfObject] = {"/Type": NameObject("/XObject"), "/Subtype": NameObject("/Image")}
    values |= {"/ColorSpace": NameObject("/DeviceRGB"), "/Filter": ArrayObject(map(NameObject, filters))}
    values |= {"/Width": NumberObject(64), "/Height": NumberObject(48), "/BitsPerComponent": NumberObject(8)}
    picture.update({NameObject(key): value for key, value in values.items()})
    page[NameObject("/Thing")] = writer._add_object(picture)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def test_a_jpeg_that_is_packed_once_more_is_cleaned() -> None:
    packed = zlib.compress(uploads.jpeg())
    found = clean(pdf_with_picture(packed, "/FlateDecode", "/DCTDecode"), claimed_name="a.pdf")
    assert CAMERA in found.removed
    picture = PdfReader(io.BytesIO(found.data)).pages[0]["/Thing"].get_object()
    assert isinstance(picture, StreamObject)
    assert str(picture["/Filter"]) == "/DCTDecode"
    assert picture._data.startswith(b"\xff\xd8")
    assert not any(word.encode() in picture._data for word in uploads.WORDS)


def test_a_jpeg_that_is_packed_in_an_unusual_way_is_refused() -> None:
    with pytest.raises(UploadUncleanableError, match="Print it to a new PDF"):
        clean(pdf_with_picture(b"00>", "/ASCIIHexDecode", "/DCTDecode"), claimed_name="a.pdf")
