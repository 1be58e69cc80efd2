# SPDX-License-Identifier: Apache-2.0
"""What an officer brings: a file, a link, or a whole mail that an educator has forwarded.

A mail is opened for what is attached to it and for links that look like those of credentials; its words,
its sender and its subject prove nothing and are not read. Everything found goes to the verifier, and nothing
of it counts before. Mails are hostile input: size, parts, depth and links are bounded, file names are not
trusted, and a part that cannot be read never hides the others.
"""

from __future__ import annotations

import binascii
import email
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.policy import compat32
from typing import Final

from credentials.errors import HallmarkError, MalformedError
from recognition.errors import RecognitionFieldError
from verifier import unpack
from verifier.intake import Presented
from verifier.unpack import links

MAIL_BYTES: Final = 15_728_640  # bytes (15 MiB); an award mail has about 1, and grows by a third on its way
PARTS: Final = 60  # parts of one mail, however deep
BOUNDARIES: Final = 40  # multiparts that a mail may announce; deeper nesting is no mail of people
HEADER_BYTES: Final = 8_192  # bytes of one header about content; the library takes the square of its length
PARAMETERS: Final = 64  # of one such header; a long file name in pieces has 10
LINKS: Final = 12  # different links of a mail that are looked at
TEXT_CHARS: Final = 500_000  # characters of the words of a mail in which links are sought
PIECES: Final = 12  # things of one mail that are verified
NAME: Final = "mail"  # what a file of a mail is called here

_HEADER: Final = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,40}:[ \t]?\S")
_IS_MAIL: Final = re.compile(
    rb"^(?:From|Subject|MIME-Version|Message-ID|Received|Return-Path|Content-Type):", re.I | re.M
)
_CONTENT: Final = re.compile(rb"^content-[a-z-]{1,40}:[^\n]*(?:\n[ \t][^\n]*)*", re.I | re.M)
_HREF: Final = re.compile(r"""href\s*=\s*["']?(https?://[^\s"'<>]{1,2048})""", re.IGNORECASE)
_OUTLOOK: Final = b"\xd0\xcf\x11\xe0"  # a compound file, as Outlook saves mails (.msg)
_WORDS: Final = ("text/plain", "text/html")


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to be verified: exactly one of ``body``, ``url`` and ``trouble`` is set.

    Attributes:
        place: Where it was found, in words.
        body: A credential, or a picture with one inside.
        trouble: Why there is nothing to verify.
    """

    place: str
    body: bytes | None = None
    url: str = ""
    trouble: str = ""


def read(raw: bytes, *, name: str = "") -> tuple[Piece, ...]:
    """Return what was found in a file, a link, or a mail; at least one piece.

    Raises:
        HallmarkError: As ``verifier.unpack.unpack``, if it is no mail.
        RecognitionFieldError: It is a mail in which nothing was found, or one that is not opened.
    """
    if raw.startswith(_OUTLOOK):
        raise RecognitionFieldError(
            "This mail was saved in Outlook's own form. Save it as .eml, or bring the file that is attached.",
            path="file",
        )
    if not is_mail(raw):
        return tuple(_piece(each) for each in unpack.unpack(raw, name=name))[:PIECES]
    found = tuple(_distinct(_of_mail(raw)))[:PIECES]
    if not found:
        raise RecognitionFieldError(
            "No credential is attached to this mail, and there is no link to one. Ask for the award's link.",
            path="file",
        )
    return found


def _is_bomb(header: bytes) -> bool:
    return len(header) > HEADER_BYTES or header.count(b";") > PARAMETERS


def _with_line_feeds(raw: bytes) -> bytes:
    """Return a mail with the line ends that its reader sees: a lone carriage return is one, too."""
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def is_mail(raw: bytes) -> bool:
    """Tell whether ``raw`` begins like a mail: headers, one of them a mail's own."""
    start = raw[:16_384].lstrip()
    return _HEADER.match(start) is not None and _IS_MAIL.search(start.partition(b"\n\n")[0]) is not None


def _of_mail(raw: bytes) -> Iterator[Piece]:
    """Yield attachments first, then links: a file needs nobody to answer."""
    if len(raw) > MAIL_BYTES:
        raise RecognitionFieldError(
            f"This mail is {len(raw) // 1_048_576} MB; up to {MAIL_BYTES // 1_048_576} MB are opened. "
            "Bring the file that is attached, or the link.",
            path="file",
        )
    if raw.lower().count(b"boundary") > BOUNDARIES:
        raise RecognitionFieldError("This mail is nested too deeply to be opened.", path="file")
    if any(_is_bomb(header) for header in _CONTENT.findall(_with_line_feeds(raw))):
        raise RecognitionFieldError("A header of this mail is too long to be opened.", path="file")
    parts = _parts(raw)
    for number, part in enumerate(parts, start=1):
        if part.get_content_type() in _WORDS and part.get_content_disposition() != "attachment":
            continue
        body = _body(part)
        if body:
            yield from _attached(body, f"attachment {number}")
    found = links.distinct(
        ("link in the mail", each)
        for part in parts
        if part.get_content_type() in _WORDS
        for each in _links(part)
    )
    shaped = [each for each in found.values() if links.is_shaped(each[1])]
    for place, url in shaped[:LINKS]:
        yield Piece(place, url=url)


def _parts(raw: bytes) -> tuple[Message, ...]:
    """Return the parts of a mail that hold something themselves."""
    try:
        parsed = email.message_from_bytes(raw, policy=compat32)
        leaves = []
        for part in parsed.walk():
            if not part.is_multipart():
                leaves.append(part)
            if len(leaves) >= PARTS:
                break
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise RecognitionFieldError(
            "This mail cannot be read. Bring the file that is attached, or the link.", path="file"
        ) from error
    return tuple(leaves)


def _body(part: Message) -> bytes:
    """Return the content of a part, or nothing if its encoding is broken."""
    try:
        found = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AttributeError, binascii.Error):
        return b""
    return found if isinstance(found, bytes) else b""


def _attached(body: bytes, place: str) -> Iterator[Piece]:
    """Yield what an attachment holds; most attachments hold nothing, and that is no trouble."""
    try:
        claims = unpack.unpack(body, name=NAME)
    except MalformedError:
        return
    except HallmarkError as error:
        yield Piece(place, trouble=error.message)
        return
    for claim in claims:
        found = _piece(claim)
        if not found.trouble and not claim.among:
            yield Piece(f"{place}, {found.place}" if found.place else place, found.body, found.url)


def _links(part: Message) -> Iterator[str]:
    text = _body(part)[: 4 * TEXT_CHARS].decode("utf-8", errors="replace")[:TEXT_CHARS]
    if part.get_content_type() == "text/html":
        for match in _HREF.finditer(text):
            yield html.unescape(match[1])
        return
    for link, _ in links.in_text(text):
        yield link


def _piece(claim: unpack.Claim) -> Piece:
    if claim.presented is not None:
        return Piece(claim.place or claim.name, body=_credential(claim.presented))
    if claim.url is not None:
        return Piece(claim.place or "the link", url=claim.url)
    return Piece(claim.place, trouble=claim.trouble.message if claim.trouble is not None else "")


def _credential(presented: Presented) -> bytes:
    """Return the credential itself, without the picture around it."""
    if presented.jwt is not None or not presented.picture:
        return presented.raw
    return presented.document.raw


def _distinct(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Yield each credential and each link once."""
    seen: set[bytes | str] = set()
    for each in pieces:
        key = each.body if each.body is not None else links.key(each.url) if each.url else each.trouble
        if key not in seen:
            seen.add(key)
            yield each
