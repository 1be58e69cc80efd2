# SPDX-License-Identifier: Apache-2.0
"""V14: the verifier as weapon: what is brought is a bomb, a loop, a flood or a polyglot of documents.

Nothing of a PDF, an archive or a photo is parsed in the process that serves: the work has 10 s of processor
time (a photo 5 s) and 512 MiB in a process that can open nothing, two at once. Each attack here ends with an
answer or a sentence; ours grows by less than 64 MiB, whatever comes.
"""

from __future__ import annotations

import contextlib
import resource
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image

from credentials.errors import MalformedError
from service.cell import CPU_SECONDS, MEMORY_BYTES
from tests.verifier.bringing import LINK, Page, archive, opened, pdf, saved, stream, troubles, urls, written
from tests.world import World
from verifier.errors import NotACredentialError
from verifier.unpack import Claim, unpack
from verifier.unpack.found import PDF_INFLATED, PHOTO_SECONDS, ZIP_INFLATED

ROOT = Path(__file__).resolve().parent.parent.parent
PNG = b"\x89PNG\r\n\x1a\n"
GROWTH = 65_536  # KiB (64 MiB) by which the largest size of our process may grow


def zeros(size: int, level: int = 9) -> bytes:
    """``size`` zero bytes, packed."""
    packer = zlib.compressobj(level)
    block = bytes(1_048_576)
    return b"".join([*(packer.compress(block) for _ in range(size // len(block))), packer.flush()])


def raw_stream(body: bytes, entries: str) -> bytes:
    return f"<<{entries}/Length {len(body)}>>\nstream\n".encode() + body + b"\nendstream"


def filtered(body: bytes, *filters: str) -> bytes:
    return raw_stream(body, f"/Filter[{''.join(f'/{name}' for name in filters)}]")


def attached(number: int, count: int = 1) -> str:
    """An entry of the catalogue that attaches the objects from ``number`` on."""
    files = "".join(f"<</UF({n}.json)/EF<</F {number + n} 0 R>>>>" for n in range(count))
    return f"/AF[{files}]"


def ends_well(raw: bytes) -> list[Claim]:
    """Open it as a door does; it is answered or refused within the limits, and ours has not grown."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    work = resource.getrusage(resource.RUSAGE_CHILDREN)
    claims: list[Claim] = []
    with contextlib.suppress(NotACredentialError):
        claims = list(unpack(raw))
    done = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = done.ru_utime + done.ru_stime - work.ru_utime - work.ru_stime
    assert took < CPU_SECONDS + 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH
    # The largest child so far, which may be another test's; and a child begins with what its parent held.
    inherited = max(work.ru_maxrss, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    if done.ru_maxrss > inherited:
        assert done.ru_maxrss * 1_024 < MEMORY_BYTES + 1_048_576 * 64
    return claims


# -- PDF --------------------------------------------------------------------------------------------------


def test_a_gibibyte_in_an_attachment_is_not_inflated() -> None:
    bomb = zeros(1 << 30)
    entries, nested = "/Filter/FlateDecode", zlib.compress(bomb, 9)
    assert not ends_well(pdf(catalogue=attached(1_001), objects={1_001: raw_stream(bomb, entries)}))
    twice = raw_stream(nested, "/Filter[/FlateDecode/FlateDecode]")
    assert not ends_well(pdf(catalogue=attached(1_001), objects={1_001: twice}))
    page = Page(links=[LINK], contents=1_001)  # a bomb that is drawn does not hide a link
    assert urls(ends_well(pdf([page], objects={1_001: raw_stream(bomb, entries)}))) == [LINK]


def test_all_attachments_together_have_a_limit() -> None:
    half = raw_stream(zeros(PDF_INFLATED // 2), "/Filter/FlateDecode")
    fits = pdf(catalogue=attached(1_001, 2), objects={1_001: half, 1_002: half})
    assert troubles(opened(fits)) == ["credential.nothing-inside"]
    more = pdf(catalogue=attached(1_001, 3), objects={1_001: half, 1_002: half, 1_003: stream(b"x")})
    with pytest.raises(NotACredentialError, match="too much in this PDF"):
        opened(more)


def test_drawings_of_pages_that_inflate_without_end_leave_the_links() -> None:
    half = raw_stream(zeros(PDF_INFLATED // 2), "/Filter/FlateDecode")
    pages = [Page(links=[LINK]), *[Page(contents=1_001)] * 290]
    claims = ends_well(pdf(pages, objects={1_001: half}))
    assert (urls(claims), troubles(claims)) == ([LINK], ["credential.too-much"])


def test_an_object_stream_full_of_objects_ends() -> None:
    index = b"".join(b"%d %d " % (number, 0) for number in range(5_000, 105_000))
    body = zlib.compress(index + b"<<>>" + b" " * 30_000_000)
    entries = f"/Type/ObjStm/N 100000/First {len(index)}/Filter/FlateDecode"
    ends_well(pdf(catalogue=attached(1_001), objects={1_001: raw_stream(body, entries)}))


LOOPS = {
    "pages that are their own parents": {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Pages/Kids[2 0 R]/Count 1/Parent 2 0 R>>",
    },
    "one page a hundred thousand times": {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[" + b"3 0 R " * 100_000 + b"]/Count 100000>>",
        3: b"<</Type/Page>>",
    },
    "a tree of pages five thousand deep": {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        **{n: b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (n + 1) for n in range(2, 5_000)},
        5_000: b"<</Type/Page>>",
    },
    "a tree of attachments in circles": {
        1: b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles 4 0 R>>/AF 4 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/AF[4 0 R]>>",
        4: b"<</Kids[4 0 R 5 0 R]/Names[(a) 4 0 R (b) 5 0 R]/EF<</F 4 0 R>>>>",
        5: b"<</Kids[4 0 R 5 0 R]/EF 5 0 R/F 5 0 R>>",
    },
    "a tree of attachments two thousand wide": {
        1: b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Kids["
        + b"".join(b"%d 0 R " % n for n in range(10, 2_010)) + b"]>>>>>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page>>",
        **dict.fromkeys(range(10, 2010), b"<</Kids[]>>"),
    },
    "a reference to itself": {
        1: b"<</Type/Catalog/Pages 2 0 R/AF 6 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Annots 6 0 R>>",
        6: b"6 0 R",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", LOOPS)
def test_trees_that_never_end_do(name: str) -> None:
    assert not urls(ends_well(written(LOOPS[name])))


@pytest.mark.parametrize("nested", ["[" * 100_000 + "]" * 100_000, "<</A " * 50_000 + "1" + ">>" * 50_000])
def test_what_is_nested_too_deeply_ends(nested: str) -> None:
    ends_well(pdf([Page(more=f"/X {nested}")]))


@pytest.mark.parametrize(
    "raw",
    [
        pdf()[:-30] + b"xref\n0 99999999\n" + b"0000000000 00000 n \n" * 9_000
        + b"trailer<</Size 99999999/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(pdf()) - 30),
        b"%PDF-1.4\n" + b"".join(b"%d 0 obj\n<</A 1>>\nendobj\n" % n for n in range(1, 9_000)),
        b"%PDF-1.4\n" + b"1 0 obj " * 31_000,
        b"%PDF-1.4\n" + b"trailer<</Root 1 0 R>>\n" * 11_000,
        b"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF",
        b"%PDF-1.4\n" + b"startxref\n9\n" * 20_000,
        pdf(catalogue=attached(1_001), objects={1_001: b"<</Length 99999999999>>stream\nx\nendstream"}),
        pdf(catalogue=attached(1_001), objects={1_001: filtered(b"\x81A" * 100_000, "RunLengthDecode")}),
        pdf(catalogue=attached(1_001), objects={1_001: filtered(b"\x80\x0b" * 90_000, "LZWDecode")}),
        pdf(catalogue=attached(1_001), objects={1_001: filtered(b"4>", *["AHx"] * 1_000)}),
    ],
    ids=["a huge table", "no table", "only beginnings", "only trailers", "a table before itself",
         "many starts", "a lying length", "runs", "codes", "a thousand filters"],
)  # fmt: skip
def test_tables_and_filters_that_lie_end(raw: bytes) -> None:
    assert not urls(ends_well(raw))


def test_ten_thousand_notes_are_looked_at_and_no_more() -> None:
    most = pdf([Page(links=[f"https://a.example/{n}" for n in range(10_000)])])
    # Where others have the processor for 15 seconds it is refused; then it is brought again.
    claims = ends_well(most) or ends_well(most) or ends_well(most)
    assert (len(urls(claims)), troubles(claims)) == (50, ["credential.too-much"])
    assert not ends_well(pdf([Page(links=[f"https://a.example/{n}" for n in range(10_001)])]))


def test_text_that_takes_all_day_to_read_leaves_the_links() -> None:
    slow = stream(b"BT /F1 1 Tf " + b"(a) Tj " * 50_000 + b"ET")
    claims = ends_well(pdf([Page(links=[LINK]), *[Page(contents=1_001)] * 299], objects={1_001: slow}))
    assert (urls(claims), troubles(claims)) in (([LINK], ["credential.too-much"]), ([], []))  # a slow machine


def test_forms_and_fonts_that_call_themselves_end() -> None:
    form = stream(b"/X Do " * 100, "/Type/XObject/Subtype/Form/Resources<</XObject<</X 1001 0 R>>>>")
    page = Page(more="/Resources<</XObject<</X 1001 0 R>>>>", contents=1_002)
    ends_well(pdf([page], objects={1_001: form, 1_002: stream(b"/X Do")}))
    table = stream(b"begincmap\n" + b"100 beginbfrange\n<0000> <ffff> <0000>\nendbfrange\n" * 2_000)
    font = b"<</Type/Font/Subtype/Type0/BaseFont/A/Encoding/Identity-H/ToUnicode 1002 0 R>>"
    page = Page(more="/Resources<</Font<</F1 1001 0 R>>>>", contents=1_003)
    drawing = stream(b"BT /F1 9 Tf (x) Tj ET")
    ends_well(pdf([page], objects={1_001: font, 1_002: table, 1_003: drawing}))


# -- archives ---------------------------------------------------------------------------------------------


def test_names_that_climb_are_labels_only(tmp_path: Path) -> None:
    badge = World().issuer("union").mint()
    names = [
        "../../../../tmp/x.json",
        "/etc/cron.d/x",
        "C:\\windows\\x",
        "a\0b",
        "x" * 9_000,
        "\u202egpj.json",
    ]
    claims = list(unpack(archive(dict.fromkeys(names, badge))))
    assert len(claims) == len(names)
    assert all(claim.presented is not None and len(claim.place) < 130 for claim in claims)
    assert not list(tmp_path.iterdir())


def test_an_archive_that_inflates_without_end_is_stopped() -> None:
    count = ZIP_INFLATED // 10_000_000 + 3
    raw = archive({f"{n}.png": PNG + bytes(10_000_000 - len(PNG)) for n in range(count)})
    assert len(raw) < 200_000
    claims = ends_well(raw)
    assert len(claims) == count
    assert set(troubles(claims[-2:])) == {"credential.too-much"}


def test_entries_that_share_their_bytes_count_each_time() -> None:
    """Many names for one packed core: each is counted when it is inflated, so the sum stays within limits."""
    core = archive({"a.png": PNG + bytes(9_000_000)})
    start = core.index(b"PK\x01\x02")
    entry, end = core[start : core.index(b"PK\x05\x06")], core[core.index(b"PK\x05\x06") :]
    count = 400
    lying = end[:8] + struct.pack("<HHII", count, count, len(entry) * count, start) + end[20:]
    claims = ends_well(core[:start] + entry * count + lying)
    assert len(claims) in (0, count)  # newer versions of zipfile refuse the whole
    assert not urls(claims)


def test_sizes_that_lie_are_not_believed() -> None:
    badge = World().issuer("union").mint()
    for size in (0, 1, 0xFFFFFFFE):
        raw = bytearray(archive({"a.json": badge}))
        entry = raw.index(b"PK\x01\x02")
        raw[entry + 24 : entry + 28] = struct.pack("<I", size)
        claims = opened(bytes(raw))
        assert len(claims) == 1
        assert claims[0].trouble is not None or claims[0].presented is not None


def test_two_files_of_one_name_are_both_looked_at() -> None:
    world = World()
    first, second = world.issuer("union").mint(), b'{"a": 1}'
    target = bytearray(archive({"a.json": first, "b.json": second}))
    claims = opened(bytes(target).replace(b"b.json", b"a.json"))
    assert [claim.place for claim in claims] == ["a.json in the archive"] * 2
    assert [claim.presented is not None for claim in claims] == [True, False]


def test_an_archive_with_a_directory_of_its_own_size_ends() -> None:
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"x"
    count = 200_000
    tail = b"PK\x05\x06\0\0\0\0" + struct.pack("<HHIIH", 0xFFFF, 0xFFFF, count * len(entry), 0, 0)
    assert not ends_well(b"PK\x03\x04" + entry * count + tail)


def test_archives_inside_archives_stay_closed() -> None:
    inner = archive({f"{n}.bin": bytes(1_000_000) for n in range(50)})
    claims = ends_well(archive({f"{n}.zip": inner for n in range(200)}, method=zipfile.ZIP_STORED))
    assert set(troubles(claims)) == {"credential.unsupported-file"}


# -- pictures ---------------------------------------------------------------------------------------------


def test_a_flood_of_pixels_is_not_decoded() -> None:
    ihdr = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    body = b"IHDR" + ihdr
    png = PNG + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    for raw in (
        png,
        saved(Image.new("1", (25_000, 1_001)), "PNG"),
        b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + bytes(30),
        b"BM" + bytes(12) + struct.pack("<IiiHHIIiiII", 40, 2_000_000, 2_000_000, 1, 1, 0, 0, 0, 0, 0, 0),
    ):
        with pytest.raises(MalformedError):
            unpack(raw)
        ends_well(b"\xff\xd8\xff" + raw)


def test_a_picture_of_nothing_but_corners_of_codes_ends() -> None:
    corner = Image.new("1", (9, 9), 1)
    corner.paste(0, (1, 1, 8, 8))
    corner.paste(1, (2, 2, 7, 7))
    corner.paste(0, (3, 3, 6, 6))
    sheet = Image.new("1", (4_995, 4_995), 1)
    for x in range(0, 4_995, 9):
        sheet.paste(corner, (x, 0))
    row = sheet.crop((0, 0, 4_995, 9))
    for y in range(9, 4_995, 9):
        sheet.paste(row, (0, y))
    assert PHOTO_SECONDS < CPU_SECONDS
    assert not ends_well(saved(sheet, "PNG"))


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF", "BMP"])
def test_a_picture_that_lies_about_its_size_ends(kind: str) -> None:
    raw = bytearray(saved(Image.effect_noise((64, 64), 60), kind))
    for at in range(4, min(len(raw), 200), 7):
        broken = bytearray(raw)
        broken[at : at + 2] = b"\xff\xff"
        with contextlib.suppress(MalformedError):
            opened(bytes(broken))


# -- the process ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pdf", "zip", "photo", "members"])
def test_the_process_answers_garbage_with_a_code(kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "verifier.unpack"],
        cwd=ROOT,
        input=f'"{kind}"\n'.encode() + b"garbage",
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout[:20], done.stderr) == (0, b'{"code": "credential', b"")


def test_the_serving_process_never_loads_what_parses() -> None:
    code = "import sys, verifier.unpack, verifier.intake; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"pypdf", "PIL", "zxingcpp"}
