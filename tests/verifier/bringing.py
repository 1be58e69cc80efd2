# SPDX-License-Identifier: Apache-2.0
"""What people bring: PDFs written byte by byte, archives, and photos of QR codes as a phone takes them."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from PIL import Image, ImageFilter

from service import qr
from verifier.unpack import Claim, _claims
from verifier.unpack import archive as archives
from verifier.unpack import pdf as pdfs
from verifier.unpack import photo as photos
from verifier.unpack.found import Budget, Kind, Part, sniff

LINK = "https://union.example/credentials/7f3c12ab-55aa-4c11-9e0d-77aa12345678"
OTHER = "https://academy.example/awards/81d0e6"


def opened(raw: bytes) -> tuple[Claim, ...]:
    """What ``unpack`` says of a PDF, an archive or a photo, without the process around it."""
    kind = sniff(raw)
    if kind is Kind.ZIP:
        parts = archives.look(raw, budget=Budget())
    elif kind is Kind.PDF:
        parts = [Part("", tuple(pdfs.look(raw, budget=Budget())))]
    else:
        parts = [Part("", tuple(photos.look(raw, budget=Budget())))]
    return tuple(_claims(parts, "x"))


def places(claims: Iterable[Claim]) -> list[str]:
    return [claim.place for claim in claims]


def urls(claims: Iterable[Claim]) -> list[str]:
    return [claim.url for claim in claims if claim.url is not None]


def troubles(claims: Iterable[Claim]) -> list[str]:
    return [claim.trouble.code for claim in claims if claim.trouble is not None]


# -- PDF --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """A page: lines of text, links upon it, and further entries of its dictionary."""

    lines: Sequence[str] = ()
    links: Sequence[str] = ()
    notes: Sequence[str] = ()  # whole annotations
    more: str = ""
    contents: int = 0  # number of an object that is drawn in place of the lines


def stream(content: bytes, entries: str = "", *, packed: bool = True) -> bytes:
    body = zlib.compress(content) if packed else content
    filters = "/Filter/FlateDecode" if packed else ""
    return f"<<{entries}{filters}/Length {len(body)}>>\nstream\n".encode() + body + b"\nendstream"


def pdf(
    pages: Sequence[Page] = (Page(),),
    *,
    attached: Sequence[tuple[str, bytes]] = (),
    catalogue: str = "",
    objects: Mapping[int, bytes] | None = None,
) -> bytes:
    """Return a PDF with proper cross-references; objects from 1,000 on are free for ``objects``."""
    found: dict[int, bytes] = {}
    kids, names = [], []
    for index, page in enumerate(pages):
        number = 10 + 3 * index
        kids.append(f"{number} 0 R")
        drawing = "".join(
            f"BT /F1 10 Tf 20 {700 - 14 * line} Td ({_escaped(text)}) Tj ET\n"
            for line, text in enumerate(page.lines)
        )
        links = [
            f"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI({_escaped(link)})>>>>"
            for link in page.links
        ]
        found[number] = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {page.contents or number + 1} 0 R"
            f"/Resources<</Font<</F1 3 0 R>>>>/Annots[{' '.join((*links, *page.notes))}]{page.more}>>"
        ).encode()
        found[number + 1] = stream(drawing.encode("latin-1"))
    for index, (name, content) in enumerate(attached):
        number = 2_000 + 2 * index
        found[number] = f"<</Type/Filespec/F({name})/UF({name})/EF<</F {number + 1} 0 R>>>>".encode("latin-1")
        found[number + 1] = stream(content, "/Type/EmbeddedFile")
        names.append(f"({name}){number} 0 R")
    tree = f"/Names<</EmbeddedFiles<</Names[{' '.join(names)}]>>>>" if names else ""
    found[1] = f"<</Type/Catalog/Pages 2 0 R{tree}{catalogue}>>".encode("latin-1")
    found[2] = f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>".encode()
    found[3] = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    return written({**found, **(objects or {})})


def written(objects: Mapping[int, bytes]) -> bytes:
    """Return the objects as a file; object 1 is the catalogue."""
    target = io.BytesIO()
    target.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    for number, body in sorted(objects.items()):
        offsets[number] = target.tell()
        target.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")
    start = target.tell()
    target.write(b"xref\n0 1\n0000000000 65535 f \n")
    for number, offset in offsets.items():
        target.write(b"%d 1\n%010d 00000 n \n" % (number, offset))
    size = max(objects) + 1
    target.write(b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start))
    return target.getvalue()


def file_note(name: str, content: bytes, number: int) -> tuple[str, dict[int, bytes]]:
    """A note with a file behind it, and its objects."""
    note = (
        f"<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS<</Type/Filespec/F({name})"
        f"/EF<</F {number} 0 R>>>>>>"
    )
    return note, {number: stream(content, "/Type/EmbeddedFile")}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


# -- archives ---------------------------------------------------------------------------------------------


def archive(members: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return target.getvalue()


# -- photos -----------------------------------------------------------------------------------------------


def code(text: str, pixels: int) -> Image.Image:
    return (
        Image.open(io.BytesIO(qr.png(text))).convert("L").resize((pixels, pixels), Image.Resampling.LANCZOS)
    )


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def scene(
    *texts: str,
    pixels: int = 300,
    size: tuple[int, int] = (1_200, 900),
    turned: float = 0,
    askew: float = 0,
    blur: float = 0,
    noise: float = 0,
    light: float = 1,
) -> Image.Image:
    """A sheet of paper with QR codes of ``pixels`` width, as a phone sees it."""
    width, height = size
    paper = Image.new("L", size, 235)
    for index, text in enumerate(texts):
        paper.paste(code(text, pixels), (40 + index * (pixels + 60), (height - pixels) // 2))
    if askew:  # a true perspective: what is further away at the right and below is smaller
        plane = (
            1 + askew,
            askew / 3,
            -askew * 60,
            askew / 4,
            1 + askew,
            -askew * 60,
            askew / width,
            askew / height,
        )
        paper = paper.transform(
            size, Image.Transform.PERSPECTIVE, plane, Image.Resampling.BICUBIC, fillcolor=120
        )
    if turned:
        paper = paper.rotate(turned, Image.Resampling.BICUBIC, expand=True, fillcolor=120)
    if blur:
        paper = paper.filter(ImageFilter.GaussianBlur(blur))
    if noise:
        dice = random.Random(7)  # noqa: S311  a picture that is the same each time
        grain = Image.frombytes("L", (256, 256), dice.randbytes(65_536)).resize(
            paper.size, Image.Resampling.NEAREST
        )
        paper = Image.blend(paper, grain, noise)
    return paper.point(lambda level: int(level * light)).convert("RGB")
