# SPDX-License-Identifier: Apache-2.0
"""What managers do with programme content: begin a draft, save it, publish it, change a portal's text.

Each step takes the issuers (or organisations) of whoever does it; what belongs to others is not there. A
save names the revision that it began from: if somebody else was faster, nothing is overwritten and both
texts are shown.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from earning.catalogue import catalogue, drafts, portals
from earning.catalogue.drafts import Draft
from earning.catalogue.version import Version, VersionState
from earning.errors import (
    DraftStaleError,
    DraftUnfinishedError,
    NoSuchDraftError,
    NoSuchPortalError,
    NoSuchVersionError,
)
from earning.programme import Programme
from earning.store import catalogue as versions
from earning.store import drafts as rows
from earning.store import portals as portal_rows
from earning.store.portals import StoredPortal
from issuer import achievements
from issuer.errors import ProgrammeError
from issuer.micro_credential import CODE, VERSION
from service import audit

_STALE = "Somebody else has changed this in the meantime. Nothing was overwritten; both texts are below."


# -- drafts -----------------------------------------------------------------------------------------------


def begin_from(
    programme: Programme, key: str, *, issuers: Collection[str], person: str, now: datetime
) -> str:
    """Begin a draft from a version, with the next version number, and return its id.

    Raises:
        NoSuchVersionError: There is no such version of one of ``issuers``.
    """
    version = own_version(programme, key, issuers=issuers)
    source = achievements.source(programme.mint, key)
    source = _with_version(source, version.version, next_version(programme, version.code))
    with programme.db.transaction() as session:
        id = rows.add(
            session, issuer=version.issuer, code=version.code, source=source, person=person, now=now
        )
        _record(programme, "draft.begun", f"draft:{id}", person, now, detail={"from": key})
    return id


def begin_blank(
    programme: Programme, code: str, *, issuer: str, issuers: Collection[str], person: str, now: datetime
) -> str:
    """Begin a draft from a blank form and return its id.

    Raises:
        NoSuchDraftError: The issuer is not one of ``issuers``.
        DraftUnfinishedError: The code does not fit, or is taken.
    """
    if issuer not in issuers:
        raise NoSuchDraftError("There is no such programme among yours.", got=issuer[:40])
    _require_free(programme, code, issuer)
    with programme.db.transaction() as session:
        source = drafts.write(drafts.blank(code))
        id = rows.add(session, issuer=issuer, code=code, source=source, person=person, now=now)
        _record(programme, "draft.begun", f"draft:{id}", person, now, detail={"code": code})
    return id


def draft(programme: Programme, id: str, *, issuers: Collection[str]) -> Draft:
    """Return a draft.

    Raises:
        NoSuchDraftError: There is none with this id among those of ``issuers``.
    """
    with programme.db.reading() as session:
        found = rows.find(session, id, issuers=issuers)
    if found is None:
        raise NoSuchDraftError("There is no page here.", got=id)
    return found


def save(
    programme: Programme,
    id: str,
    source: bytes,
    *,
    revision: int,
    issuers: Collection[str],
    person: str,
    now: datetime,
) -> Draft:
    """Save the text of a draft that was read at ``revision``; the same text again changes nothing.

    Raises:
        NoSuchDraftError: There is none.
        DraftStaleError: It was changed or published since.
    """
    known = draft(programme, id, issuers=issuers)
    if known.source == source and known.revision == revision and known.published is None:
        return known
    code = _code(source) or known.code
    with programme.db.transaction() as session:
        begun = replace(known, revision=revision)
        if not rows.change(session, begun, code=code, source=source, person=person, now=now):
            raise DraftStaleError(_STALE, got=revision, expected=known.revision)
        _record(programme, "draft.saved", f"draft:{id}", person, now, detail={"revision": revision + 1})
    return draft(programme, id, issuers=issuers)


def discard(programme: Programme, id: str, *, issuers: Collection[str], person: str, now: datetime) -> None:
    """Take a draft away.

    Raises:
        NoSuchDraftError: There is none that was not published.
    """
    with programme.db.transaction() as session:
        if not rows.remove(session, id, issuers=issuers):
            raise NoSuchDraftError("There is no page here.", got=id)
        _record(programme, "draft.discarded", f"draft:{id}", person, now)


def publish(
    programme: Programme,
    id: str,
    *,
    version: str,
    revision: int,
    issuers: Collection[str],
    person: str,
    now: datetime,
) -> Version:
    """Register a draft with issuer under the number ``version`` and open it; the older one closes.

    Raises:
        NoSuchDraftError: There is none.
        DraftStaleError: It was changed or published since ``revision``.
        DraftUnfinishedError: It has faults, or the number or code is taken.
    """
    known = draft(programme, id, issuers=issuers)
    with programme.db.reading() as session:
        stacks = catalogue.stacks(session)
    found = drafts.faults(known.source, stacks=stacks)
    if found:
        raise DraftUnfinishedError(f"The draft has {len(found)} faults.", path=found[0].place)
    text = drafts.read(known.source)
    _require_number(programme, text.code, version, known.issuer)
    source = _with_version(known.source, text.version, version)
    key = drafts.read(source).key
    with programme.db.transaction() as session:
        if not rows.publish(session, replace(known, revision=revision), key=key, now=now):
            raise DraftStaleError(_STALE, got=revision, expected=known.revision)
        actor = f"person:{person}"
        achievements.register(
            programme.mint, source, issuer=known.issuer, name=f"{key}.toml", now=now, actor=actor
        )
        opened = catalogue.open_version(programme, key, now=now, actor=actor)
        _record(programme, "draft.published", f"draft:{id}", person, now, detail={"key": key})
    return opened


# -- versions ---------------------------------------------------------------------------------------------


def own_version(programme: Programme, key: str, *, issuers: Collection[str]) -> Version:
    """Return a version of one of ``issuers``.

    Raises:
        NoSuchVersionError: There is none.
    """
    with programme.db.reading() as session:
        found = versions.find(session, key)
    if found is None or found.issuer not in issuers:
        raise NoSuchVersionError("There is no page here.", got=key[:40])
    return found


def own_versions(programme: Programme, code: str, *, issuers: Collection[str]) -> tuple[Version, ...]:
    """Return all versions of ``code`` that one of ``issuers`` offers, the newest first.

    Raises:
        NoSuchVersionError: There is none.
    """
    with programme.db.reading() as session:
        found = tuple(each for each in versions.of_code(session, code) if each.issuer in issuers)
    if not found:
        raise NoSuchVersionError("There is no page here.", got=code[:40])
    return found


def turn(
    programme: Programme,
    key: str,
    state: VersionState,
    *,
    issuers: Collection[str],
    person: str,
    now: datetime,
    note: str = "",
) -> Version:
    """Put a version into revision, close it, or open it again.

    Raises:
        NoSuchVersionError: It is not one of ``issuers``.
        VersionStateError: It cannot be.
    """
    own_version(programme, key, issuers=issuers)
    return catalogue.set_state(programme, key, state, now=now, actor=f"person:{person}", note=note)


def next_version(programme: Programme, code: str) -> str:
    """Return the whole number after the highest version of ``code``."""
    with programme.db.reading() as session:
        known = versions.of_code(session, code)
    return str(max((_number(each.version)[0] for each in known), default=0) + 1)


# -- portals ----------------------------------------------------------------------------------------------


def portal(programme: Programme, slug: str, *, organisations: Collection[str]) -> StoredPortal:
    """Return a portal that one of ``organisations`` runs.

    Raises:
        NoSuchPortalError: There is none.
    """
    with programme.db.reading() as session:
        found = portal_rows.find(session, slug, organisations=organisations)
    if found is None:
        raise NoSuchPortalError("There is no page here.", got=slug[:40])
    return found


def save_portal(
    programme: Programme,
    slug: str,
    source: bytes,
    *,
    revision: int,
    organisations: Collection[str],
    person: str,
    now: datetime,
) -> StoredPortal:
    """Save the text of a portal, which is public at once.

    Raises:
        NoSuchPortalError: There is none of ``organisations``.
        ProgrammeError: The text has a fault, or names another portal or organisation.
        DraftStaleError: Somebody else has changed it since ``revision``.
    """
    known = portal(programme, slug, organisations=organisations)
    check_portal(known, source)
    with programme.db.transaction() as session:
        if not portal_rows.change(session, slug, source, revision=revision, now=now):
            raise DraftStaleError(_STALE, got=revision, expected=known.revision)
        _record(programme, "portal.changed", f"portal:{slug}", person, now, detail={"revision": revision + 1})
    return portal(programme, slug, organisations=organisations)


def check_portal(known: StoredPortal, source: bytes) -> portals.Portal:
    """Return the portal that ``source`` describes, if it may take the place of ``known``.

    Raises:
        ProgrammeError: It has a fault, or names another portal or organisation.
    """
    read = portals.read(source, name=f"{known.slug}.toml")
    if (read.slug, read.organisation) != (known.slug, known.organisation):
        raise ProgrammeError(
            f"{known.slug}.toml: slug and organisation stay {known.slug} and {known.organisation}.",
            got=f"{known.slug}.toml: slug",
        )
    return read


# -- parts ------------------------------------------------------------------------------------------------


def _code(source: bytes) -> str:
    try:
        code = drafts.members(source).get("code")
    except ProgrammeError:
        return ""
    return code if isinstance(code, str) and CODE.fullmatch(code) else ""


def _with_version(source: bytes, was: str, version: str) -> bytes:
    """Return the text with another version number; where it stands plainly, comments are kept."""
    lines = source.decode("utf-8").replace("\r\n", "\n").split("\n")
    plain = f'version = "{was}"'
    if plain in lines:
        lines[lines.index(plain)] = f'version = "{version}"'
        return "\n".join(lines).encode("utf-8")
    return drafts.write({**drafts.members(source), "version": version})


def _require_free(programme: Programme, code: str, issuer: str) -> None:
    if not CODE.fullmatch(code):
        raise DraftUnfinishedError("A code has capitals and digits, like SEL4, at most 16.", path="code")
    with programme.db.reading() as session:
        known = versions.of_code(session, code)
    if known:
        whose = "your programme" if known[0].issuer == issuer else "another programme"
        raise DraftUnfinishedError(f"The code {code} is taken by {whose}. Choose another one.", path="code")


def _require_number(programme: Programme, code: str, version: str, issuer: str) -> None:
    if not VERSION.fullmatch(version):
        raise DraftUnfinishedError("A version is a number, like 2 or 2.1.", path="version")
    with programme.db.reading() as session:
        known = versions.of_code(session, code)
    if any(each.issuer != issuer for each in known):
        raise DraftUnfinishedError(
            f"The code {code} is another programme's. Choose another one.", path="code"
        )
    highest = max(known, key=lambda each: _number(each.version), default=None)
    if highest is not None and _number(version) <= _number(highest.version):
        raise DraftUnfinishedError(
            f"Version {highest.version} exists, so choose a higher number than that.", path="version"
        )


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _record(
    programme: Programme,
    action: str,
    subject: str,
    person: str,
    now: datetime,
    *,
    detail: dict[str, str | int | None] | None = None,
) -> None:
    with programme.db.transaction() as session:
        audit.record(
            session, actor=f"person:{person}", action=action, subject=subject, detail=detail, now=now
        )
