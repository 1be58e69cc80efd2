# SPDX-License-Identifier: Apache-2.0
"""The public page of one credential: what is true of it at this moment, and what other sites show of it.

The verdict is what the verifier says about the public bytes just now; our own rows only add what no public
document tells: the public reason of a withdrawal or review where the verifier has found one, the name that
the earner shows, who may see a piece of evidence, and the newer issue that took the place of this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from credentials.digests import sha256_hex
from credentials.document import Json, parse
from credentials.errors import HallmarkError
from credentials.proofs.vc_jwt import credential_members, parse_jwt
from credentials.summary import Summary, summarize
from issuer import (
    achievement,
    achievements,
    cards,
    issuance,
    names,
    pages,
    profiles,
    publish,
    revocation,
    sharing,
)
from issuer.achievement import Achievement
from issuer.award import AwardState
from issuer.cards import Face
from issuer.mint import Mint
from issuer.ports import Check, Findings, Recognised, Recognitions
from issuer.store.credentials import StoredCredential
from issuer.views import CredentialPage, Identity, Link, Newer, Piece, Preview, Spoken
from service import typeset
from service.markdown import render

KEPT: Final = 64  # criteria that are kept as HTML; each takes some 5 KB
DESCRIPTION_CHARS: Final = 300  # of og:description; more is cut by those who show it
PUBLIC: Final = "public"
ON_REQUEST: Final = "shown on request"
PRIVATE: Final = "private"

Standings = Callable[[str], Sequence[str]]
"""Words for each piece of a credential in the order of signing (``PUBLIC``, …); none: what is signed says."""

HasPanel = Callable[[str], bool]
"""Whether the earner of a credential decides here what its page shows."""


def nobody(_credential_id: str, /, *, now: datetime) -> Sequence[Recognised]:
    """Say nothing: there is no room of recognition."""
    del now
    return ()


_SHOWN_STATE: Final = {"revoked": AwardState.REVOKED, "suspended": AwardState.SUSPENDED}


def credential_page(
    mint: Mint,
    key: str,
    *,
    now: datetime,
    host: str = "",
    standings: Standings = lambda _key: (),
    has_panel: HasPanel = lambda _key: False,
    recognitions: Recognitions = nobody,
) -> CredentialPage:
    """Return the page of a credential, examined just now.

    Args:
        mint: The opened room.
        key: Its key.
        now: This moment.
        host: Under which name the page was asked for; "" is our own.
        standings: Who may see its pieces of evidence.
        has_panel: Whether its earner decides here what the page shows.
        recognitions: What recognizers say of it publicly.

    Raises:
        NoSuchCredentialError: None was signed under this key.
    """
    found = publish.find(mint, key)
    raw = found.signed_json or found.signed_jwt or b""
    findings = mint.examine(raw, now=now)
    summary = findings.summary or publish.said(found)
    is_believed = findings.summary is not None and cards.is_authentic(findings)
    change = revocation.last_change(mint, found.key)
    is_told = change is not None and _SHOWN_STATE.get(str(findings.verdict)) is change.state
    path, link = f"/credentials/{key}", issuance.credential_url(mint, key)
    awarded = _awarded(mint, found)
    achievement_path = None if awarded is None else achievement.path(awarded.key)
    name = names.earner(mint, found, summary) if is_believed else None
    face = cards.face_of(mint, found, findings, name=name)
    newer = _newer(mint, found)
    identity = _identity(mint, found, summary)
    return CredentialPage(
        id=link,
        path=path,
        findings=findings,
        summary=summary,
        shown_name=name,
        checked_at=now,
        status_reason=change.public_reason if change is not None and is_told else None,
        status_since=change.at if change is not None and is_told else None,
        image_path=None if achievement_path is None else f"{achievement_path}/image.svg",
        achievement_path=achievement_path,
        issuer_path=identity.path,
        criteria_path=None if achievement_path is None else f"{achievement_path}/criteria",
        rubric_path=None if achievement_path is None else f"{achievement_path}/rubric.html",
        criteria_html=_criteria(awarded),
        sha256=sha256_hex(raw),
        verify_path=f"/verify?url={quote(link, safe='')}",
        qr_path=f"{path}/qr.svg",
        links=_links(path, found),
        preview=_preview(mint, key, face, findings, summary if is_believed else None),
        identity=identity,
        pieces=_pieces(summary, standings(found.key) if summary.evidence else ()),
        spoken=(*_beside(recognitions(link, now=now)), *spoken(found.signed_json, findings))
        if is_believed
        else (),
        newer=newer,
        is_erased=names.is_erased(mint, found.key),
        is_indexed=is_believed and newer is None and sharing.is_indexed(mint, found.key),
        has_panel=has_panel(found.key),
        elsewhere=None if host in _own_hosts(mint, identity) else host,
        oembed_url=f"{mint.public_url}/oembed?url={quote(link, safe='')}&format=json",
    )


def face(mint: Mint, key: str, *, now: datetime) -> Face:
    """Return what the card of a credential shows now.

    Raises:
        NoSuchCredentialError: None was signed under this key.
    """
    return cards.face(mint, publish.find(mint, key), now=now)


def _preview(mint: Mint, key: str, shown: Face, findings: Findings, summary: Summary | None) -> Preview:
    title, issuer = "A credential", None
    description: str | None = None
    if summary is not None:
        title, issuer = summary.title or title, summary.issuer_name
        description = summary.description
    width, height = cards.SIZE
    label = ", ".join(part for part in (title, issuer) if part)
    return Preview(
        title=label,
        description=_cut(description or str(findings.sentence)),
        image=mint.public_url + cards.path(key, shown),
        image_alt=f"{label}{f', awarded to {shown.name}' if shown.name else ''}: {shown.word.lower()}",
        image_type=cards.MEDIA_TYPE,
        image_width=width,
        image_height=height,
    )


def _cut(text: str) -> str:
    """Return one line of at most ``DESCRIPTION_CHARS``, cut between words."""
    line = " ".join(text.split())
    if len(line) <= DESCRIPTION_CHARS:
        return line
    short = line[: DESCRIPTION_CHARS - 1]
    return (short.rsplit(" ", 1)[0] if " " in short else short).rstrip(",;:–- ") + "…"


def _identity(mint: Mint, found: StoredCredential, summary: Summary) -> Identity:
    """Return who signed: the profile of today, and the key that the proof names."""
    issuer = profiles.get(mint, found.issuer)
    ring = mint.cabinet.ring(found.issuer)
    method = _method(found)
    key = next((each for each in ring.keys if ring.method_id(each) == method), None)
    did = issuer.did
    return Identity(
        name=summary.issuer_name or issuer.profile.name,
        domain=did.split(":")[2].replace("%3A", ":") if did.startswith("did:web:") else did,
        did=did,
        path=issuer.profile.path(),
        address=pages.address(dict(issuer.profile.address)),
        key_id=method,
        key_since=None if key is None else key.created,
        key_state="" if key is None else str(key.state),
        sample=issuer.profile.sample,
    )


def _method(found: StoredCredential) -> str | None:
    """Return the verification method that the signature names."""
    if found.signed_json is None:
        header = parse_jwt((found.signed_jwt or b"").decode("ascii")).header
        value: Json = header.get("kid")
    else:
        proof = parse(found.signed_json).members.get("proof")
        first = proof[0] if isinstance(proof, list) and proof else proof
        value = first.get("verificationMethod") if isinstance(first, dict) else None
    return value if isinstance(value, str) else None


def _own_hosts(mint: Mint, identity: Identity) -> tuple[str, ...]:
    return "", mint.public_url.split("://", 1)[-1].split("/")[0], identity.domain


def _newer(mint: Mint, found: StoredCredential) -> Newer | None:
    key = publish.current(mint, found.key)
    if key == found.key or revocation.is_misaddressed(mint, found.key):
        return None
    change = revocation.replaced(mint, found.key)
    return Newer(
        url=issuance.credential_url(mint, key),
        path=f"/credentials/{key}",
        on=None if change is None else change.at,
        reason=None if change is None else change.public_reason,
    )


def _pieces(summary: Summary, words: Sequence[str]) -> tuple[Piece, ...]:
    if len(words) != len(summary.evidence):
        words = tuple(PUBLIC if each.id else PRIVATE for each in summary.evidence)
    return tuple(
        Piece(said, word if word != PUBLIC or said.id else PRIVATE)
        for said, word in zip(summary.evidence, words, strict=True)
    )


def _beside(said: Sequence[Recognised]) -> tuple[Spoken, ...]:
    """Return what recognizers say in credentials of their own, which stand beside this one."""
    return tuple(
        Spoken(
            who=each.who,
            text=each.text,
            outcome=each.outcome,
            sentence=each.sentence,
            on=each.on,
            path=each.path,
        )
        for each in said
    )


def spoken(signed: bytes | None, findings: Findings) -> tuple[Spoken, ...]:
    """Return what others say inside a credential, each with its own check; their words only if they hold."""
    document = parse(signed).members if signed is not None else {}
    return tuple(
        _one(document, check)
        for check in findings.checks
        if check.check == "endorsement" and check.path is not None and check.outcome != "not-applicable"
    )


def _one(document: Json | object, check: Check) -> Spoken:
    said = _endorsement(document, check.path or "")
    holds = str(check.outcome) == "pass" and said is not None
    return Spoken(
        who=said.issuer_name if holds and said is not None else None,
        text=said.narrative if holds and said is not None else None,
        outcome=str(check.outcome),
        sentence=check.explanation,
        on=said.awarded_on or said.valid_from if holds and said is not None else None,
    )


def _endorsement(document: Json | object, path: str) -> Summary | None:
    value: object = document
    for step in path.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        elif isinstance(value, Mapping) and name in value:
            value = value[name]
        else:
            return None
    try:
        members = credential_members(parse_jwt(value)) if isinstance(value, str) else value
    except HallmarkError:
        return None
    return summarize(members) if isinstance(members, Mapping) else None


def _awarded(mint: Mint, found: StoredCredential) -> Achievement | None:
    key = publish.achievement_key(mint, found)
    return None if key is None else achievements.get(mint, key)


def _criteria(awarded: Achievement | None) -> str:
    criteria = awarded.members.get("criteria") if awarded is not None else None
    narrative = criteria.get("narrative") if isinstance(criteria, dict) else None
    return _rendered(narrative) if isinstance(narrative, str) else ""


@lru_cache(maxsize=KEPT)
def _rendered(narrative: str) -> str:
    """Return the criteria of an achievement as HTML; every page of it shows the same ones."""
    return str(render(narrative))


def _links(path: str, found: StoredCredential) -> tuple[Link, ...]:
    links = []
    if found.signed_json is not None:
        links.append(Link("JSON", f"{path}.json", publish.JSON_TYPE))
    if found.signed_jwt is not None:
        links.append(Link("JWT", f"{path}.jwt", publish.JWT_TYPE))
    if found.kind == issuance.AWARD:
        links.append(Link("PNG", f"{path}.png", "image/png"))
        links.append(Link("SVG", f"{path}.svg", "image/svg+xml"))
        if typeset.is_available():
            links.append(Link("PDF", f"{path}.pdf", "application/pdf"))
    return tuple(links)
