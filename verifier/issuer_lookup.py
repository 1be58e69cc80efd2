# SPDX-License-Identifier: Apache-2.0
"""Who is meant? What somebody pastes becomes an issuer with its identifier, shown before it is listed.

Taken are a DID, a domain, the page or profile of an issuer, and the link of a credential. The identifier is
what counts; a name is only taken over from whom it belongs to: from a credential whose signature holds, or
from a profile on the issuer's own host. Otherwise the person types it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from credentials.did import did_web_for
from credentials.document import Json, parse
from credentials.errors import (
    DocumentError,
    HallmarkError,
    MalformedError,
    RefusedError,
    UnknownError,
    WrongError,
)
from verifier.bureau import Bureau
from verifier.errors import IssuerFieldError, NotACredentialError
from verifier.intake import looks_like_url
from verifier.list_difference import careful
from verifier.list_format import NAME_CHARS, ListedIssuer, id_fault, text_fault, url_fault
from verifier.outcome import Outcome
from verifier.party import address_of, host_of
from verifier.ports import Fetch, KnownIssuer
from verifier.registry import IssuerList
from verifier.resolve import KEY_DOCUMENT_BYTES, controller_document
from verifier.store import issuer_lists as rows
from verifier.store.issuer_lists import Entry

PASTED_CHARS: Final = 2_048  # characters that are looked at, as for any IRI
_DOMAIN: Final = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}(?::[0-9]{1,5})?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An issuer as it was found.

    Attributes:
        issuer: Identifier, name ("" when nobody vouches for one) and web site.
        address: How its address is shown: in punycode, cut to a length.
        found: How it was found, in a sentence.
        trouble: Why its keys could not be read just now, or "".
        careful: Whom it may be taken for, or None.
        known: How it stands on the list already, or was taken off it.
    """

    issuer: ListedIssuer
    address: str
    found: str
    trouble: str = ""
    careful: str | None = None
    known: Entry | None = None


def look_up(bureau: Bureau, slug: str, pasted: str, *, now: datetime) -> Candidate:
    """Find the issuer that ``pasted`` means.

    Raises:
        IssuerFieldError: It means none, and the sentence says what can be pasted instead.
    """
    text = pasted.strip()[:PASTED_CHARS]
    if not text:
        raise IssuerFieldError(
            "Paste a DID, a domain, the page of an issuer, or the link of a credential.", path="what"
        )
    found = _found(bureau, text, now=now)
    fault = id_fault(found.issuer.did)
    if fault is not None:
        raise IssuerFieldError(fault, path="what")
    with bureau.db.reading() as session:
        entries = rows.entries(session, slug)
        known = rows.entry(session, slug, found.issuer.did)
    own = tuple(bureau.desk.registry.known())
    named = next((each.name for each in own if each.did == found.issuer.did), None)
    if named is not None:
        found = replace(
            found, issuer=replace(found.issuer, name=named), found="It is an issuer of this site."
        )
    return replace(found, known=known, careful=careful(found.issuer, _everybody(entries, own)))


def as_typed(bureau: Bureau, slug: str, issuer: ListedIssuer) -> Candidate:
    """Return an issuer as somebody has typed it, compared with everybody who is known."""
    with bureau.db.reading() as session:
        entries = rows.entries(session, slug)
    others = _everybody(entries, tuple(bureau.desk.registry.known()))
    return Candidate(
        issuer,
        address_of(issuer.did),
        "You typed it.",
        careful=careful(issuer, others) if issuer.did else None,
    )


def cautions(bureau: Bureau, entries: Sequence[Entry], shown: Sequence[Entry]) -> dict[str, str]:
    """Return, by identifier, what is to be said about those ``shown`` of the list ``entries``."""
    others = _everybody(entries, tuple(bureau.desk.registry.known()))
    found = ((each.did, careful(ListedIssuer(each.did, each.name, each.url), others)) for each in shown)
    return {did: sentence for did, sentence in found if sentence is not None}


def _everybody(entries: Sequence[Entry], own: tuple[KnownIssuer, ...]) -> IssuerList:
    """Return everybody to compare with; who stands on the list is compared too, since names change."""
    listed = tuple(KnownIssuer(each.did, each.name) for each in entries)
    return IssuerList((), others=(*listed, *own))


def _found(bureau: Bureau, text: str, *, now: datetime) -> Candidate:
    fetch = bureau.desk.documents(now=now)
    if text.startswith("did:"):
        return _by_id(text.partition("#")[0], fetch, "You pasted its identifier.")
    if looks_like_url(text):
        return _by_address(bureau, text, fetch, now=now)
    if _DOMAIN.fullmatch(text):
        try:
            did = did_web_for(text.casefold())
        except MalformedError as error:
            raise IssuerFieldError(error.message, path="what") from error
        found = _by_id(did, fetch, "You pasted its domain.")
        if found.trouble:
            raise IssuerFieldError(
                f"At {text} there is no issuer that we can read: {found.trouble} "
                "Paste the link of one of its credentials, or its DID.",
                path="what",
            )
        return found
    raise IssuerFieldError(
        "This is neither a DID nor a domain nor a link. Paste for example did:web:badges.example.edu, "
        "badges.example.edu, or the link of a credential.",
        path="what",
    )


def _by_id(did: str, fetch: Fetch, found: str) -> Candidate:
    """Return the issuer with an identifier; its own profile gives the name, if there is one on its host."""
    fault = id_fault(did)
    if fault is not None:
        raise IssuerFieldError(fault, path="what")
    trouble = ""
    try:
        controller_document(did, fetch=fetch)
    except (WrongError, MalformedError, UnknownError, RefusedError) as error:
        trouble = error.message
    issuer = ListedIssuer(did, "")
    page = _page_of(did)
    if page is not None and not trouble:
        issuer = _profile(page, fetch, expected=did) or issuer
    return Candidate(issuer, address_of(did), found, trouble)


def _by_address(bureau: Bureau, url: str, fetch: Fetch, *, now: datetime) -> Candidate:
    """Return the issuer of the credential at an address, or the one whose page it is."""
    try:
        report = bureau.desk.look_at_url(url, now=now)
    except NotACredentialError as error:
        profile = _profile(url, fetch)
        if profile is None:
            raise IssuerFieldError(
                f"{error.message} Nor is it the page of an issuer that we can read.", path="what"
            ) from error
        return _by_profile(profile, url, fetch)
    except HallmarkError as error:
        if not isinstance(error, MalformedError | UnknownError | RefusedError):
            raise
        raise IssuerFieldError(error.message, path="what") from error
    outcomes = {check.check: check.outcome for check in report.checks}
    if outcomes.get("proof") is not Outcome.PASS or outcomes.get("issuer") is not Outcome.PASS:
        raise IssuerFieldError(
            f"The credential at this address does not show who issued it: {report.sentence}", path="what"
        )
    party = report.issuer
    name, web = _fit(party.name), party.url or ""
    issuer = ListedIssuer(party.id, name, web if url_fault(web) is None else "")
    return Candidate(issuer, party.address, "It signed the credential at this address, and its key fits.")


def _by_profile(profile: ListedIssuer, url: str, fetch: Fetch) -> Candidate:
    """Return the issuer whose profile stands at ``url``; a name that stands on another host is nobody's."""
    found = _by_id(profile.did, fetch, "It is the issuer of the page that you pasted.")
    if found.issuer.name or host_of(profile.did) != _host(url):
        return found
    return replace(found, issuer=profile)


def _profile(url: str, fetch: Fetch, *, expected: str | None = None) -> ListedIssuer | None:
    """Return what a profile (Open Badges 3.0, "Profile") says at ``url``, or None."""
    try:
        answer = fetch(url, max_bytes=KEY_DOCUMENT_BYTES)
        members = parse(answer.body).members if answer.status == 200 else {}
    except (DocumentError, UnknownError, RefusedError, MalformedError):
        return None
    did, name, web = (members.get(key) for key in ("id", "name", "url"))
    kinds = members.get("type")
    if not isinstance(did, str) or "Profile" not in (kinds if isinstance(kinds, list) else [kinds]):
        return None
    if expected not in (None, did):
        return None
    web = web if isinstance(web, str) and url_fault(web) is None else ""
    return ListedIssuer(did, _fit(name), web)


def _page_of(did: str) -> str | None:
    """Return where the profile of a did:web or https issuer stands, if it stands where the name leads."""
    if did.startswith("https://"):
        return did
    if not did.startswith("did:web:"):
        return None
    host = host_of(did)
    path = did.split(":")[3:]
    return f"https://{host}/{'/'.join(path)}" if host is not None and path else None


def _host(url: str) -> str | None:
    return host_of("https://" + url.partition("://")[2])


def _fit(name: Json) -> str:
    text = name.strip() if isinstance(name, str) else ""
    return text if text_fault(text, max_chars=NAME_CHARS) is None else ""
