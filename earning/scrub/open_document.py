# SPDX-License-Identifier: Apache-2.0
"""Clean OpenDocument texts, presentations and spreadsheets (ODF 1.3).

``meta.xml`` becomes an empty one; preview, settings of the program, signatures and stand-in pictures go, and
their lines in the manifest with them. Named people become "Person 1" as in ``earning.scrub.office``. Macros,
scripts and programs inside are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from earning.errors import (
    UploadActiveError,
    UploadDamagedError,
    UploadEncryptedError,
    UploadMismatchError,
    UploadUncleanableError,
)
from earning.scrub.archive import Budget, pack, unpack
from earning.scrub.markup import Attributes, Change, edit, words_of
from earning.scrub.office import Inner
from earning.scrub.people import People
from earning.scrub.scrubbed import AUTHOR, COMMENTS, PATHS, PREVIEW, PROPERTIES, SIGNATURES, Report
from earning.scrub.segments import strip
from service.file_types import Kind

MANIFEST: Final = "META-INF/manifest.xml"
_EMPTY_META: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    b' office:version="1.3">'
    b"<office:meta/></office:document-meta>"
)
_DROPPED: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (r"(?:^|/)thumbnails/", PREVIEW),
        (r"^objectreplacements/", PREVIEW),
        (r"^configurations2/|^layout-cache$|^versionlist\.xml$|^versions/", PROPERTIES),
        (r"^meta-inf/.*signatures.*\.xml$", SIGNATURES),
        (r"(?:^|/)manifest\.rdf$|(?:^|/)settings\.xml$", PROPERTIES),
    )
)
_ACTIVE: Final = re.compile(r"^(?:basic|scripts|dialogs)/|\.(?:bin|class|jar|py|js|exe|dll)$", re.IGNORECASE)
_MEDIA: Final = re.compile(
    r"^(?:Pictures|Media)/|\.(?:jpe?g|png|gif|webp|emf|wmf|mp[34]|m4a|m4v|mov|wav)$", re.I
)
_INERT: Final = re.compile(r"^Fonts/.*\.(?:ttf|otf)$", re.IGNORECASE)
_NAME_FIELDS: Final = frozenset(
    ("author-name", "author-initials", "initial-creator", "file-name", "template-name")
)


def clean(data: bytes, kind: Kind, report: Report, *, inner: Inner) -> bytes:
    """Return the document without what tells about people.

    Args:
        data: An OpenDocument file.
        kind: Which kind of document.
        report: What is taken out is noted here, and the text.
        inner: Cleans sound and film inside.

    Raises:
        UploadRefusedError: One of its leaves, with a sentence.
        UploadDamagedError: It is damaged.
    """
    parts = unpack(data, budget=Budget())
    _check(parts, kind)
    people = People()
    for name in list(parts):
        for pattern, words in _DROPPED:
            if pattern.search(name):
                del parts[name]
                report.add(words)
                break
    cleaned = {name: _clean_part(name, part, parts, people, report, inner) for name, part in parts.items()}
    if "content.xml" in cleaned:
        report.read("document", words_of(cleaned["content.xml"]))
    return pack(cleaned)


def _check(parts: dict[str, bytes], kind: Kind) -> None:
    if MANIFEST not in parts or "content.xml" not in parts:
        raise UploadDamagedError("This is not a whole OpenDocument file. Save it again and upload that.")
    if parts.get("mimetype", b"").strip() != kind.media_type.encode():
        raise UploadMismatchError(
            f"The name says that this is {kind.words}, but the content is something else."
        )
    if b"encryption-data" in parts[MANIFEST]:
        raise UploadEncryptedError(
            "This file is locked with a password. Remove the password and upload it again."
        )
    if any(_ACTIVE.search(name) for name in parts):
        raise _active()


def _clean_part(  # noqa: PLR0917  private, and called at one place
    name: str, part: bytes, parts: dict[str, bytes], people: People, report: Report, inner: Inner
) -> bytes:
    if name == "mimetype" or _INERT.search(name):
        return part
    if name == "meta.xml" or name.endswith("/meta.xml"):
        report.add(AUTHOR, PROPERTIES)
        return _EMPTY_META
    if name == MANIFEST:
        return edit(part, lambda _n, local, attributes: _gone(parts, local, attributes))
    if name.endswith(".xml"):
        return edit(part, _rules(people, report))
    if _MEDIA.search(name):
        picture = strip(part, report)
        return inner(part, name, report) if picture is None else picture
    ending = name.rpartition("/")[2].rpartition(".")[2][:10]
    raise UploadUncleanableError(
        f"Inside this file is a part that we cannot clean (“{ending}”). Save it as PDF and upload that.",
        got=ending,
    )


def _rules(people: People, report: Report) -> Callable[[str, str, Attributes], Change | None]:
    def named(name: str) -> str:
        report.add(COMMENTS)
        return people.alias(name)

    def blank(_text: str) -> str:
        report.add(AUTHOR)
        return ""

    def visit(namespace: str, local: str, attributes: Attributes) -> Change | None:
        if local in ("event-listener", "script", "macro") and "script" in namespace:
            raise _active()
        if local in ("dde-source", "applet", "plugin", "object-ole"):
            raise _active()
        if local == "creator":
            return Change(text=named)
        if local in ("creator-initials", "sender-initials"):
            return Change(text=lambda _text: "P")
        if local in _NAME_FIELDS or local.startswith("sender-"):
            return Change(text=blank)
        changes: dict[int, str | None] = {}
        for index, (owner, name, value) in enumerate(attributes):
            if name.endswith("rsid"):
                changes[index] = None
            elif name == "href" and not _may_stay(local, value):
                if value.lower().startswith(("vnd.sun.star.script:", "javascript:", "macro:")):
                    raise _active()
                changes[index] = "#"
                report.add(PATHS)
            elif name in ("author", "initials", "user-name") or (
                name == "name" and "change" in local and owner
            ):
                changes[index] = people.alias(value)
                report.add(COMMENTS)
        return Change(attributes=changes) if changes else None

    return visit


def _may_stay(local: str, target: str) -> bool:
    """Tell whether a link leads into the document, or is one that a person follows by a click."""
    if re.match(r"https?:|mailto:", target, re.IGNORECASE):
        return local == "a"
    return re.match(r"[a-z][a-z0-9+.-]*:|/|\\|\.\./", target, re.IGNORECASE) is None


def _gone(parts: dict[str, bytes], local: str, attributes: Attributes) -> Change | None:
    if local != "file-entry":
        return None
    path = next((value for _, name, value in attributes if name == "full-path"), "")
    kept = path == "/" or path in parts or any(name.startswith(path) for name in parts if path.endswith("/"))
    return None if kept else Change(drop=True)


def _active() -> UploadActiveError:
    return UploadActiveError(
        "This file holds macros, scripts or embedded programs. Save it without them, or as PDF."
    )
