# SPDX-License-Identifier: Apache-2.0
"""What stands on a document for print: one credential in plain values, from signed data only.

``read`` has the credential examined first; what does not verify is not printed. The state is the verifier's
answer at that moment; our own rows only add the public reason of a withdrawal or review, where the verifier
has found one, and which newer issue took its place. A name is printed when the signature holds it, in plain
words or as a salted hash. Everything has a length that fits on paper: what is longer ends with "…", and
stands in full in the attached credential.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote

from credentials.dates import parse_datetime
from credentials.digests import sha256_hex
from credentials.document import Json, parse
from credentials.proofs.vc_jwt import credential_members, parse_jwt
from credentials.summary import EvidenceSummary, ResultSummary, Summary
from issuer import achievements, names, publish, revocation
from issuer.award import AwardState
from issuer.errors import NoSuchDocumentError, UnverifiedError
from issuer.issuance import credential_url
from issuer.mint import Mint
from issuer.store.credentials import StatusChange, StoredCredential
from service import text

TITLE_CHARS: Final = 200  # characters; the longest title of the catalogue has 90
SHORT_CHARS: Final = 80  # characters of the title at the head of further pages
NAME_CHARS: Final = 120  # characters of a name of a person or issuer, as on the pages
LINE_CHARS: Final = 160  # characters of a criterion, a standard, a line of an address
KEY_CHARS: Final = 200  # characters of the name of a key; a did:web of ours has about 60
SENTENCE_CHARS: Final = 600  # characters of the competency sentence
MEANING_CHARS: Final = 1_200  # characters of what a level means; a row must fit on a page
REASON_CHARS: Final = 300  # characters of a public reason
PIECES: Final = 40  # of evidence, and of standards; a submission has 3 to 12

NAMELESS: Final = "The earner has chosen not to show a name."
OTHER_NAME: Final = "The name in use today is not the one that was signed, so none is shown."

_KINDS: Final = {
    "MicroCredential": "Micro-credential",
    "CertificateOfCompletion": "Certificate of completion",
    "LearningProgram": "Learning program",
    "Badge": "Badge",
}
_LANGUAGES: Final = {"en": "English", "en-US": "English", "es": "Spanish", "de": "German", "fr": "French"}
_BADGES: Final = frozenset({"OpenBadgeCredential", "AchievementCredential"})
_GENUINE: Final = frozenset({"valid", "expired", "not-yet-valid", "revoked", "suspended"})
_DECIDED: Final = {"revoked": AwardState.REVOKED, "suspended": AwardState.SUSPENDED}
_LANGUAGE: Final = re.compile(r"([a-z]{2,3})(-[A-Za-z0-9]+)*")
_ADDRESS: Final = (
    ("streetAddress",),
    ("addressLocality", "addressRegion", "postalCode"),
    ("addressCountry",),
)


@dataclass(frozen=True, slots=True)
class State:
    """What holds at this moment: the verifier's word, or ``superseded``; a word and sentence for people."""

    verdict: str
    word: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Printed:
    """One credential, ready for print.

    Attributes:
        values: What a template shows; JSON values only.
        raw: The signed bytes that are attached.
        suffix: What their file's name ends with.
        badge: The badge image as SVG, if it is ours.
        link: Its page.
        awarded_at: For the order of several.
    """

    values: dict[str, Any]
    raw: bytes
    suffix: str
    badge: bytes | None
    link: str
    awarded_at: datetime


def read(mint: Mint, key: str, *, name: str | None, now: datetime) -> Printed:
    """Return what stands on a document about the credential ``key``, examined just now.

    Raises:
        NoSuchCredentialError: None was signed under this key.
        NoSuchDocumentError: It is no badge, so there is nothing to print.
        UnverifiedError: It does not verify at this moment.
    """
    found = publish.find(mint, key)
    raw = found.signed_json or found.signed_jwt or b""
    findings = mint.examine(raw, now=now)
    verdict, summary = str(findings.verdict), findings.summary
    if not isinstance(summary, Summary) or verdict not in _GENUINE:
        raise UnverifiedError(
            "This credential does not verify at this moment, so no document of it is made. Try again later.",
            got=verdict,
        )
    if not _BADGES.intersection(summary.kinds):
        raise NoSuchDocumentError("There is no certificate of this document.", got=key[:64])
    link = credential_url(mint, key)
    state = _state(found, revocation.last_change(mint, found.key), verdict, summary)
    awarded_at = summary.awarded_on or summary.valid_from or now
    return Printed(
        values={
            **_what(summary),
            **_whose(found, summary, name),
            "issuer": _issuer(found, summary),
            "state": asdict(state),
            "checked": text.time(now),
            "awarded": text.day(awarded_at),
            "month": f"{text.day(awarded_at).split(' ')[0]} {awarded_at.year}",
            "facts": _facts(summary),
            "results": [_result(result) for result in summary.results],
            "evidence": [_evidence(piece) for piece in summary.evidence[:PIECES]],
            "more_evidence": max(0, len(summary.evidence) - PIECES),
            "standards": [
                {
                    "name": cut(each.name or each.code or each.url or "", LINE_CHARS),
                    "framework": cut(each.framework or "", LINE_CHARS),
                    "url": each.url,
                }
                for each in summary.alignments[:PIECES]
            ],
            "link": link,
            "sha256": sha256_hex(raw),
        },
        raw=raw,
        suffix="json" if found.signed_json is not None else "jwt",
        badge=_badge(mint, found),
        link=link,
        awarded_at=awarded_at,
    )


def cut(words: str, chars: int) -> str:
    """Return at most ``chars`` characters on one line, "…" where something is missing."""
    line = " ".join(words.split())
    return line if len(line) <= chars else line[: chars - 1].rstrip() + "…"


def _what(summary: Summary) -> dict[str, Any]:
    language = _LANGUAGE.fullmatch(summary.language or "")
    kind = summary.achievement_type or ""
    return {
        "title": cut(summary.title or "Credential", TITLE_CHARS),
        "short": cut(summary.title or "Credential", SHORT_CHARS),
        "kind": _KINDS.get(kind, cut(kind, 60) or "Credential"),
        "code": cut(summary.human_code or "", 40),
        "language": language[1] if language else "en",
        "competency": cut(summary.description or "", SENTENCE_CHARS),
    }


def _whose(found: StoredCredential, summary: Summary, name: str | None) -> dict[str, Any]:
    """Return the name to print, or the sentence that stands in its place."""
    wanted = (name or summary.recipient_name or "").strip()
    if not wanted:
        return {"name": None, "nameless": NAMELESS, "hashed": False}
    is_plain = wanted == (summary.recipient_name or "").strip()
    if not is_plain and not names.fits(found, wanted):
        return {"name": None, "nameless": OTHER_NAME, "hashed": False}
    return {"name": cut(wanted, NAME_CHARS), "nameless": "", "hashed": not is_plain}


def _issuer(found: StoredCredential, summary: Summary) -> dict[str, Any]:
    members, method, created = _signed(found)
    profile = members.get("issuer")
    address = profile.get("address") if isinstance(profile, dict) else None
    domain = _domain(summary.issuer_id or "")
    return {
        "name": cut(summary.issuer_name or domain, NAME_CHARS),
        "domain": domain,
        "address": _address(address if isinstance(address, dict) else {}),
        "url": summary.issuer_url,
        "key": cut(method, KEY_CHARS),
        "signed": text.day(created) if created is not None else "",
    }


def _signed(found: StoredCredential) -> tuple[Mapping[str, Json], str, datetime | None]:
    """Return the signed members, the key that they were signed with, and when: as the proof says."""
    if found.signed_json is None:
        token = parse_jwt((found.signed_jwt or b"").decode("ascii"))
        return credential_members(token), token.kid or "", None
    members = parse(found.signed_json).members
    proofs = members.get("proof")
    proof = proofs[0] if isinstance(proofs, list) and proofs else proofs
    told = proof if isinstance(proof, dict) else {}
    method, created = told.get("verificationMethod"), told.get("created")
    return (
        members,
        method if isinstance(method, str) else "",
        parse_datetime(created) if isinstance(created, str) else None,
    )


def _domain(did: str) -> str:
    """Return the host that answers for an issuer: of a did:web or a URL; otherwise the identifier."""
    if did.startswith("did:web:"):
        return unquote(did.split(":")[2])[:253]
    return did.split("/")[2] if did.startswith(("https://", "http://")) else did[:64]


def _address(members: Mapping[str, Json]) -> list[str]:
    """Return the lines of an address: street; locality, region and postal code; country."""
    lines = []
    for parts in _ADDRESS:
        told = [value for part in parts if isinstance(value := members.get(part), str)]
        town, rest = told[:1], " ".join(told[1:])
        lines.append(cut(", ".join(part for part in (*town, rest) if part), LINE_CHARS))
    return [line for line in lines if line]


def _state(found: StoredCredential, change: StatusChange | None, verdict: str, summary: Summary) -> State:
    is_told = change is not None and _DECIDED.get(verdict) is change.state
    since = f" {text.day(change.at)}" if change is not None and is_told else ""
    reason = cut(change.public_reason or "", REASON_CHARS) if change is not None and is_told else ""
    because = f" Reason: {reason}" if reason else ""
    if verdict == "revoked":
        on = f" on{since}" if since else ""
        return State(verdict, "Withdrawn", f"The issuer withdrew it{on}. It does not count.{because}")
    if verdict == "suspended":
        said = f"The issuer has been looking into it since{since}." if since else "The issuer looks into it."
        return State(verdict, "Under review", f"{said} It does not count until that ends.{because}")
    if found.superseded_by is not None:
        # Not the newer one's address: whoever reads this file for its links looks for this credential.
        said = "A newer issue of the same award took its place; the page behind the link leads to it."
        return State("superseded", "Replaced", said)
    if verdict == "expired":
        ended = f"Genuine, but it ended on {text.day(summary.valid_until)}." if summary.valid_until else ""
        return State(verdict, "Expired", ended or "Genuine, but it has ended.")
    if verdict == "not-yet-valid":
        begins = f"Genuine, but it begins on {text.day(summary.valid_from)}." if summary.valid_from else ""
        return State(verdict, "Not yet valid", begins or "Genuine, but it has not begun.")
    return State(verdict, "Valid", "Genuine and in force.")


def _facts(summary: Summary) -> list[list[str]]:
    """Return labels and words: the dates first."""
    told = [
        ("Awarded", summary.awarded_on and text.day(summary.awarded_on)),
        ("In force from", summary.valid_from and text.day(summary.valid_from)),
        ("Ends", text.day(summary.valid_until) if summary.valid_until else "No end date"),
        ("Work begun", summary.activity_start and text.day(summary.activity_start)),
        ("Work ended", summary.activity_end and text.day(summary.activity_end)),
        ("Code", cut(summary.human_code or "", 40)),
        ("Version", cut(summary.version or "", 40)),
        ("Language", _LANGUAGES.get(summary.language or "", cut(summary.language or "", 20))),
    ]
    return [[label, words] for label, words in told if words]


def _result(result: ResultSummary) -> dict[str, Any]:
    reached = result.level or result.value or result.status or "–"
    if result.points:
        reached = f"{reached} ({result.points} points)"
    return {
        "criterion": cut(result.criterion or "Result", LINE_CHARS),
        "reached": cut(reached, LINE_CHARS),
        "meaning": cut(result.level_description or "The credential does not describe it.", MEANING_CHARS),
        "required": cut(result.required_level or result.required_value or "", LINE_CHARS),
        "met": result.met,
    }


def _evidence(piece: EvidenceSummary) -> dict[str, Any]:
    return {
        "name": cut(piece.name or piece.genre or "A piece of evidence", LINE_CHARS),
        "genre": cut(piece.genre or "", 60) if piece.name and piece.name != piece.genre else "",
        "url": piece.id,
        "sealed": piece.digest is not None,
    }


def _badge(mint: Mint, found: StoredCredential) -> bytes | None:
    awarded = publish.achievement_key(mint, found)
    if awarded is None:
        return None
    image = achievements.document(mint, f"/achievements/{awarded}/image.svg")
    return None if image is None else image.body
