# SPDX-License-Identifier: Apache-2.0
"""Published lists that a list follows: read, shown as a difference, and only then accepted (threats N5).

A list is read from its address, by the desk's own way out and under its limits, or brought as a file. What
was read waits, by its SHA-256, until somebody has seen what it would change and takes it over; if it changes
in between, nothing is taken over. A list that changes later is a difference again: the daily job only reads.
An issuer that a source does not name any more stays on the list, marked, until a person takes it off; one
that a person has taken off is not brought back; one that went because its source named it no more is new
again when the source names it again.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from credentials.digests import sha256_hex
from credentials.errors import MalformedError, RefusedError, UnknownError
from service import audit
from verifier.bureau import Bureau
from verifier.errors import (
    IssuerFieldError,
    IssuerListError,
    ListChangedError,
    NoSuchIssuerListError,
    UnresolvableError,
)
from verifier.intake import check_url
from verifier.list_difference import Difference, compare
from verifier.list_format import ENTRIES, LIST_BYTES, PublishedList, read_list
from verifier.ports import KnownIssuer
from verifier.registry import IssuerList
from verifier.store import issuer_lists as rows
from verifier.store.issuer_lists import Entry, Source

SOURCES: Final = 20  # lists that one list may follow
SOURCE_CHARS: Final = 512  # characters of an address
FILE: Final = "file:"
AGAIN: Final = timedelta(hours=20)  # how long a list that was read is not read again by the daily job
ACCEPT: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Followed:
    """A source, and what waits there: the list as it was read, and what it would change."""

    source: Source
    published: PublishedList | None = None
    difference: Difference | None = None


# -- reading ----------------------------------------------------------------------------------------------


def bring_address(bureau: Bureau, slug: str, address: str, *, actor: str, now: datetime) -> str:
    """Read the published list at an address; return the id of the source, where what was read waits.

    Raises:
        IssuerFieldError: The address is none of a published list, or too many lists are followed already.
        IssuerListError: What stands there is no list.
        UnknownError: It could not be asked.
    """
    url = _address(bureau, address)
    return _keep(bureau, slug, url, _fetch(bureau, url, now=now), actor=actor, now=now)


def bring_file(bureau: Bureau, slug: str, name: str, raw: bytes, *, actor: str, now: datetime) -> str:
    """Read a published list from a file; return the id of the source, where what was read waits.

    Raises:
        IssuerFieldError: Too many lists are followed already.
        IssuerListError: The file is no list.
    """
    plain = re.sub(r"[^\w. ()-]", "_", name.replace("\\", "/").rpartition("/")[2])[:100] or "list.json"
    return _keep(bureau, slug, FILE + plain, raw, actor=actor, now=now)


def look_again(bureau: Bureau, slug: str, id: str, *, now: datetime) -> bool:
    """Read a followed list once more; return whether something new waits. Trouble is noted at the source.

    Raises:
        NoSuchIssuerListError: There is no such source.
    """
    found = source(bureau, slug, id)
    return not found.is_file and _read_again(bureau, found, now=now, is_asked=True)


def look_at_all(bureau: Bureau, now: datetime) -> int:
    """Read every followed list that was not read lately; nothing counts by that. Return what newly waits."""
    with bureau.db.reading() as session:
        due = [each for each in rows.sources(session) if not each.is_file and now - each.read_at >= AGAIN]
    return sum(_read_again(bureau, each, now=now, is_asked=False) for each in due)


def followed(bureau: Bureau, slug: str) -> tuple[Source, ...]:
    """Return the sources of a list."""
    with bureau.db.reading() as session:
        return rows.sources(session, slug)


def source(bureau: Bureau, slug: str, id: str) -> Source:
    """Return a source of a list.

    Raises:
        NoSuchIssuerListError: There is no such source.
    """
    with bureau.db.reading() as session:
        found = rows.source(session, slug, id)
    if found is None:
        raise NoSuchIssuerListError("There is no such published list here.", got=id[:40])
    return found


def waiting(bureau: Bureau, slug: str, id: str) -> Followed:
    """Return a source with what waits there and what that would change; raises as ``source``."""
    found = source(bureau, slug, id)
    if found.waiting is None:
        return Followed(found)
    published = read_list(found.waiting)
    return Followed(found, published, _difference(bureau, found, published))


# -- deciding ---------------------------------------------------------------------------------------------


def accept(
    bureau: Bureau, slug: str, id: str, *, sha256: str, remove_gone: bool, actor: str, now: datetime
) -> Difference:
    """Take over what waits, exactly as it was shown under ``sha256``; return what changed.

    With ``remove_gone`` issuers that the source does not name any more are taken off.

    Raises:
        ListChangedError: Something else waits now, or nothing.
        IssuerFieldError: The list would be too long.
        NoSuchIssuerListError: There is no such source.
    """
    with bureau.db.transaction() as session:
        found = source(bureau, slug, id)
        published = _as_shown(found, sha256)
        difference = _difference(bureau, found, published)
        if rows.count(session, slug) + len(difference.added) > ENTRIES:
            raise IssuerFieldError(f"The list would have more than {ENTRIES:,} issuers.", path="sha256")
        _apply(bureau, found, published, difference, remove_gone=remove_gone, actor=actor, now=now)
        rows.put_source(
            session,
            replace(
                found,
                sha256=sha256,
                accepted_at=now,
                refused=None,
                waiting=None,
                title=_title(found, published),
            ),
        )
        audit.record(
            session,
            actor=actor,
            action="issuer-list.accepted",
            subject=f"issuer-list:{slug}",
            detail={
                "source": found.url,
                "sha256": sha256,
                "added": len(difference.added),
                "changed": len(difference.changed),
                "gone": len(difference.gone),
                "removed": len(difference.gone) if remove_gone else 0,
                "version": rows.touch(session, slug, now=now),
            },
            now=now,
        )
    return difference


def refuse(bureau: Bureau, slug: str, id: str, *, sha256: str, actor: str, now: datetime) -> None:
    """Leave what waits where it is; the same is not shown again unless somebody asks for it.

    Raises:
        ListChangedError: Something else waits now, or nothing.
        NoSuchIssuerListError: There is no such source.
    """
    with bureau.db.transaction() as session:
        found = source(bureau, slug, id)
        _as_shown(found, sha256)
        if found.accepted_at is None:  # Nothing of it was ever taken over: nobody follows it.
            rows.drop_source(session, slug, id)
        else:
            rows.put_source(session, replace(found, waiting=None, refused=sha256))
        _record(bureau, slug, "issuer-list.declined", found, sha256, actor=actor, now=now)


def forget(bureau: Bureau, slug: str, id: str, *, actor: str, now: datetime) -> None:
    """Follow a source no more; the issuers that came from it stay.

    Raises:
        NoSuchIssuerListError: There is no such source.
    """
    with bureau.db.transaction() as session:
        found = source(bureau, slug, id)
        rows.drop_source(session, slug, id)
        _record(bureau, slug, "issuer-list.unfollowed", found, found.sha256, actor=actor, now=now)


# -- parts ------------------------------------------------------------------------------------------------


def _address(bureau: Bureau, text: str) -> str:
    try:
        url = check_url(text)
    except MalformedError as error:
        raise IssuerFieldError(error.message, path="url") from error
    if not url.startswith(("https://", f"{bureau.public_url}/")):
        raise IssuerFieldError(
            "A published list is read from an address that begins with https://.", path="url"
        )
    if len(url) > SOURCE_CHARS:
        raise IssuerFieldError(f"The address has more than {SOURCE_CHARS} characters.", path="url")
    return url


def _fetch(bureau: Bureau, url: str, *, now: datetime) -> bytes:
    answer = bureau.desk.documents(now=now)(url, max_bytes=LIST_BYTES, accept=ACCEPT)
    if answer.status in (404, 410):
        raise IssuerListError("There is nothing at this address.")
    if answer.status != 200:
        raise UnresolvableError(f"The host answered with the status {answer.status}.", got=url[:200])
    return answer.body


def _keep(bureau: Bureau, slug: str, url: str, raw: bytes, *, actor: str, now: datetime) -> str:
    """Let what was read wait at its source; return the id of the source."""
    published = read_list(raw)
    with bureau.db.transaction() as session:
        if rows.get(session, slug) is None:
            raise NoSuchIssuerListError("There is no such list.", got=slug[:40])
        every = rows.sources(session, slug)
        found = next((each for each in every if each.url == url), None)
        if found is None:
            if len(every) >= SOURCES:
                raise IssuerFieldError(f"A list follows at most {SOURCES} others.", path="url")
            found = Source(str(uuid.uuid4()), slug, url, "", None, None, None, None, now, "")
        is_new = published.sha256 != found.sha256
        rows.put_source(
            session,
            replace(
                found,
                title=found.title or _title(found, published),
                waiting=raw if is_new else None,
                read_at=now,
                trouble="",
            ),
        )
        _record(bureau, slug, "issuer-list.read", found, published.sha256, actor=actor, now=now)
    return found.id


def _read_again(bureau: Bureau, found: Source, *, now: datetime, is_asked: bool) -> bool:
    """Read a source; return whether something waits that did not before."""
    try:
        raw, trouble = _fetch(bureau, found.url, now=now), ""
        read_list(raw)
    except (MalformedError, UnknownError, RefusedError) as error:
        raw, trouble = None, error.message
    with bureau.db.transaction() as session:
        current = rows.source(session, found.list, found.id)
        if current is None:
            return False
        digest = None if raw is None else sha256_hex(raw)
        is_old = digest in (None, current.sha256) or (digest == current.refused and not is_asked)
        waits = current.waiting if raw is None else None if is_old else raw
        rows.put_source(session, replace(current, waiting=waits, read_at=now, trouble=trouble))
        return waits is not None and waits != current.waiting


def _difference(bureau: Bureau, found: Source, published: PublishedList) -> Difference:
    with bureau.db.reading() as session:
        here = {each.did: each for each in rows.entries(session, found.list)}
        removed = rows.entries(session, found.list, removed=True)
        off = {each.did for each in removed if not each.went_with_source}
    known = tuple(KnownIssuer(each.did, each.name) for each in here.values())
    registry = IssuerList(known, others=tuple(bureau.desk.registry.known()))
    return compare(published, source=found.url, here=here, off=off, registry=registry)


def _apply(
    bureau: Bureau,
    found: Source,
    published: PublishedList,
    difference: Difference,
    *,
    remove_gone: bool,
    actor: str,
    now: datetime,
) -> None:
    new = [each.issuer for each in difference.added]
    there = {each.did for each in published.issuers}
    with bureau.db.transaction() as session:
        made = [Entry(each.did, each.name, each.url, "", found.url, now, actor) for each in new]
        off = {each.did for each in rows.entries(session, found.list, removed=True)}
        rows.add_entries(session, found.list, (each for each in made if each.did not in off))
        for entry in (each for each in made if each.did in off):
            rows.put_entry(session, found.list, entry)
        for change in difference.changed:
            entry = replace(change.entry, name=change.issuer.name, url=change.issuer.url)
            rows.put_entry(session, found.list, entry)
        for entry in difference.gone:
            rows.mark_left(session, found.list, entry.did, now)
            if remove_gone:
                rows.take_off(session, found.list, entry.did, by=actor, now=now)
        for entry in rows.entries(session, found.list):
            if entry.left_at is not None and entry.source == found.url and entry.did in there:
                rows.mark_left(session, found.list, entry.did, None)


def _as_shown(found: Source, sha256: str) -> PublishedList:
    published = None if found.waiting is None else read_list(found.waiting)
    if published is None or published.sha256 != sha256:
        raise ListChangedError(
            "The published list is not the one that was shown any more, so nothing was done. "
            "Look at it again."
        )
    return published


def _title(found: Source, published: PublishedList) -> str:
    return published.title or found.url.removeprefix(FILE)[:200]


def _record(
    bureau: Bureau,
    slug: str,
    action: str,
    found: Source,
    sha256: str | None,
    *,
    actor: str,
    now: datetime,
) -> None:
    with bureau.db.transaction() as session:
        audit.record(
            session,
            actor=actor,
            action=action,
            subject=f"issuer-list:{slug}",
            detail={"source": found.url, "sha256": sha256},
            now=now,
        )
