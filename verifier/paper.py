# SPDX-License-Identifier: Apache-2.0
"""What is about an award: a PD certificate that names the award behind its hours, and a recognition.

Whoever brings the PDF of a PD certificate asks one thing: whether that certificate holds. It has the signed
certificate attached, and links the award, which is therefore looked at and told beside the one verdict; it is
no second thing to be judged. Only where one question is asked: a batch, a claim and a forwarded mail take
everything that a document holds. Nothing disappears: what a paper says to rest on is always shown. A
recognition is of no use to a reader without the micro-credential that it recognises, so that one is looked at
as well, with a budget of its own, and named in its sentence; no verdict is raised by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from credentials.document import Json
from credentials.errors import HallmarkError
from verifier import explain
from verifier.desk import Desk
from verifier.report import Report
from verifier.unpack import Claim, links
from verifier.verdict import Verdict
from verifier.verify import unexamined

CERTIFICATE: Final = "CertificateOfCompletion"
GENRE: Final = "Micro-credential"  # of the evidence that is the award


@dataclass(frozen=True, slots=True)
class Behind:
    """The award behind a paper, as it stands now."""

    url: str
    report: Report

    def to_json(self) -> dict[str, Any]:
        """Return the object that the API answers with."""
        said = self.report.summary if self.report.is_authentic else None
        return {
            "url": self.url,
            "verdict": str(self.report.verdict),
            "sentence": self.report.sentence,
            "title": said.title if said is not None else None,
        }


def folded(claims: Sequence[Claim]) -> tuple[Claim, str] | None:
    """Return the one PD certificate among these claims with the link of its award; None: they are several.

    The others must all be the link that the certificate names as its award, and it must be one award.
    """
    papers = [each for each in claims if each.presented is not None]
    if len(papers) != 1 or any(each.url is None for each in claims if each is not papers[0]):
        return None
    award = _award(papers[0])
    rest = {links.key(each.url) for each in claims if each.url is not None}
    if award is None or rest != {links.key(award)}:
        return None
    return papers[0], award


def look_behind(desk: Desk, url: str, *, now: datetime) -> Behind:
    """Examine the award behind a paper; what cannot be examined is told as that."""
    try:
        return Behind(url, desk.look_at_url(url, now=now))
    except HallmarkError as error:
        return Behind(url, unexamined(error, now=now))


def recognised_by(desk: Desk, report: Report, *, now: datetime) -> Behind | None:
    """Examine what a recognition is about; None where it is none, or names nothing that we would open."""
    if report.decision is None or not report.is_authentic:
        return None
    url = links.meant(report.decision.about)
    return look_behind(desk, url, now=now) if url is not None else None


def told(report: Report, behind: Behind) -> Report:
    """Return the report of a recognition in force with who recognises what as its sentence.

    Every word of it is signed: by the recognizer what is granted, by the issuer of the award its title.
    Another verdict keeps its own sentence.
    """
    if report.verdict is not Verdict.VALID or report.superseded_by or report.summary is None:
        return report
    said = behind.report.summary if behind.report.is_authentic else None
    title = said.title if said is not None else None
    what = (report.summary.title or "").removeprefix("Recognised: ")
    who = report.issuer.name or report.issuer.address
    named = f"“{explain.shown(title)}”" if title else "a micro-credential"
    sentence = f"Genuine: {explain.shown(who)} recognises {named}"
    sentence += f": {explain.shown(what)}." if what else "."
    if behind.report.verdict is not Verdict.VALID:
        state = explain.WORDS[behind.report.verdict]
        sentence += f" Careful: that micro-credential by itself is now: {state.lower()}."
    return replace(report, sentence=sentence)


def _award(claim: Claim) -> str | None:
    """Return the address of the award that a PD certificate names, if it names exactly one."""
    members = claim.presented.document.members if claim.presented is not None else {}
    achievement = _object(_object(members.get("credentialSubject")).get("achievement"))
    evidence = members.get("evidence")
    if achievement.get("achievementType") != CERTIFICATE or not isinstance(evidence, list):
        return None
    named = [_object(each).get("id") for each in evidence if _object(each).get("genre") == GENRE]
    return links.meant(named[0]) if len(named) == 1 and isinstance(named[0], str) else None


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}
