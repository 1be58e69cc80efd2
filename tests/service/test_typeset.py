# SPDX-License-Identifier: Apache-2.0
"""Documents for print: the same bytes again, values stay text, nothing is read from anywhere else."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from service import typeset
from service.errors import (
    CellBrokenError,
    CellBusyError,
    CellLimitError,
    ExtraMissingError,
    TypesettingBusyError,
    TypesettingError,
)

pytest.importorskip("typst", reason="the extra pdf is not installed")

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SHOWS_NAME = """
#let v = json(bytes(sys.inputs.values))
#set document(title: "A test")
#set text(lang: "en")
= Head
#v.name
"""

Set = Callable[..., bytes]


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of templates of our own; nothing else of the product is in sight."""
    monkeypatch.setattr(typeset, "ROOT", tmp_path)
    folder = tmp_path / "templates" / "room"
    folder.mkdir(parents=True)
    (folder / "page.typ").write_text(SHOWS_NAME, encoding="utf-8")
    return folder


@pytest.fixture
def page(templates: Path) -> Set:
    """Set the test page; ``source`` replaces it, other words are values."""

    def made(
        source: str = SHOWS_NAME,
        files: dict[str, bytes] | None = None,
        now: datetime = NOW,
        **values: Any,
    ) -> bytes:
        (templates / "page.typ").write_text(source, encoding="utf-8")
        return typeset.typeset("room/page.typ", {"name": "Ada", **values}, now=now, files=files)

    return made


def words(pdf: bytes) -> str:
    return "\n".join(each.extract_text() for each in PdfReader(io.BytesIO(pdf)).pages)


def body(source: str) -> str:
    return SHOWS_NAME.replace("#v.name", source)


def test_the_same_values_at_the_same_time_give_the_same_bytes(page: Set) -> None:
    first = page()
    assert page() == first
    assert page(now=NOW.astimezone(timezone(timedelta(hours=-7)))) == first
    assert page(now=NOW + timedelta(microseconds=5)) == first
    assert page(now=NOW + timedelta(seconds=1)) != first
    assert page(name="Bo") != first


def test_it_is_tagged_and_says_which_standards_it_follows(page: Set) -> None:
    reader = PdfReader(io.BytesIO(page()))
    catalogue: Any = reader.trailer["/Root"]
    assert catalogue["/Lang"] == "en"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalogue
    assert reader.metadata is not None
    assert reader.metadata.title == "A test"
    stated = catalogue["/Metadata"].get_object().get_data().decode()
    for claim in ("pdfaid:part>3<", "pdfaid:conformance>A<", "pdfuaid:part>1<"):
        assert claim in stated


@pytest.mark.parametrize(
    "name",
    [
        '#panic("no")',
        "*bold* _slant_ $x^2$ `code` @ref <label>",
        '#read("/etc/passwd") #import "x.typ" #eval("1")',
        '"); #let v = (name: "Eve") //',
        "\\u{41} \\ ~ -- ---",
    ],
)
def test_a_value_is_text_whatever_it_looks_like(page: Set, name: str) -> None:
    flat = "".join(words(page(name=name)).split())
    assert "".join(name.split()) in flat.replace("’", "'").replace("“", '"').replace("”", '"')


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada\x00\x1b\x7f Lovelace", "Ada Lovelace"),
        ("\u202eevil\u202c \u2066left\u2069", "evil left"),
        ("A\u200bd\ufeffa\U000e0041", "Ada"),
        ("one\r\ntwo\tthree", "one two three"),
        ("\ud800Ada\udfff", "▯Ada▯"),
        ("Ada \ue000\ufffe\U0010ffff", "Ada ▯▯▯"),
        ("Đặng Ngọc ʻŌlelo Ærøskøbing Łódź", "Đặng Ngọc ʻŌlelo Ærøskøbing Łódź"),
        ("Ολυμπία Юлия", "Ολυμπία Юлия"),
    ],
)
def test_a_text_is_made_printable(page: Set, name: str, shown: str) -> None:
    found = words(page(name=name)).split("\n", 1)[1]
    assert " ".join(found.split()) == shown


@pytest.mark.parametrize(
    "name",
    ["a" * 100_000, "a " * 50_000, "Z" + "\u0301" * 100_000, "\u202e" * 100_000, "שלום עולם " * 10_000],
)
def test_an_endless_text_is_cut(page: Set, name: str) -> None:
    assert len(words(page(name=name))) < 2 * typeset.TEXT_CHARS


def test_what_no_font_has_gives_its_place_to_a_sign(page: Set) -> None:
    """Egyptian hieroglyphs: not in Typst's fonts, and hardly on the machines that run this."""
    pdf = page(
        body('#v.name #if v.name.contains("▯") [lacks] #for each in v.more [#each.x]'),
        name="Ada \U00013000\U00013001",
        more=[{"x": "\U00013002."}],
    )
    shown = words(pdf)
    if "\U00013000" not in shown:  # a machine with such a font shows them
        assert "Ada ▯▯ lacks ▯." in " ".join(shown.split())


def test_a_letter_beside_one_that_lacks_stays(page: Set) -> None:
    assert "a banana" in words(page(name="a\U00013000 banana a banana"))


def test_files_lie_beside_the_template_and_can_be_attached(page: Set) -> None:
    source = body(
        '#pdf.attach("/data.json", relationship: "source", mime-type: "application/json", description: "x")'
    )
    reader = PdfReader(io.BytesIO(page(source, files={"data.json": b'{"a": 1}'})))
    assert reader.attachments == {"data.json": [b'{"a": 1}']}
    catalogue: Any = reader.trailer["/Root"]
    assert "/AF" in catalogue


@pytest.mark.parametrize(
    "source",
    [
        '#read("/etc/passwd")',
        '#read("../../../../../etc/passwd")',
        '#read("../page.typ")',
        '#image("/proc/self/environ")',
        '#include "/etc/hostname"',
        '#plugin("/x.wasm")',
    ],
)
def test_nothing_outside_its_folder_is_read(page: Set, source: str) -> None:
    with pytest.raises(TypesettingError):
        page(body(source))


@pytest.mark.parametrize("package", ["preview/cetz:0.3.0", "local/mine:1.0.0"])
def test_packages_are_never_fetched(page: Set, package: str) -> None:
    with pytest.raises(TypesettingError) as refused:
        page(f'#import "@{package}"\n{SHOWS_NAME}')
    assert "package" in refused.value.message
    with pytest.raises(TypesettingError):
        page(f'#let name = "@" + "{package}"\n#import name\n{SHOWS_NAME}')


@pytest.mark.parametrize("name", ["../x.json", "/etc/x", "", "page.typ", "A.json", "a b.json", "x" * 200])
def test_a_file_has_a_plain_name(page: Set, name: str) -> None:
    with pytest.raises(TypesettingError):
        page(files={name: b"{}"})


def test_too_much_is_refused_before_anything_is_set(page: Set) -> None:
    with pytest.raises(TypesettingError, match="too much"):
        page(more=["a" * 8_000] * (typeset.VALUES_BYTES // 8_000 + 1))
    with pytest.raises(TypesettingError, match="too much"):
        page(files={"a.json": bytes(typeset.FILES_BYTES + 1)})


def test_a_template_without_end_is_ended(page: Set, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(TypesettingError):
        page(body("#let n = 0\n#while true { n += 1 }"))
    assert "Ada" not in caplog.text


def test_a_mistake_in_a_template_is_logged_without_its_values(
    page: Set, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(TypesettingError):
        page(body("#v.nothing"))
    (record,) = [each for each in caplog.records if each.getMessage() == "typeset"]
    assert record.__dict__["members"]["template"] == "room/page.typ"
    assert "Ada" not in str(record.__dict__)


def test_a_warning_is_logged_and_the_document_is_made(page: Set, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert "Ada" in words(page(body('#text(font: "No Such Font")[#v.name]')))
    assert [each.levelname for each in caplog.records if each.getMessage() == "typeset"] == ["WARNING"]


def test_several_at_once_get_their_own_document(page: Set, templates: Path) -> None:
    def one(number: int) -> str:
        return words(typeset.typeset("room/page.typ", {"name": f"Number {number}"}, now=NOW))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(one, range(6)))
    assert [each.split()[-1] for each in found] == [str(number) for number in range(6)]


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        (CellBusyError("busy"), TypesettingBusyError),
        (CellLimitError("limit"), TypesettingError),
        (CellBrokenError("broken"), TypesettingError),
    ],
)
def test_the_process_around_it_may_fail(
    page: Set, monkeypatch: pytest.MonkeyPatch, inside: Exception, told: type[Exception]
) -> None:
    class Failing:
        def ask(self, *_: Any, **__: Any) -> Any:
            raise inside

    monkeypatch.setattr(typeset, "_cell", Failing())
    with pytest.raises(told):
        page()


def test_without_the_extra_the_sentence_names_the_command(page: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert not typeset.is_available()
    with pytest.raises(ExtraMissingError) as missing:
        page()
    assert "pip install 'hallmark[pdf]'" in missing.value.message


def test_nothing_is_left_behind(page: Set, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    page()
    with pytest.raises(TypesettingError):
        page(body("#v.nothing"))
    assert list(scratch.iterdir()) == []


def test_no_template_makes_source_of_values() -> None:
    sources = list((typeset.ROOT / "templates").rglob("*.typ"))
    assert sources
    for source in sources:
        assert "eval(" not in source.read_text(encoding="utf-8"), source
