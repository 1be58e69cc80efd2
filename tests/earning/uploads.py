# SPDX-License-Identifier: Apache-2.0
"""Files as people upload them, built here: harmless ones with canaries, and the pieces of hostile ones."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from PIL import Image, PngImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Text
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from earning.scrub.ogg import checksum

CANARY = "Xaviera Quillfeather"
FOLDER = "C:\\Users\\Xaviera\\lesson.docx"
Parts = Mapping[str, bytes | str]
WORDS = ("Xaviera", "Quillfeather")


def traces(data: bytes, *, depth: int = 0) -> list[str]:
    """Every place in ``data`` where a canary can be read, also in compressed parts."""
    found = []
    for word in WORDS:
        for form in (
            word.encode(),
            word.encode("utf-16-le"),
            word.encode("utf-16-be"),
            word.encode().hex().encode(),
        ):
            if form.lower() in data.lower():
                found.append(f"{word} at depth {depth}")
    if depth > 3:
        return found
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            for name in file.namelist():
                found += [
                    f"{name}: {each}"
                    for each in traces(name.encode() + b"\n" + file.read(name), depth=depth + 1)
                ]
    if data[:5] == b"%PDF-":
        reader = PdfReader(io.BytesIO(data))
        for number in range(1, len(re.findall(rb"\d+ 0 obj", data)) + 1):
            each = reader.get_object(number)
            if isinstance(each, StreamObject):
                found += [f"object {number}: {place}" for place in traces(each.get_data(), depth=depth + 1)]
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        found += _png_traces(data)
    return found


def _png_traces(data: bytes) -> list[str]:
    found = []
    position = 8
    while position < len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        body = data[position + 8 : position + 8 + length]
        if kind in (b"zTXt", b"iTXt", b"iCCP"):
            found.append(f"chunk {kind.decode()}")
        elif kind == b"IDAT":
            pass
        elif any(word.encode() in body for word in WORDS):
            found.append(f"chunk {kind.decode()}")
        position += 12 + length
    return found


# -- pictures ---------------------------------------------------------------------------------------------


def photo(size: tuple[int, int] = (64, 48), *, orientation: int = 1) -> Image.Image:
    """A picture that is not the same upside down."""
    image = Image.new("RGB", size, "white")
    image.paste((200, 30, 30), (0, 0, size[0] // 2, size[1] // 2))
    return image


def exif(orientation: int = 1) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x013B] = CANARY  # artist
    tags[0x010F] = "Camera of Xaviera"
    tags[0x010E] = f"Photo by {CANARY}"
    details = tags.get_ifd(0x8769)
    details[0xA431] = "serial Quillfeather"
    details[0xA430] = CANARY
    place = tags.get_ifd(0x8825)
    place.update({1: "N", 2: (47.0, 36.0, 22.0), 3: "W", 4: (122.0, 19.0, 55.0), 29: "Quillfeather"})
    return tags


XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>{CANARY}</dc:creator></x:xmpmeta>'.encode()


def jpeg(orientation: int = 1, size: tuple[int, int] = (64, 48)) -> bytes:
    target = io.BytesIO()
    photo(size).save(target, "JPEG", exif=exif(orientation), comment=CANARY.encode(), xmp=XMP, quality=80)
    return target.getvalue()


def png() -> bytes:
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", CANARY)
    words.add_text("Comment", f"by {CANARY}", zip=True)
    words.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
    target = io.BytesIO()
    photo().save(target, "PNG", pnginfo=words, exif=exif())
    return target.getvalue()


def webp() -> bytes:
    target = io.BytesIO()
    photo().save(target, "WEBP", exif=exif().tobytes(), xmp=XMP)
    return target.getvalue()


def gif(frames: int = 1) -> bytes:
    target = io.BytesIO()
    images = [photo((64 - number, 48)).resize((64, 48)).quantize(4) for number in range(frames)]
    images[0].save(target, "GIF", comment=CANARY.encode(), save_all=frames > 1, append_images=images[1:])
    return target.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is large, and has next to nothing in it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


# -- packed documents -------------------------------------------------------------------------------------


def packed(parts: Parts | Iterable[tuple[str, bytes | str]]) -> bytes:
    target = io.BytesIO()
    pairs = parts.items() if isinstance(parts, Mapping) else parts
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in pairs:
            method = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            file.writestr(zipfile.ZipInfo(name), part, compress_type=method)
    return target.getvalue()


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_CONTENT = "application/vnd.openxmlformats-officedocument."


def links(*rows: tuple[str, str, str, str]) -> str:
    """Relationships: id, the last word of the type, target, mode."""
    body = "".join(
        f'<Relationship Id="{name}" Type="{_TYPES}{kind}" Target="{target}"'
        + (f' TargetMode="{mode}"' if mode else "")
        + "/>"
        for name, kind, target, mode in rows
    )
    return f'{_XML}<Relationships xmlns="{_RELATIONSHIPS}">{body}</Relationships>'


def types(main: str, content: str, *others: tuple[str, str]) -> str:
    rows = "".join(
        f'<Override PartName="/{part}" ContentType="{kind}"/>'
        for part, kind in ((main, _CONTENT + content + ".main+xml"), *others)
    )
    return (
        f'{_XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{rows}</Types>'
    )


def core() -> str:
    return (
        f"{_XML}<cp:coreProperties "
        'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:creator>{CANARY}</dc:creator><cp:lastModifiedBy>{CANARY}</cp:lastModifiedBy></cp:coreProperties>"
    )


def docx_parts() -> dict[str, bytes | str]:
    """A Word document in which a person is named wherever Word writes names by itself."""
    return {
        "[Content_Types].xml": types(
            "word/document.xml",
            "wordprocessingml.document",
            ("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
            ("word/people.xml", _CONTENT + "wordprocessingml.people+xml"),
        ),
        "_rels/.rels": links(
            ("rId1", "officeDocument", "word/document.xml", ""),
            ("rId2", "metadata/core-properties", "docProps/core.xml", ""),
            ("rId3", "custom-properties", "docProps/custom.xml", ""),
            ("rId4", "metadata/thumbnail", "docProps/thumbnail.jpeg", ""),
        ),
        "docProps/core.xml": core(),
        "docProps/app.xml": f"<Properties><Manager>{CANARY}</Manager></Properties>",
        "docProps/custom.xml": f"<Properties><p>{CANARY}</p></Properties>",
        "docProps/thumbnail.jpeg": jpeg(),
        "word/document.xml": (
            f"{_XML}<!-- by {CANARY} --><w:document {_W} {_R} "
            'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
            'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="w14" '
            'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"><w:body>'
            '<w:p w:rsidR="00AA11BB" w:rsidRDefault="00CC22DD">'
            "<w:r><w:t>The lesson &amp; its goals.</w:t></w:r>"
            f'<w:ins w:id="1" w:author="{CANARY}" w:date="2026-01-01"><w:r><w:t>new</w:t></w:r></w:ins>'
            f"<w:del w:id=\"2\" w:author='{CANARY}'><w:r><w:delText>old</w:delText></w:r></w:del>"
            f'<w:fldSimple w:instr=" AUTHOR "><w:r><w:t>{CANARY}</w:t></w:r></w:fldSimple>'
            '<w:r><w:drawing><wp:docPr id="3" name="xaviera.jpg" descr="C:\\Users\\Xaviera\\a.png"/>'
            "</w:drawing></w:r>"
            '<w:hyperlink r:id="rId9"><w:r><w:t>web</w:t></w:r></w:hyperlink></w:p></w:body></w:document>'
        ),
        "word/_rels/document.xml.rels": links(
            ("rId1", "settings", "settings.xml", ""),
            ("rId2", "comments", "comments.xml", ""),
            ("rId3", "people", "people.xml", ""),
            ("rId4", "image", "media/image1.jpeg", ""),
            ("rId5", "image", "media/image2.png", ""),
            ("rId8", "hyperlink", "file:///C:/Users/Xaviera/plan.docx", "External"),
            ("rId9", "hyperlink", "https://example.org/", "External"),
        ),
        "word/settings.xml": (
            f'{_XML}<w:settings {_W} {_R}><w:attachedTemplate r:id="rId1"/>'
            '<w:rsids><w:rsidRoot w:val="00AA11BB"/></w:rsids><w:zoom w:percent="100"/></w:settings>'
        ),
        "word/_rels/settings.xml.rels": links(
            ("rId1", "attachedTemplate", "file:///C:/Users/Xaviera/Normal.dotm", "External")
        ),
        "word/comments.xml": (
            f'{_XML}<w:comments {_W}><w:comment w:id="1" w:author="{CANARY}" w:initials="XQ">'
            "<w:p><w:r><w:t>Well done.</w:t></w:r></w:p></w:comment></w:comments>"
        ),
        "word/people.xml": f'{_XML}<w:people {_W}><w:person w:author="{CANARY}"/></w:people>',
        "word/media/image1.jpeg": jpeg(6),
        "word/media/image2.png": png(),
        "customXml/item1.xml": f"<a>{CANARY}</a>",
    }


def docx() -> bytes:
    return packed(docx_parts())


def xlsx() -> bytes:
    return packed(xlsx_parts())


def xlsx_parts() -> dict[str, bytes | str]:
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return {
        "[Content_Types].xml": types("xl/workbook.xml", "spreadsheetml.sheet"),
        "_rels/.rels": links(("rId1", "officeDocument", "xl/workbook.xml", "")),
        "docProps/core.xml": core(),
        "xl/workbook.xml": (
            f'{_XML}<workbook {main} {_R}><fileSharing userName="{CANARY}"/>'
            '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            '<x15ac:absPath xmlns:x15ac="urn:x" url="C:\\Users\\Xaviera\\"/></mc:AlternateContent>'
            '<sheets><sheet name="Scores" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": links(
            ("rId1", "worksheet", "worksheets/sheet1.xml", ""),
            ("rId2", "person", "persons/person.xml", ""),
        ),
        "xl/worksheets/sheet1.xml": (
            f'{_XML}<worksheet {main} {_R}><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
            '<pageSetup r:id="rId1"/></worksheet>'
        ),
        "xl/worksheets/_rels/sheet1.xml.rels": links(
            ("rId1", "printerSettings", "../printerSettings/printerSettings1.bin", ""),
            ("rId2", "comments", "../comments1.xml", ""),
        ),
        "xl/printerSettings/printerSettings1.bin": CANARY.encode("utf-16-le"),
        "xl/comments1.xml": (
            f"{_XML}<comments {main}><authors><author>{CANARY}</author></authors><commentList>"
            f'<comment ref="A1" authorId="0"><text><r><t>{CANARY}:</t></r><r><t>Check.</t></r></text>'
            "</comment></commentList></comments>"
        ),
        "xl/persons/person.xml": (
            f'{_XML}<personList xmlns="urn:p"><person displayName="{CANARY}" id="{{1}}" '
            f'userId="{CANARY}" providerId="AD"/></personList>'
        ),
        "xl/tables/table1.xml": f'{_XML}<table {main} id="1" name="T" displayName="Table1"/>',
    }


def pptx() -> bytes:
    return packed(pptx_parts())


def pptx_parts() -> dict[str, bytes | str]:
    p = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    return {
        "[Content_Types].xml": types("ppt/presentation.xml", "presentationml.presentation"),
        "_rels/.rels": links(("rId1", "officeDocument", "ppt/presentation.xml", "")),
        "docProps/core.xml": core(),
        "ppt/presentation.xml": f"{_XML}<p:presentation {p}/>",
        "ppt/commentAuthors.xml": (
            f'{_XML}<p:cmAuthorLst {p}><p:cmAuthor id="0" name="{CANARY}" initials="XQ"/></p:cmAuthorLst>'
        ),
        "ppt/slides/slide4.xml": (
            f'{_XML}<p:sld {p} xmlns:a="urn:a"><a:p><a:t>Student: Jane Doe</a:t></a:p></p:sld>'
        ),
        "ppt/embeddings/book.xlsx": xlsx(),
        "ppt/media/film.mp4": mp4(),
    }


_ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:officeooo="http://openoffice.org/2009/office" '
    'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
)


def odt_parts(kind: str = "text") -> dict[str, bytes | str]:
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>'
        for name in ("/", "content.xml", "meta.xml", "settings.xml", "Thumbnails/thumbnail.png")
    )
    return {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": (
            f"{_XML}<office:document-content {_ODF}><office:body><office:text>"
            f"<office:annotation><dc:creator>{CANARY}</dc:creator><meta:creator-initials>XQ</meta:creator-initials>"
            "<text:p>Well done.</text:p></office:annotation>"
            f"<text:p>The lesson, by <text:author-name>{CANARY}</text:author-name></text:p>"
            '<draw:image xlink:href="file:///home/Xaviera/a.png"/>'
            '<text:a xlink:href="https://example.org/">x</text:a>'
            "</office:text></office:body></office:document-content>"
        ),
        "styles.xml": (
            f'{_XML}<office:document-styles {_ODF}><style:text-properties officeooo:rsid="00aa11bb"/>'
            "</office:document-styles>"
        ),
        "meta.xml": (
            f"{_XML}<office:document-meta {_ODF}><dc:creator>{CANARY}</dc:creator></office:document-meta>"
        ),
        "settings.xml": f"{_XML}<office:document-settings {_ODF}>{CANARY}</office:document-settings>",
        "Thumbnails/thumbnail.png": png(),
        "Pictures/1.jpg": jpeg(),
        "META-INF/manifest.xml": f"{_XML}<manifest:manifest {_ODF}>{entries}</manifest:manifest>",
    }


def odt(kind: str = "text") -> bytes:
    return packed(odt_parts(kind))


# -- PDF --------------------------------------------------------------------------------------------------


def pdf(text: str = "The lesson") -> bytes:
    """A PDF in which a person is named wherever programs write names by themselves."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    content = DecodedStreamObject()
    content.set_data(f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode())
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    page[NameObject("/Contents")] = writer._add_object(content)
    picture = DecodedStreamObject()
    picture.set_data(jpeg())
    picture.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(64),
            NameObject("/Height"): NumberObject(48),
            NameObject("/ColorSpace"): NameObject("/DeviceRGB"),
            NameObject("/BitsPerComponent"): NumberObject(8),
            NameObject("/Filter"): NameObject("/DCTDecode"),
            NameObject("/Metadata"): writer._add_object(_metadata()),
        }
    )
    page[NameObject("/Resources")] = DictionaryObject(
        {
            NameObject("/Font"): DictionaryObject({NameObject("/F1"): font}),
            NameObject("/XObject"): DictionaryObject({NameObject("/I"): writer._add_object(picture)}),
        }
    )
    writer.add_metadata({"/Author": CANARY, "/Creator": CANARY, "/Title": CANARY})
    writer.root_object[NameObject("/Metadata")] = writer._add_object(_metadata())
    writer.root_object[NameObject("/PieceInfo")] = DictionaryObject(
        {NameObject("/X"): TextStringObject(CANARY)}
    )
    writer.add_attachment(f"{CANARY}.txt", CANARY.encode())
    script = DictionaryObject(
        {
            NameObject("/S"): NameObject("/JavaScript"),
            NameObject("/JS"): TextStringObject(f"alert('{CANARY}')"),
        }
    )
    page[NameObject("/AA")] = DictionaryObject({NameObject("/O"): script})
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject(FOLDER)}
    )
    note = Text(rect=(10, 10, 20, 20), text="A remark", title_bar=CANARY)
    note[NameObject("/NM")] = TextStringObject(CANARY)
    writer.add_annotation(0, note)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _metadata() -> DecodedStreamObject:
    stream = DecodedStreamObject()
    stream.set_data(XMP)
    stream.update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
    return stream


def locked_pdf(password: str) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(pdf()))
    writer.encrypt(password, algorithm="RC4-128")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def pdf_of(pages: int) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    writer.root_object[NameObject("/Lang")] = TextStringObject("en")
    writer.root_object[NameObject("/X")] = ArrayObject()
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


# -- sound and film ---------------------------------------------------------------------------------------

FRAME = b"\xff\xfb\x90\x00" + bytes(413)  # MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes


def mp3() -> bytes:
    body = b"TPE1" + struct.pack(">IH", len(CANARY) + 1, 0) + b"\0" + CANARY.encode()
    tag = b"ID3\x04\0\0" + bytes([0, 0, len(body) >> 7, len(body) & 127]) + body
    ape = b"APETAGEX" + struct.pack("<IIII", 2000, 64, 1, 0) + bytes(8) + CANARY.encode()
    old = b"TAG" + CANARY.encode().ljust(125, b"\0")
    return tag + FRAME * 4 + ape + old


def wav() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

    body = (
        b"WAVE"
        + chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8))
        + chunk(b"LIST", b"INFOIART" + struct.pack("<I", len(CANARY)) + CANARY.encode())
        + chunk(b"bext", CANARY.encode())
        + chunk(b"data", bytes(range(200)))
        + chunk(b"id3 ", CANARY.encode())
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", 8 + len(body)) + kind + body


def _track(handler: bytes, offset: int, size: int) -> bytes:
    tables = box(
        b"stbl",
        box(b"stsc", struct.pack(">IIIII", 0, 1, 1, 1, 1)),
        box(b"stsz", struct.pack(">III", 0, 0, 1), struct.pack(">I", size)),
        box(b"stco", struct.pack(">III", 0, 1, offset)),
    )
    name = f"Handler of {CANARY}\0".encode()
    return box(
        b"trak",
        box(b"tkhd", bytes(84)),
        box(
            b"mdia",
            box(b"mdhd", bytes(24)),
            box(b"hdlr", bytes(8), handler, bytes(12), name),
            box(b"minf", tables),
        ),
        box(b"udta", box(b"name", CANARY.encode())),
    )


def mp4(brand: bytes = b"isom") -> bytes:
    """A film with picture data, and a track and boxes that tell who and where."""
    start = box(b"ftyp", brand, bytes(4), b"isom")
    picture, places = b"picture-data" * 4, f"+47.6062-122.3321/{CANARY}".encode()
    mdat = box(b"mdat", picture, places)
    offset = len(start) + 8
    words = box(
        b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7+47.6062-122.3321/"), box(b"\xa9ART", CANARY.encode())
    )
    moov = box(
        b"moov",
        box(b"mvhd", bytes(100)),
        _track(b"vide", offset, len(picture)),
        _track(b"meta", offset + len(picture), len(places)),
        words,
        box(b"meta", bytes(4), box(b"ilst", CANARY.encode())),
    )
    return start + mdat + moov + box(b"uuid", bytes(16), XMP) + box(b"free", CANARY.encode())


def ogg() -> bytes:
    def page(flags: int, number: int, packets: list[bytes]) -> bytes:
        table = b"".join(b"\xff" * (len(each) // 255) + bytes([len(each) % 255]) for each in packets)
        head = b"OggS\0" + bytes([flags]) + bytes(8) + struct.pack("<II", 7, number)
        whole = head + bytes(4) + bytes([len(table)]) + table + b"".join(packets)
        return whole[:22] + struct.pack("<I", checksum(whole)) + whole[26:]

    comment = f"ARTIST={CANARY}".encode() + b"x" * 300
    tags = b"OpusTags" + struct.pack("<I", 4) + b"libx" + struct.pack("<II", 1, len(comment)) + comment
    head = b"OpusHead\x01\x01" + struct.pack("<HIhB", 312, 48000, 0, 0)
    return page(2, 0, [head]) + page(0, 1, [tags]) + page(4, 2, [b"sound" * 20])


def element(identity: int, *content: bytes, endless: bool = False) -> bytes:
    body = b"".join(content)
    head = identity.to_bytes((identity.bit_length() + 7) // 8, "big")
    return head + (b"\x01" + b"\xff" * 7 if endless else (len(body) | 1 << 56).to_bytes(8, "big")) + body


def webm(*, doc_type: bytes = b"webm", endless: bool = False) -> bytes:
    segment = element(
        0x18538067,
        element(0xEC, CANARY.encode()),
        element(
            0x1549A966,
            element(0x2AD7B1, b"\x0f\x42\x40"),
            element(0x7BA9, CANARY.encode()),
            element(0x4D80, CANARY.encode()),
            element(0x5741, CANARY.encode()),
        ),
        element(0x1654AE6B, element(0xAE, element(0xD7, b"\x01"), element(0x536E, CANARY.encode()))),
        element(0x1F43B675, element(0xE7, b"\0"), element(0xA3, b"\x81\0\0\x80picture"), endless=endless),
        element(0x1254C367, element(0x7373, CANARY.encode())),
        endless=endless,
    )
    return element(0x1A45DFA3, element(0x4282, doc_type)) + segment


GOOD: Mapping[str, Callable[[], bytes]] = {
    "photo.jpg": jpeg,
    "drawing.png": png,
    "photo.webp": webp,
    "drawing.gif": gif,
    "lesson.docx": docx,
    "scores.xlsx": xlsx,
    "talk.pptx": pptx,
    "lesson.odt": odt,
    "talk.odp": partial(odt, "presentation"),
    "scores.ods": partial(odt, "spreadsheet"),
    "lesson.pdf": pdf,
    "voice.mp3": mp3,
    "voice.wav": wav,
    "voice.ogg": ogg,
    "voice.m4a": partial(mp4, b"M4A "),
    "class.mp4": mp4,
    "class.mov": partial(mp4, b"qt  "),
    "class.webm": webm,
    "notes.md": f"---\nauthor: {CANARY}\n---\n# Goals\n".encode,
    "notes.txt": partial("What I did – in class.\n".encode, "cp1252"),
    "scores.csv": partial("a,b\n1,2\n".encode, "utf-16"),
}
"""One harmless file of every kind, with canaries where such files have room for them."""
