# SPDX-License-Identifier: Apache-2.0
"""Intake: bytes or an address become ``Presented``, one credential in one container.

Open Badges 3.0, "Document formats" (https://www.imsglobal.org/spec/ob/v3p0/#docformat). What a thing is, its
first bytes decide, not its name. A limit or rule broken here is a problem with the request, because no
credential has been recognised yet; once one is, everything further is a matter of the report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from credentials.baking import png, svg
from credentials.document import DOCUMENT_BYTES, Document, Json, parse
from credentials.errors import DocumentTooLargeError, NoCredentialError, OpenBadges2Error
from credentials.proofs.vc_jwt import ParsedJwt, parse_jwt
from verifier.errors import (
    EmptyError,
    NotACredentialError,
    NothingThereError,
    OldBadgeError,
    PictureOnlyError,
    PresentationError,
    SourceError,
    UnresolvableError,
    UnsupportedContainerError,
    WebPageError,
)
from verifier.ports import ACCEPT_CREDENTIAL, Fetch

PNG_BYTES = 10_485_760  # bytes; the pictures of badges that people keep
SVG_BYTES = 2_097_152  # bytes
URL_CHARS = 2_048  # characters, as for any IRI
SNIFFED_BYTES = 1_024  # bytes from the start, in which a web page says that it is one

DECISION_FORMAT = "recognition-decision/1"  # as ``decision_format`` reads it
_WHITE = b" \t\r\n"
_PNG = b"\x89PNG\r\n\x1a\n"
_NO_SCHEME = re.compile(
    r"(?:(?P<here>localhost|127\.0\.0\.1)|(?:[a-z0-9][a-z0-9-]{0,62}\.){1,8}[a-z][a-z0-9-]{1,62})"
    r"(?::[0-9]{1,5})?/\S+",
    re.IGNORECASE,
)
_MARKUP = re.compile(rb"<(?P<name>[A-Za-z_!?][A-Za-z0-9_:.-]*)")
_JWT = re.compile(
    rb"ey[A-Za-z0-9_-]*(?:\.|\Z)"
)  # {" in base64url; a header may be longer than what is sniffed
_OTHER_PICTURES = (
    b"\xff\xd8\xff",
    b"GIF8",
    b"RIFF",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"\0\0\0\x1cftyp",
    b"\0\0\0 ftyp",
)
_OTHER_FILES = {b"%PDF-": "a PDF", b"PK\x03\x04": "a ZIP archive or office document"}


_CREDENTIALS = frozenset(
    {"VerifiableCredential", "OpenBadgeCredential", "AchievementCredential", "EndorsementCredential"}
)
_ENVELOPES = frozenset(
    {"VerifiablePresentation", "EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation"}
)
_VCDM = frozenset({"https://www.w3.org/ns/credentials/v2", "https://www.w3.org/2018/credentials/v1"})


class Container(StrEnum):
    """In what a credential came."""

    JSON = "json"
    JWT = "jwt"
    PNG = "png"
    SVG = "svg"


@dataclass(frozen=True, slots=True)
class Presented:
    """What was brought: one credential, as it came.

    Attributes:
        container: In what it came.
        document: The credential; for a JWT its payload, claims included.
        jwt: The JWT around it, if it is one.
        raw: All bytes as they came, the picture included.
    """

    container: Container
    document: Document
    jwt: ParsedJwt | None
    raw: bytes

    @property
    def picture(self) -> bool:
        """Whether it came in a picture, of which nothing but the credential inside is signed."""
        return self.container in (Container.PNG, Container.SVG)


def read(raw: bytes, *, media_type: str | None = None, max_bytes: int = DOCUMENT_BYTES) -> Presented:
    """Recognise what ``raw`` is, and take the credential out of it.

    Args:
        raw: The bytes.
        media_type: What somebody says they are; only looked at when they are nothing we know.
        max_bytes: Limit for JSON; a status list may be larger than a badge.

    Raises:
        NotACredentialError: One of its leaves says what it is instead.
        DocumentError: The JSON breaks a limit or rule.
        JWTFormError: It looks like a JWT and is none.
        BakingError: The picture does not carry exactly one credential.
    """
    start = raw[: 4 * SNIFFED_BYTES].lstrip(_WHITE)[:SNIFFED_BYTES]
    if raw.startswith(_PNG):
        return _read_baked(raw, Container.PNG, png.unbake, max_bytes=PNG_BYTES)
    if start.startswith((b"{", b"[")) or _is_utf8_bom(start):
        return _read_json(raw, max_bytes=max_bytes)
    if _JWT.match(start):
        return _read_jwt(raw)
    if not raw.strip(_WHITE):
        raise EmptyError("Nothing was sent: paste a link or a credential, or choose a file.")
    if start.startswith(b"<"):
        if _is_web_page(start):
            raise WebPageError(
                "This is a web page and not a credential. Look for a link like “JSON” or “download” on it."
            )
        return _read_baked(raw, Container.SVG, svg.unbake, max_bytes=SVG_BYTES)
    if start.startswith(_OTHER_PICTURES):
        raise PictureOnlyError(
            "This is a picture without a credential inside. Ask for the link or the original file."
        )
    for magic, name in _OTHER_FILES.items():
        if start.startswith(magic):
            raise UnsupportedContainerError(
                f"This is {name} and not one credential. Save it and bring it as a file: then it is opened."
            )
    if media_type is not None and (media_type.endswith("json") or media_type == "application/vc"):
        return _read_json(raw, max_bytes=max_bytes)
    raise UnsupportedContainerError(
        "This is neither a JSON credential, nor a JWT, nor a PNG or SVG picture.", got=media_type
    )


def read_url(url: str, *, fetch: Fetch) -> Presented:
    """Read the credential that stands at an address; the answer decides what it is.

    Raises:
        SourceError: Not an http or https address.
        NothingThereError: The host says that nothing is there.
        UnknownError: It could not be asked.
        MalformedError: As ``read``.
    """
    address = check_url(url)
    answer = fetch(address, max_bytes=PNG_BYTES, accept=ACCEPT_CREDENTIAL)
    if answer.status in (404, 410):
        raise NothingThereError(
            "There is nothing at this address. Ask for the link again.", got=address[:200]
        )
    if answer.status != 200:
        raise UnresolvableError(f"The host answered with the status {answer.status}.", got=address[:200])
    return read(answer.body, media_type=answer.media_type)


def check_url(text: str) -> str:
    """Return the address in ``text`` without fragment and surrounding white space.

    Raises:
        SourceError: Not an http or https address of at most ``URL_CHARS`` characters.
    """
    url = text.strip().partition("#")[0]
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or len(url) > URL_CHARS or not _is_plain(url):
        raise SourceError("This is not a web address like https://…", got=url[:200])
    if parts.username is not None or parts.password is not None:
        raise SourceError("An address with a user name in it is not opened.")
    return url


def looks_like_url(text: str) -> bool:
    """Tell whether somebody typed an address rather than a credential."""
    return text.lstrip()[:8].lower().startswith(("http://", "https://"))


def as_link(text: str) -> str | None:
    """Return the address that somebody typed or copied, or None for anything else.

    Browsers and mails hide ``https://``, so a host with a path behind it is one too; on this machine itself,
    where a demonstration runs, it is ``http://``. A bare word with dots may be the name of a file.
    """
    typed = text.strip()
    if len(typed.split()) != 1:
        return None
    if looks_like_url(typed):
        return typed
    found = _NO_SCHEME.fullmatch(typed) if len(typed) <= URL_CHARS else None
    if found is None:
        return None
    return f"{'http' if found['here'] else 'https'}://{typed}"


def _read_json(raw: bytes, *, max_bytes: int = DOCUMENT_BYTES) -> Presented:
    document = parse(raw, max_bytes=max_bytes)
    _recognise(document.members)
    return Presented(Container.JSON, document, None, raw)


def _read_jwt(raw: bytes) -> Presented:
    """Read a compact JWS; white space around it is of the paste, white space inside makes it no JWS."""
    if len(raw) > DOCUMENT_BYTES:
        raise DocumentTooLargeError(f"The JWT is larger than {DOCUMENT_BYTES:,} bytes.", got=len(raw))
    # Whatever is not ASCII is not base64url either, and the strict parser says so.
    jwt = parse_jwt(raw.strip(_WHITE).decode("ascii", errors="replace"))
    members = jwt.payload.members
    inner = members.get("vc")
    _recognise(inner if isinstance(inner, dict) and "credentialSubject" not in members else members)
    return Presented(Container.JWT, jwt.payload, jwt, raw)


def _read_baked(
    raw: bytes, container: Container, unbake: Callable[[bytes], str], *, max_bytes: int
) -> Presented:
    if len(raw) > max_bytes:
        raise DocumentTooLargeError(f"The picture is larger than {max_bytes:,} bytes.", got=len(raw))
    try:
        text = unbake(raw).encode("utf-8")
    except OpenBadges2Error as error:
        raise OldBadgeError(
            "This picture carries a badge of Open Badges 2, which is checked at its issuer's own site."
        ) from error
    except NoCredentialError as error:
        raise PictureOnlyError(
            "This is a picture without a credential inside. Ask for the link or the original file."
        ) from error
    inside = _read_jwt(text) if _JWT.match(text.lstrip(_WHITE)) else _read_json(text)
    return Presented(container, inside.document, inside.jwt, raw)


def _recognise(members: Mapping[str, Json]) -> None:
    """Refuse what is no credential at all, and say what it is instead, if we know.

    Whatever claims to be a verifiable credential in any way is one for us; what it lacks, the report says.
    """
    kinds = set(_texts(members.get("type"))) | set(_texts(members.get("@type")))
    contexts = _texts(members.get("@context"))
    if any("openbadges/v" in context or "openbadges/1" in context for context in contexts) or (
        "Assertion" in kinds and "credentialSubject" not in members
    ):
        raise OldBadgeError(
            "This is a badge of Open Badges 2 or older, which is checked at its issuer's own site."
        )
    if kinds & _ENVELOPES or "vp" in members or "verifiableCredential" in members:
        raise PresentationError(
            "This is an envelope around credentials. Take one credential out of it and bring that."
        )
    if "credentialSubject" in members or kinds & _CREDENTIALS or any(c in _VCDM for c in contexts):
        return
    if members.get("format") == DECISION_FORMAT:
        raise NotACredentialError(
            "This is a recognizer’s decision, which nobody has signed by itself. The recognitions that rest "
            "on it are signed: bring the link of one of those, or that of the micro-credential."
        )
    raise NotACredentialError("This is data, but no credential: it says of nobody what they have achieved.")


def _texts(value: Json | None) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items if isinstance(item, str))


def _is_web_page(start: bytes) -> bool:
    lower = start.lower()
    return b"<html" in lower or b"<!doctype html" in lower or b"<head" in lower


def _is_utf8_bom(start: bytes) -> bool:
    return start.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{"))


def _is_plain(url: str) -> bool:
    return all(" " < char != "\x7f" for char in url)
