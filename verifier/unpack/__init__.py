# SPDX-License-Identifier: Apache-2.0
"""Unpacking: whatever a person brings becomes claims, each one credential or a link to one.

``intake`` reads one credential in one container. In front of it stands what people really have: a
résumé with links, a certificate with the credential attached, a folder in an archive, a photo of a QR code.
Only what a person brings comes through here; documents of issuers never do.

PDFs, archives and photos are opened in a process of its own (``service.cell``, ``verifier.unpack.__main__``):
``pdf``, ``archive`` and ``photo`` load the libraries and are not imported here. ``links`` knows which links
are the same, ``found`` has all limits.

Example::

    for claim in unpack(raw, name="resume.pdf"):
        desk.look_at(claim, now=now)      # "attachment credential.json", "link on page 2", …
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from credentials.errors import HallmarkError
from service.cell import PLACE_SECONDS, Cell, RefusedInside
from service.errors import CellBrokenError, CellBusyError, CellLimitError
from verifier import errors
from verifier.errors import (
    EmptyError,
    NotACredentialError,
    NothingInsideError,
    PictureOnlyError,
    TooMuchInsideError,
    UnpackingBrokenError,
    UnpackingBusyError,
    UnsupportedContainerError,
    WebPageError,
)
from verifier.unpack import links
from verifier.unpack.found import (
    NO_HEIC,
    NO_SCANNER,
    PDF_BYTES,
    PHOTO_BYTES,
    ZIP_BYTES,
    Found,
    Kind,
    Part,
    shown,
    sniff,
    streamed,
    unpacked,
)

if TYPE_CHECKING:
    from verifier.intake import Presented

__all__ = ["PDF_BYTES", "ZIP_BYTES", "Claim", "Member", "is_archive", "split", "unpack"]

_cell: Final = Cell("verifier.unpack")
_LARGEST: Final = {
    Kind.PDF: PDF_BYTES,
    Kind.ZIP: ZIP_BYTES,
    Kind.MEMBERS: ZIP_BYTES,
    Kind.PHOTO: PHOTO_BYTES,
}
_ERRORS: Final = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, NotACredentialError)
}
# What is attached beside credentials and is none: records, pictures, pages.
_BESIDE: Final = (NotACredentialError, PictureOnlyError, UnsupportedContainerError, EmptyError, WebPageError)


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that says to be a credential, or to lead to one. Exactly one of the three is set.

    Attributes:
        place: Where it was found, in words: "attachment credential.json", "link on page 2", "a/badge.png in
            the archive", "QR code in the photo"; "" for the thing itself.
        presented: The credential itself.
        url: Where it stands.
        trouble: Why there is neither; its sentence is fit to be shown.
        name: What was brought, as a label: the name of the file, cleaned and cut.
        among: Whether it is one of many links in a document: such a link is often none to a credential,
            does not look like one either, and nobody said that it is.
    """

    place: str
    presented: Presented | None
    url: str | None
    trouble: HallmarkError | None
    name: str
    among: bool = False


def unpack(
    raw: bytes, *, name: str = "", media_type: str | None = None, place_seconds: float = PLACE_SECONDS
) -> tuple[Claim, ...]:
    """Return every claim in what somebody has brought, at least one.

    Args:
        raw: JSON, a JWT, a baked picture, a link, a PDF, a ZIP archive, a photo.
        name: The name of the file; only a label.
        media_type: What somebody says it is; only looked at when it is nothing we know.
        place_seconds: How long to wait for a turn; a page waits shortly, a batch patiently.

    Raises:
        NotACredentialError: One of its leaves says what it is instead, or why it cannot be opened.
        DocumentError, JWTFormError, BakingError: As ``intake.read``, for a single credential.
        UnpackingBusyError: Others are being opened; it did not get its turn in time.
        UnpackingBrokenError: Our side could not do the work.
    """
    label, kind = shown(name), sniff(raw)
    if kind is Kind.LINK:
        address = links.meant(raw.decode("utf-8", errors="replace"))
        if address is not None:
            return (Claim("", None, address, None, label),)
    if kind is Kind.HEIC:
        raise UnsupportedContainerError(NO_HEIC)
    if kind is Kind.PNG:
        try:
            return (Claim("", _read(raw, media_type=media_type), None, None, label),)
        except PictureOnlyError:
            kind = Kind.PHOTO
    if kind in _LARGEST:
        claims = tuple(_claims(_opened(raw, kind, place_seconds), label))
        if len(claims) == 1 and claims[0].trouble is not None:
            raise claims[0].trouble
        return claims
    return (Claim("", _read(raw, media_type=media_type), None, None, label),)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive, as it is: exactly one of ``content`` and ``trouble`` is set."""

    place: str
    content: bytes | None
    trouble: HallmarkError | None


def is_archive(raw: bytes) -> bool:
    """Tell whether ``raw`` begins like a ZIP archive."""
    return sniff(raw) is Kind.ZIP


def split(raw: bytes, *, place_seconds: float = PLACE_SECONDS) -> Iterator[Member]:
    """Yield the files of an archive unopened, one at a time: where there are many, each is opened by itself.

    The place of the process is held until the last one was taken.

    Raises:
        NotACredentialError, UnpackingBusyError, UnpackingBrokenError: As ``unpack``.
    """
    _check_size(raw, Kind.MEMBERS)
    with (
        _explained(),
        _cell.answering(str(Kind.MEMBERS), raw, place_seconds=place_seconds) as (members, stream),
    ):
        for found in streamed(members, stream):
            error = _error(found.code or "", found.message) if found.content is None else None
            yield Member(found.place, found.content, error)


def _read(raw: bytes, *, media_type: str | None = None) -> Presented:
    from verifier.intake import read  # noqa: PLC0415  a quarter of a second, which the process does without

    return read(raw, media_type=media_type)


def _opened(raw: bytes, kind: Kind, place_seconds: float) -> list[Part]:
    """Have the process open it."""
    _check_size(raw, kind)
    if kind is Kind.PHOTO and importlib.util.find_spec("zxingcpp") is None:
        raise PictureOnlyError(NO_SCANNER)
    with _explained():
        members, data = _cell.ask(str(kind), raw, place_seconds=place_seconds)
    return unpacked(members, data)


def _check_size(raw: bytes, kind: Kind) -> None:
    largest = _LARGEST[kind]
    if len(raw) > largest:
        raise TooMuchInsideError(
            f"This file is {len(raw) / 1_048_576:.0f} MB; up to {largest // 1_048_576} MB are opened.",
            got=len(raw),
            expected=largest,
        )


@contextmanager
def _explained() -> Iterator[None]:
    """Make errors of the process ours."""
    try:
        yield
    except RefusedInside as refusal:
        raise _error(refusal.error_code, refusal.message) from refusal
    except CellLimitError as error:
        raise TooMuchInsideError(
            "There is too much in this file to look into it. Bring the credential itself, or less at once."
        ) from error
    except CellBusyError as error:
        raise UnpackingBusyError(
            "Many files are being opened at the moment. Try again in a minute, or bring the link instead."
        ) from error
    except CellBrokenError as error:
        raise UnpackingBrokenError("Files cannot be opened at the moment. Bring the link instead.") from error


def _claims(parts: list[Part], label: str) -> Iterator[Claim]:
    """Yield the claims of all parts; a link counts once, and not beside the credential that stands there.

    What else a credential names (evidence, criteria, its issuer) is a claim of its own when it is linked: the
    words of one thing never make another disappear.
    """
    read_parts = [[(found, _claim(found, label)) for found in part.found] for part in parts]
    known = {
        key
        for part in read_parts
        for _, claim in part
        if claim.presented is not None
        for key in _addresses(claim.presented)
    }
    for part, claims in zip(parts, read_parts, strict=True):
        kept, linked = [], False
        for found, claim in claims:
            if claim.url is not None:
                linked = True
                if links.key(claim.url) in known:
                    continue
                known.add(links.key(claim.url))
                is_note = found.place.startswith("link on page ") and found.place != part.place
                claim = replace(claim, among=is_note and not links.is_shaped(claim.url))  # noqa: PLW2901
            if found.essential or type(claim.trouble) not in _BESIDE:
                kept.append(claim)
        yield from kept if len(kept) > 1 else (replace(claim, among=False) for claim in kept)
        if not kept and not linked:
            words = (
                "files attached, but none is a credential, and it has" if claims else "no file attached and"
            )
            error = NothingInsideError(
                f"This PDF has {words} no link to one. Ask for the link, or the file of the credential."
            )
            yield Claim(part.place, None, None, error, label)


def _claim(found: Found, label: str) -> Claim:
    """Return what the process has found as a claim; a credential is read here."""
    if found.url is not None:
        return Claim(found.place, None, found.url, None, label)
    if found.content is None:
        return Claim(found.place, None, None, _error(found.code or "", found.message), label)
    try:
        return Claim(found.place, _read(found.content), None, None, label)
    except HallmarkError as error:
        return Claim(found.place, None, None, error, label)


def _error(code: str, message: str) -> NotACredentialError:
    return _ERRORS.get(code, NotACredentialError)(message)


def _addresses(presented: Presented) -> frozenset[str]:
    """Return the keys of the links to this credential itself, and to the status lists that it names.

    A list is none of the claims, and whoever names something else as one has no valid credential.
    """
    members = presented.document.members
    id_, issuer, status = (members.get(name) for name in ("id", "issuer", "credentialStatus"))
    issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
    itself = links.keys_of(id_, issuer) if isinstance(id_, str) and isinstance(issuer, str) else frozenset()
    entries = status if isinstance(status, list) else [status]
    named = (entry.get("statusListCredential") for entry in entries if isinstance(entry, dict))
    return itself | {links.key(each) for each in named if isinstance(each, str)}
