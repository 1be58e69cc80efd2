# SPDX-License-Identifier: Apache-2.0
"""What browsers load from us: files of others unchanged, colours readable, nothing from elsewhere."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import pytest

from tests.contrast import ratio

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
TEMPLATES = ROOT / "templates"
CSS = (STATIC / "hallmark.css").read_text(encoding="utf-8")
FIRST_VISIT_BYTES = (
    100_000  # style sheets compressed by four to six, font and scripts as they are; no pictures
)


def listed(sources: Path) -> list[tuple[Path, str]]:
    """Rows of a SOURCES.md: file and SHA-256."""
    rows = re.findall(
        r"^\| `([^`]+)` .*\| `([0-9a-f]{64})` \|", sources.read_text(encoding="utf-8"), re.MULTILINE
    )
    return [(sources.parent / name, digest) for name, digest in rows]


def test_files_of_others_are_as_they_came() -> None:
    rows = listed(STATIC / "SOURCES.md") + listed(ROOT / "issuer" / "SOURCES.md")
    assert {path.name for path, _ in rows} == {"pico.min.css", "inter.woff2", "lettering.json"}
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path, _ in rows} == {
        path.name: digest for path, digest in rows
    }


def test_every_file_is_ours_or_listed() -> None:
    ours = {
        "hallmark.css",
        "review.css",
        "recognise.css",
        "plan.js",
        "embed.css",
        "batch.css",
        "bulk.css",
        "batch.js",
        "check.css",
        "receipt.css",
        "share.css",
        "takeback.css",
        "favicon.svg",
        "copy.js",
        "drop.js",
        "review.js",
        "zone.js",
        "work.css",
        "work.js",
        "upload.js",
        "sample-attendance.csv",
        "sample-awards.csv",
        "sample-ledger.csv",
        "SOURCES.md",
    }
    others = {path.name for path, _ in listed(STATIC / "SOURCES.md")}
    assert {path.name for path in STATIC.iterdir()} == ours | others


def test_nothing_is_loaded_from_elsewhere() -> None:
    for path in (STATIC / "hallmark.css", STATIC / "pico.min.css"):
        for address in re.findall(r"url\(['\"]?([^'\")]*)", path.read_text(encoding="utf-8")):
            assert address.startswith("data:image/svg+xml") or (STATIC / address).exists()
    assert "@import" not in CSS
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<(script|link|img|iframe|source)[^>]*(src|href)=\"https?:", text), path


def test_templates_have_no_inline_script_or_style() -> None:
    pages = (path for path in TEMPLATES.rglob("*.html") if path.parent.name != "mail")  # mails have no choice
    for path in (*pages, STATIC / "favicon.svg"):
        text = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert "style=" not in text, path
        assert "<style" not in text, path
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
        assert not re.search(r"<[^>]*\son[a-z]+=", text), path


def test_our_scripts_are_small() -> None:
    sizes = [path.stat().st_size for path in STATIC.glob("*.js")]
    assert max(sizes) < 10_000  # no page loads more than one of the larger ones
    assert sum(sizes) < 24_000


def test_a_first_visit_is_light() -> None:
    packed = sum(
        len(gzip.compress((STATIC / name).read_bytes())) for name in ("pico.min.css", "hallmark.css")
    )
    assert packed + (STATIC / "inter.woff2").stat().st_size < FIRST_VISIT_BYTES


def test_dark_is_light_in_other_colours() -> None:
    """So a page has the same places and sizes in both, and need not be measured twice."""
    asks = "@media (prefers-color-scheme: dark)"
    for path in (*STATIC.glob("*.css"), *TEMPLATES.rglob("*.html")):
        if path.name == "pico.min.css":
            continue
        for block in path.read_text(encoding="utf-8").split(asks)[1:]:
            (inner,) = re.findall(r"\A \{\n(.*?)\n\}\n", block, re.DOTALL)
            for name, value in re.findall(r"([\w-]+): ([^;{}]+);", inner):
                if name != "color-scheme":
                    assert name.startswith("--") or name.endswith(("color", "background")), (path.name, name)
                    assert re.fullmatch(r"#[0-9a-f]{6}( !important)?", value), (path.name, name, value)


def tokens(scheme: str) -> dict[str, str]:
    """The colour tokens of ``light`` or ``dark``."""
    light, dark = CSS.split("@media (prefers-color-scheme: dark)", 1)
    block = light if scheme == "light" else dark.split("/* --", 1)[0]
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
    return found if scheme == "light" else {**tokens("light"), **found}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_lines_have_enough_contrast(scheme: str) -> None:
    colour = tokens(scheme)
    for ground in ("page", "raised"):
        for text in ("ink", "muted", "primary", "ok", "neutral", "warn", "hold", "bad"):
            assert ratio(colour[text], colour[ground]) >= 6.5, (text, ground)
    for tone in ("ok", "neutral", "warn", "hold", "bad"):
        assert ratio(colour[tone], colour[f"{tone}-ground"]) >= 6.5, tone
    for line in ("line", "gold", "primary"):
        assert ratio(colour[line], colour["page"]) >= 3.0, line
    assert ratio(colour["on-primary"], colour["primary"]) >= 6.5
    assert ratio(colour["page"], colour["bad"]) >= 6.5  # the band across a withdrawn badge
    assert ratio(colour["page"], colour["ink"]) >= 6.5  # a struck mark
