# SPDX-License-Identifier: Apache-2.0
"""Clean Word, PowerPoint and Excel files (Office Open XML, ECMA-376).

- Whole parts go: properties, small preview, people, printers, signatures, data connections, added XML data.
  What pointed to them goes too, so that the programs open the file without a question.
- Named people become "Person 1", "Person 2", always the same one in a document, in comments and changes.
- Macros, controls, embedded programs and links that a program follows by itself are refused, not removed:
  a document that needs them is not the same without.
- Pictures, sound, film and documents inside are cleaned as well; a part of an unknown kind is refused.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from earning.errors import (
    UploadActiveError,
    UploadDamagedError,
    UploadMismatchError,
    UploadUncleanableError,
)
from earning.scrub import office_marks
from earning.scrub.archive import Budget, pack, unpack
from earning.scrub.markup import Attributes, Change, edit, words_of
from earning.scrub.people import People
from earning.scrub.scrubbed import (
    AUTHOR,
    NESTED,
    PATHS,
    PREVIEW,
    PROPERTIES,
    SIGNATURES,
    Report,
)
from earning.scrub.segments import strip
from service.file_types import DOCX, PPTX, XLSX, Kind

CONTENT_TYPES: Final = "[Content_Types].xml"
_ACTIVE_PARTS: Final = re.compile(
    r"vbaproject|vbadata|/activex|/ctrlprops|\.(?:bin|exe|dll|vbs|js)$|/macrosheets/", re.I
)
_ACTIVE_TYPES: Final = re.compile(
    r"macroenabled|vba|activex|oleobject|ms-office\.intlmacrosheet", re.IGNORECASE
)
_DROPPED: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (r"^docprops/thumbnail\.", PREVIEW),
        (r"^docprops/(?:core|app)", AUTHOR),
        (r"^docprops/", PROPERTIES),
        (r"^customxml/|^docmetadata/|^\[trash\]/|^customui/|^userCustomization/", PROPERTIES),
        (r"^word/people\d*\.xml$", AUTHOR),
        (r"^_xmlsignatures/|^package/services/digital-signature/", SIGNATURES),
        (r"/printersettings/", PATHS),
        (r"^xl/(?:revisions/|usernames\.xml)|^ppt/(?:changesinfos/|revisioninfo\.xml)", AUTHOR),
        (r"^xl/(?:connections\.xml|querytables/|customproperty/|customdata/)", PROPERTIES),
        (r"/webextensions/", PROPERTIES),
    )
)
_MEDIA: Final = re.compile(r"\.(?:jpe?g|png|gif|webp|emf|wmf|jfif|mp3|mp4|m4a|m4v|mov|wav)$", re.IGNORECASE)
_INERT: Final = re.compile(r"\.(?:odttf|fntdata|ttf)$", re.IGNORECASE)  # embedded fonts
_INNER: Final = re.compile(r"\.(docx|xlsx|pptx)$", re.IGNORECASE)
_TEXT_PARTS: Final = re.compile(
    r"^(?:word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml"
    r"|ppt/(?:slides|notesSlides|comments)/[^/]+\.xml|xl/(?:sharedStrings|comments\d*)\.xml)$"
)
_ACTIVE_LINKS: Final = (
    "oleObject",
    "control",
    "package",
    "subDocument",
    "frame",
    "vbaProject",
    "attachedToolbars",
)
_KINDS: Final = {"docx": DOCX, "pptx": PPTX, "xlsx": XLSX}

Inner = Callable[[bytes, str, Report], bytes]
"""Cleans sound and film: ``inner(data, name, report)``."""


@dataclass(slots=True)
class _Package:
    """One document on its way: its parts, and what was dropped."""

    parts: dict[str, bytes]
    report: Report
    inner: Inner
    budget: Budget
    depth: int
    people: People = field(default_factory=People)
    names: frozenset[str] = frozenset()
    dropped_ids: dict[str, frozenset[str]] = field(default_factory=dict)


def clean(
    data: bytes, kind: Kind, report: Report, *, inner: Inner, budget: Budget | None = None, depth: int = 0
) -> bytes:
    """Return the document without what tells about people.

    Args:
        data: A file of Word, PowerPoint or Excel.
        kind: Which of the three.
        report: What is taken out is noted here, and the text.
        inner: Cleans sound and film inside.
        budget: Bytes that may be unpacked; shared by nested documents.
        depth: How many documents this one is in.

    Raises:
        UploadRefusedError: One of its leaves, with a sentence.
        UploadDamagedError: It is damaged.
    """
    budget = budget or Budget()
    package = _Package(unpack(data, budget=budget), report, inner, budget, depth)
    _check_types(package.parts, kind)
    _drop(package)
    package.names = frozenset(name.casefold() for name in package.parts)
    for name in [name for name in package.parts if name.endswith(".rels")]:
        _clean_links(package, name)
    cleaned = {name: _clean_part(package, name, part) for name, part in package.parts.items()}
    for name, part in cleaned.items():
        if depth == 0 and _TEXT_PARTS.match(name):
            report.read(place_of(name), words_of(part))
    return pack(cleaned)


def place_of(name: str) -> str:
    """Return in words where the text of the part ``name`` stands: ``slide 4``."""
    found = re.search(r"/(slide|notesSlide|header|footer|comment)\D*?(\d+)?\.xml$", name)
    if found is None:
        return "footnotes" if "notes" in name else "document" if name.startswith("word/") else "cells"
    words = {"notesSlide": "notes of slide", "comment": "comments"}.get(found[1], found[1])
    return f"{words} {found[2]}" if found[2] else words


def _check_types(parts: dict[str, bytes], kind: Kind) -> None:
    """See that the package says it is of this kind, and holds nothing that runs."""
    found: list[str] = []

    def visit(_namespace: str, local: str, attributes: Attributes) -> None:
        if local in ("Override", "Default"):
            found.extend(value for _, name, value in attributes if name == "ContentType")

    if CONTENT_TYPES not in parts:
        raise UploadDamagedError("This is not a whole Office file. Save it again and upload that.")
    edit(parts[CONTENT_TYPES], visit)
    if any(_ACTIVE_TYPES.search(each) for each in found):
        raise _active()
    for name in parts:
        dropped = any(pattern.search(name) for pattern, _ in _DROPPED)
        if _ACTIVE_PARTS.search("/" + name) and not dropped:
            raise _active()
    if not any(each.startswith(kind.media_type + ".main") for each in found):
        raise UploadMismatchError(
            f"The name says that this is {kind.words}, but the content is something else."
        )


def _drop(package: _Package) -> None:
    for name in list(package.parts):
        source = _source_of(name) if name.endswith(".rels") else name
        for pattern, words in _DROPPED:
            if pattern.search(source):
                del package.parts[name]
                package.report.add(words)
                break


def _source_of(rels: str) -> str:
    """Return whose links stand in ``rels``: ``word/_rels/document.xml.rels`` → ``word/document.xml``."""
    folder, _, name = rels.rpartition("/")
    return posixpath.join(folder.removesuffix("_rels"), name.removesuffix(".rels"))


def _clean_links(package: _Package, name: str) -> None:
    """Take out links to parts that are gone and to files of a computer (ECMA-376 part 2, 8.5)."""
    source = _source_of(name)
    folder = posixpath.dirname(source)
    ids: set[str] = set()

    def visit(_namespace: str, local: str, attributes: Attributes) -> Change | None:
        if local != "Relationship":
            return None
        values = {attribute: value for _, attribute, value in attributes}
        target, kind = values.get("Target", ""), values.get("Type", "").rpartition("/")[2]
        if values.get("TargetMode") == "External":
            change = _external(kind, target)
        else:
            path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            change = (
                None
                if unquote(path).casefold() in package.names or target.startswith("#")
                else Change(drop=True)
            )
        if change is not None and change.drop:
            ids.add(values.get("Id", ""))
        elif change is not None:
            package.report.add(PATHS)
            index = [attribute for _, attribute, _ in attributes].index("Target")
            change = Change(attributes={index: change.attributes[0]})
        return change

    package.parts[name] = edit(package.parts[name], visit)
    package.dropped_ids[source] = frozenset(ids)


def _external(kind: str, target: str) -> Change | None:
    """Decide about a link that leads out of the document; index 0 stands for its target."""
    web = target.startswith(("https://", "http://", "mailto:", "#"))
    if kind in _ACTIVE_LINKS:
        raise UploadActiveError(
            "This file takes in parts of another file when it is opened. Insert them for good, "
            "and upload it again."
        )
    if kind == "hyperlink":
        return None if web else Change(attributes={0: "about:blank"})
    if kind in ("video", "audio", "media") and web:
        return None
    return Change(attributes={0: "removed"}) if kind.startswith("externalLink") else Change(drop=True)


def _clean_part(package: _Package, name: str, part: bytes) -> bytes:
    if name == CONTENT_TYPES:
        return edit(part, lambda _n, local, attributes: _gone(package, local, attributes))
    if name.endswith(".rels"):
        return part
    if name.lower().endswith((".xml", ".vml")):
        rules = office_marks.Rules(
            package.people,
            package.report,
            package.dropped_ids.get(name, frozenset()),
            notes="comments" in name,
        )
        return edit(part, rules.visit)
    if name.lower().endswith(".svg"):
        return office_marks.clean_svg(part)
    if _INERT.search(name):
        return part
    inner = _INNER.search(name)
    if inner is not None and package.depth < NESTED:
        kind = _KINDS[inner[1].lower()]
        return clean(
            part, kind, package.report, inner=package.inner, budget=package.budget, depth=package.depth + 1
        )
    if _MEDIA.search(name):
        picture = strip(part, package.report)
        return package.inner(part, name, package.report) if picture is None else picture
    ending = name.rpartition(".")[2][:10]
    raise UploadUncleanableError(
        f"Inside this file is a part of a kind that we cannot clean (“.{ending}”). Save the file as PDF, "
        "or replace that part by a PNG or JPEG picture.",
        got=ending,
    )


def _gone(package: _Package, local: str, attributes: Attributes) -> Change | None:
    """Take the declaration of a part out that is gone."""
    if local != "Override":
        return None
    part = next((value for _, name, value in attributes if name == "PartName"), "")
    return None if unquote(part).lstrip("/").casefold() in package.names else Change(drop=True)


def _active() -> UploadActiveError:
    return UploadActiveError(
        "This file holds macros, controls or embedded programs. Save it without them, as .docx, .pptx, "
        ".xlsx or PDF."
    )
