# SPDX-License-Identifier: Apache-2.0
"""Documents for print: the certificate of one credential, and the résumé of several.

Both are PDF/A-3a and PDF/UA-1, and carry the signed credentials as attachments, so that paper, link, code and
file all lead to the same answer. They say which state held at which moment, across their head when it is not
*valid*. What is printed comes from ``issuer.printed``: from signed data only, examined first. How it looks is
decided in ``templates/issuer``. No hours stand on them: who grants hours issues another credential.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from issuer import names, printed, publish
from issuer.errors import DocumentChoiceError
from issuer.mint import Mint
from issuer.printed import Printed
from service import qr, text, typeset

MEDIA_TYPE: Final = "application/pdf"
RESUME_ITEMS: Final = 50  # credentials in one résumé; each brings its signed file along
KEPT: Final = 64  # certificates that are kept in memory; each has about 100 KB
KEPT_FOR: Final = timedelta(hours=1)  # the moment on a certificate is no older

_MEDIA_TYPES: Final = {"json": "application/ld+json", "jwt": "application/vc+jwt"}
_NOT_CODE: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class _Draft:
    """A document before it is set."""

    template: str
    values: dict[str, Any]
    files: dict[str, bytes]

    def pdf(self, *, now: datetime) -> bytes:
        return typeset.typeset(self.template, self.values, now=now, files=self.files)


def certificate(mint: Mint, key: str, *, name: str | None, now: datetime) -> bytes:
    """Return the certificate of a credential as PDF, with the signed credential attached.

    Args:
        mint: The opened room.
        key: The credential's key.
        name: The earner's name; it is printed if the signature holds it. None says that no name is shown,
            unless it was signed in plain words.
        now: The moment whose state it shows.

    Raises:
        NoSuchCredentialError: None was signed under this key.
        NoSuchDocumentError: It is no badge.
        UnverifiedError: It does not verify at this moment, so nothing of it is printed.
        ExtraMissingError: The extra "pdf" is not installed here.
        TypesettingBusyError: Too many documents are being made.
        TypesettingError: The document could not be set.
    """
    typeset.require()
    return _certificate(printed.read(mint, key, name=name, now=now)).pdf(now=now)


def resume(mint: Mint, keys: Sequence[str], *, name: str | None, now: datetime) -> bytes:
    """Return a résumé of 1 to RESUME_ITEMS credentials as PDF, newest first, each attached and linked.

    Args:
        mint: The opened room.
        keys: Keys of credentials; one that is named twice counts once.
        name: Stands at its head. A credential whose signature does not hold it says so.
        now: The moment whose states it shows.

    Raises:
        DocumentChoiceError: There are none, or too many.
        The same as ``certificate``.
    """
    typeset.require()
    wanted = tuple(dict.fromkeys(keys))
    if not 1 <= len(wanted) <= RESUME_ITEMS:
        raise DocumentChoiceError(
            f"A résumé has 1 to {RESUME_ITEMS} credentials.", got=len(wanted), expected=RESUME_ITEMS
        )
    found = [printed.read(mint, key, name=name, now=now) for key in wanted]
    found.sort(key=lambda each: (-each.awarded_at.timestamp(), each.values["title"], each.link))
    return _resume(found, name=name, verifier=f"{urlsplit(mint.public_url).netloc}/verify", now=now).pdf(
        now=now
    )


class Shelf:
    """Certificates as the public is given them, made once for each content and kept for a while.

    The content is everything on the page but the moment: a changed state, name or signature makes another.
    """

    def __init__(self, mint: Mint) -> None:
        """Keep certificates of ``mint``."""
        self._mint = mint
        self._kept: OrderedDict[str, tuple[datetime, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def certificate(self, key: str, *, now: datetime) -> bytes:
        """Return the public certificate: with the name only if its earner shows it to everybody.

        Raises what ``certificate`` does.
        """
        typeset.require()
        name = names.shown(self._mint, publish.find(self._mint, key))
        draft = _certificate(printed.read(self._mint, key, name=name, now=now))
        digest = _digest(draft)
        with self._lock:
            made_at, pdf = self._kept.get(digest, (now - 2 * KEPT_FOR, b""))
        if not timedelta() <= now - made_at <= KEPT_FOR:
            pdf = draft.pdf(now=now)
            with self._lock:
                self._kept[digest] = (now, pdf)
                self._kept.move_to_end(digest)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return pdf


def _digest(draft: _Draft) -> str:
    values = {name: value for name, value in draft.values.items() if name != "checked"}
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
    for name in sorted(draft.files):
        digest.update(hashlib.sha256(draft.files[name]).digest())
    return digest.hexdigest()


def _certificate(found: Printed) -> _Draft:
    values, files = _laid_out(found, f"credential.{found.suffix}", "")
    return _Draft("issuer/certificate.typ", values, files)


def _resume(found: Sequence[Printed], *, name: str | None, verifier: str, now: datetime) -> _Draft:
    items: list[dict[str, Any]] = []
    files: dict[str, bytes] = {}
    for number, each in enumerate(found, start=1):
        code = _NOT_CODE.sub("-", each.values["code"].lower()).strip("-")[:40] or "credential"
        values, more = _laid_out(each, f"{number:02d}-{code}.{each.suffix}", f"-{number:02d}")
        is_of_another = name is not None and each.values["name"] != printed.cut(name, printed.NAME_CHARS)
        items.append({**values, "unnamed": "Signed without the name above." if is_of_another else ""})
        files.update(more)
    counted = text.count(len(items), "micro-credential")
    return _Draft(
        "issuer/resume.typ",
        {
            "name": printed.cut(name, printed.NAME_CHARS) if name else None,
            "language": "en",
            "checked": text.time(now),
            "summary": f"{counted}, as of {text.time(now)}",
            "credentials": items,
            "verifier": verifier,  # no link: whoever reads this file for its links looks for credentials
        },
        files,
    )


def _laid_out(found: Printed, file: str, mark: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the values with the names of the files, and the files; ``mark`` keeps their names apart."""
    badge, code = f"badge{mark}.svg", f"qr{mark}.svg"
    files = {file: found.raw, code: qr.svg(found.link)}
    if found.badge is not None:
        files[badge] = found.badge
    values = {
        **found.values,
        "file": file,
        "media_type": _MEDIA_TYPES[found.suffix],
        "qr_file": code,
        "badge": found.badge is not None,
        "badge_file": badge,
    }
    return values, files
