# SPDX-License-Identifier: Apache-2.0
"""Everything that strangers may read from us, byte for byte, by path and by name.

A credential is served as the bytes that were stored; its pictures carry exactly these bytes. What was
withdrawn or has ended is served like everything else: its state stands in the status list. Nothing here
decides how it is sent (``web``), and everything here can be written into a folder (``export``), with a
``map.json`` from names to files, so that anybody can verify without us.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

from credentials.baking import svg
from credentials.document import Json, parse, write
from credentials.proofs.vc_jwt import credential_members, parse_jwt
from credentials.summary import Summary, summarize
from issuer import achievements, blanks, profiles, status_publisher
from issuer.achievement import OB_CONTEXT, Achievement, StoredDocument
from issuer.errors import (
    FormToComeError,
    NoSuchAchievementError,
    NoSuchCredentialError,
    NoSuchDocumentError,
    NoSuchIssuerError,
)
from issuer.issuance import AWARD, credential_url
from issuer.mint import Mint
from issuer.store import credentials as rows
from issuer.store import reissues
from issuer.store import status as status_rows
from issuer.store.credentials import StoredCredential
from issuer.store.status import Served
from keys import publish as keys_publish
from keys.publish import Published
from service import qr

JSON_TYPE: Final = "application/vc+ld+json"
JWT_TYPE: Final = "application/vc+jwt"
LD_TYPE: Final = "application/ld+json"
FOR_EVER: Final = 86_400  # seconds, of bytes that never change; a day, so that a mistake of ours ends
SHORT: Final = 60  # seconds, of what may change
FRESH: Final = "must-revalidate"  # for copies of what must not be shown when it is old
FIXED: Final = "immutable"  # for copies of what will never be anything else

_CREDENTIAL = re.compile(r"/credentials/([0-9a-f-]{36})(|\.json|\.jwt|\.png|\.svg|/qr\.svg|/qr\.png)")
_STATUS = re.compile(r"/status/([0-9a-f]{32})(|\.json|\.jwt)")
_ISSUER = re.compile(r"/issuers/([a-z0-9-]{1,40})(|\.json|/image\.png)")
_ACHIEVEMENT = re.compile(r"/achievements/([A-Z0-9]{1,16}-v[0-9.]{1,14})(|\.json|/criteria)")

_NOTHING_THERE: Final = (
    NoSuchAchievementError,
    NoSuchCredentialError,
    NoSuchDocumentError,
    NoSuchIssuerError,
)

MAP_FILE: Final = "map.json"


class _Read(Protocol):
    def __call__(self, mint: Mint, list_id: str, /, *, now: datetime) -> Served: ...


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote."""

    files: int
    names: int


def find(mint: Mint, key: str) -> StoredCredential:
    """Return the signed credential with this key, whatever its state.

    Raises:
        NoSuchCredentialError: None was signed under it.
    """
    link = credential_url(mint, key)
    with mint.db.reading() as session:
        # By its id first: a document that was given to be signed may have an id under our address.
        found = rows.find(session, link)
    if found is None or not found.is_signed:
        raise NoSuchCredentialError("There is no such credential here.", got=key[:64])
    return found


def issues(mint: Mint, key: str) -> tuple[str, ...]:
    """Return the keys of every issue of the same award, the newest first."""
    with mint.db.reading() as session:
        return reissues.all_of(session, key)


def said(found: StoredCredential) -> Summary:
    """Return what the signed bytes say, for people. Nothing is verified."""
    if found.signed_json is not None:
        return summarize(parse(found.signed_json).members)
    return summarize(credential_members(parse_jwt((found.signed_jwt or b"").decode("ascii"))))


def current(mint: Mint, key: str) -> str:
    """Return the key of the newest issue of the same award: ``key`` itself, unless another took its place.

    Whoever keeps the key of an award asks here before showing it to somebody.
    """
    with mint.db.reading() as session:
        return reissues.current(session, key)


def achievement_key(mint: Mint, found: StoredCredential) -> str | None:
    """Return the key of what was awarded, or None for a document that was given to be signed."""
    with mint.db.reading() as session:
        made = rows.award(session, found.key)
    return None if made is None else made.request.achievement


def picture(mint: Mint, found: StoredCredential, *, form: str) -> bytes:
    """Return the badge image with the credential in it; ``form`` is ``png`` or ``svg``.

    Raises:
        NoSuchDocumentError: It is a given document, of which we have no image.
    """
    awarded = achievement_key(mint, found)
    if awarded is None or found.signed_json is None:
        raise NoSuchDocumentError("There is no badge image of this document.", got=found.key)
    text = found.signed_json.decode("utf-8")
    if form == "png":
        blank = blanks.of_awarded(mint, awarded)
        if blank is not None:
            return blank.bake(text)
    else:
        image = achievements.document(mint, f"/achievements/{awarded}/image.svg")
        if image is not None:
            return svg.bake(image.body, text)
    raise NoSuchDocumentError("There is no badge image of this document.", got=found.key)


def require_token(found: StoredCredential) -> None:
    """Refuse the VC-JWT of an award of which it is not made yet: of many, this form is made afterwards.

    Raises:
        FormToComeError: So it is.
    """
    if found.signed_jwt is None and found.kind == AWARD:
        raise FormToComeError("The VC-JWT of this credential is being made. Ask again in half a minute.")


def achievement_json(found: Achievement) -> bytes:
    """Return the achievement as JSON-LD: the members that every credential of it carries."""
    return write({"@context": [OB_CONTEXT], **found.members})


def issuer_json(mint: Mint, slug: str) -> bytes:
    """Return the issuer's profile as JSON-LD."""
    members: dict[str, Json] = {"@context": [OB_CONTEXT]}
    return write({**members, **profiles.get(mint, slug).members(public_url=mint.public_url)})


def published(mint: Mint, name: str, *, now: datetime) -> Published | None:
    """Return the document of ours with this name (URL or DID), or None."""
    own = keys_publish.published(mint.cabinet, name)
    if own is not None:
        return own
    if not name.startswith(f"{mint.public_url}/"):
        return None
    return at_path(mint, name.removeprefix(mint.public_url), now=now)


def at_path(mint: Mint, path: str, *, now: datetime) -> Published | None:
    """Return what lies at ``path``, in the form that machines get there, or None.

    A status list is that of this moment, as our own verifier reads it; strangers get it by ``status_list``.
    """
    for pattern, serve in (
        (_CREDENTIAL, _credential),
        (_STATUS, _status),
        (_ISSUER, _issuer),
        (_ACHIEVEMENT, _achievement),
    ):
        match = pattern.fullmatch(path)
        if match:
            try:
                return serve(mint, match[1], match[2], now)
            except _NOTHING_THERE:
                return None
    stored = achievements.document(mint, path)
    return None if stored is None else _stored(mint, stored)


def export(mint: Mint, folder: Path, *, now: datetime, with_credentials: bool = False) -> Exported:
    """Write all public documents of our issuers into ``folder``, with a ``map.json`` from names to files.

    Credentials are left out unless asked for: they belong to their earners, and their links are not
    guessable.
    """
    names: dict[str, Json] = {}
    files = 0
    for document in everything(mint, now=now, with_credentials=with_credentials):
        file = folder / document.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(document.body)
        files += 1
        names.update(dict.fromkeys(document.names, document.path))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MAP_FILE).write_bytes(write(names))
    return Exported(files=files, names=len(names))


def everything(mint: Mint, *, now: datetime, with_credentials: bool = False) -> Iterator[Published]:
    """Yield every public document: keys, profiles, achievements with their documents, status lists."""
    yield from keys_publish.documents(mint.cabinet)
    for issuer in profiles.every(mint):
        yield _issuer(mint, issuer.slug, "", now)
        yield _issuer(mint, issuer.slug, "/image.png", now)
    for found in achievements.every(mint):
        yield _achievement(mint, found.key, "", now)
    for stored in achievements.documents(mint):
        yield _stored(mint, stored)
    with mint.db.reading() as session:
        lists = status_rows.every(session)
        keys = rows.every(session) if with_credentials else ()
    for list_id in lists:
        for form in ("", ".jwt"):
            yield _status(mint, list_id, form, now, read=status_publisher.exported)
    for key in keys:
        if _kind(mint, key) == AWARD:
            for form in ("", ".jwt", ".png", ".svg"):
                with suppress(FormToComeError):  # the next export has it
                    yield _credential(mint, key, form, now)


def _kind(mint: Mint, key: str) -> str:
    with mint.db.reading() as session:
        return rows.get(session, key).kind


def _made(
    mint: Mint,
    path: str,
    file: str,
    body: bytes,
    media_type: str,
    *,
    max_age: int,
    also: tuple[str, ...] = (),
    directive: str = "",
    digest: str | None = None,
) -> Published:
    names = tuple(mint.public_url + each for each in (path, *also))
    return Published(
        names=tuple(dict.fromkeys(names)),
        path=str(PurePosixPath(file.lstrip("/"))),
        body=body,
        media_type=media_type,
        max_age=max_age,
        also=directive,
        digest=digest,
    )


def form_of(mint: Mint, key: str, found: StoredCredential, form: str) -> Published | None:
    """Return what ``find`` returned for ``key`` in the form with this ending (``""`` is JSON), or None.

    Raises:
        FormToComeError: The VC-JWT of an award is not made yet.
    """
    try:
        return _form(mint, key, found, form)
    except _NOTHING_THERE:
        return None


def _credential(mint: Mint, key: str, form: str, _now: datetime) -> Published:
    return _form(mint, key, find(mint, key), form)


def _form(mint: Mint, key: str, found: StoredCredential, form: str) -> Published:
    path = f"/credentials/{key}"
    if form in ("", ".json"):
        body = _there(found.signed_json)
        return _made(mint, path, f"{path}.json", body, JSON_TYPE, max_age=SHORT, also=(f"{path}.json",))
    if form == ".jwt":
        require_token(found)
        body = _there(found.signed_jwt)
        return _made(mint, path + form, path + form, body, JWT_TYPE, max_age=SHORT)
    kind = "image/png" if form.endswith("png") else "image/svg+xml"
    if form.startswith("/qr"):
        link = credential_url(mint, key)
        body = qr.png(link) if form == "/qr.png" else qr.svg(link)
    else:
        body = picture(mint, found, form=form.removeprefix("."))
    return _made(mint, path + form, path + form, body, kind, max_age=SHORT)


def _there(body: bytes | None) -> bytes:
    if body is None:
        raise NoSuchDocumentError("It was not signed in this form.")
    return body


def status_list(mint: Mint, path: str, *, now: datetime) -> Published | None:
    """Return the status list at ``path`` as it was published last, or None."""
    match = _STATUS.fullmatch(path)
    try:
        return None if match is None else _status(mint, match[1], match[2], now, read=status_publisher.served)
    except NoSuchDocumentError:
        return None


def _status(
    mint: Mint, list_id: str, form: str, now: datetime, *, read: _Read = status_publisher.current
) -> Published:
    served = read(mint, list_id, now=now)
    path = f"/status/{list_id}"
    is_jwt = form == ".jwt"
    return _made(
        mint,
        path + form if is_jwt else path,
        path + form if is_jwt else f"{path}.json",
        served.jwt if is_jwt else served.body,
        JWT_TYPE if is_jwt else JSON_TYPE,
        max_age=status_publisher.MAX_AGE,
        also=() if is_jwt else (f"{path}.json",),
        directive=FRESH,
        digest=(served.jwt_digest if is_jwt else served.digest) or None,
    )


def _issuer(mint: Mint, slug: str, form: str, _now: datetime) -> Published:
    path = f"/issuers/{slug}"
    if form == "/image.png":
        return _made(
            mint, path + form, path + form, profiles.get(mint, slug).image, "image/png", max_age=SHORT
        )
    body = issuer_json(mint, slug)
    return _made(mint, path, f"{path}.json", body, LD_TYPE, max_age=SHORT, also=(f"{path}.json",))


def _achievement(mint: Mint, key: str, form: str, _now: datetime) -> Published:
    path = f"/achievements/{key}"
    if form == "/criteria":
        stored = achievements.document(mint, f"{path}/criteria.html")
        if stored is None:
            raise NoSuchDocumentError("There are no such criteria here.", got=key)
        return _stored(mint, stored)
    body = achievement_json(achievements.get(mint, key))
    return _made(mint, path, f"{path}.json", body, LD_TYPE, max_age=SHORT, also=(f"{path}.json",))


def _stored(mint: Mint, stored: StoredDocument) -> Published:
    also = (stored.path.removesuffix(".html"),) if stored.path.endswith("/criteria.html") else ()
    return _made(
        mint,
        stored.path,
        stored.path,
        stored.body,
        stored.media_type,
        max_age=FOR_EVER,
        also=also,
    )
