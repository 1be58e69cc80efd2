# SPDX-License-Identifier: Apache-2.0
"""What a card shows: words, state and marks. All that is drawn is in a ``Face``, and so in its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, Literal

from issuer import names, publish
from issuer.cards.lettering import drawable
from issuer.mint import Mint
from issuer.ports import Check, Findings
from issuer.store.credentials import StoredCredential
from service import text

DESIGN: Final = 1  # one more whenever the drawing changes, so that every card gets a new address
HASH_CHARS: Final = 20  # of hexadecimal: 80 bits, and nobody gains by a collision
AUTHENTICITY: Final = frozenset({"structure", "signed_content", "proof", "issuer", "schema"})

State = Literal["struck", "outlined", "barred"]

# Word, symbol and colours by verdict, as the page has them (templates/parts/verdict.html).
LOOKS: Final = {
    "valid": ("Valid", "ring", "ok"),
    "expired": ("Expired", "hourglass", "warn"),
    "not-yet-valid": ("Not yet valid", "calendar", "warn"),
    "suspended": ("Under review", "pause", "hold"),
    "revoked": ("Withdrawn", "octagon", "bad"),
    "undetermined": ("Not determined", "question", "neutral"),
    "unsigned-content": ("Unsigned content", "broken", "bad"),
    "invalid": ("Not genuine", "cross", "bad"),
    "superseded": ("Replaced", "arrow", "neutral"),
}
REPLACEABLE: Final = frozenset({"valid", "expired", "not-yet-valid"})  # where "replaced" is the better word


@dataclass(frozen=True, slots=True)
class Face:
    """Everything that a card shows.

    Attributes:
        site: The name of this site, and ``host`` its address.
        achievement: Key of what was awarded, whose image is shown; None shows an empty outline.
        title: None where nothing of the document is shown as true.
        issuer, name, when: Words, or None.
        state: The verdict, or ``superseded``.
        is_recognised: Whether the issuer is one that this site recognises; only then a valid one is green.
        marks: The four, in their order.
    """

    site: str
    host: str
    achievement: str | None
    kind: str
    title: str | None
    issuer: str | None
    name: str | None
    when: str | None
    state: str
    is_recognised: bool
    marks: tuple[State, State, State, State]
    design: int = DESIGN

    @property
    def hash(self) -> str:
        """The version in its address."""
        told = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()[:HASH_CHARS]

    @property
    def word(self) -> str:
        """The state in a word."""
        return LOOKS[self.state][0]

    @property
    def label(self) -> str:
        """What the card shows, for those who do not see it."""
        what = ", ".join(part for part in (self.title or "A credential", self.issuer) if part)
        earner = f", awarded to {self.name}" if self.name else ""
        return f"{what}{earner}: {self.word.lower()}"


def face(mint: Mint, found: StoredCredential, *, now: datetime, name: str | None = None) -> Face:
    """Examine ``found`` and return its face; ``name`` is one that is going to be shown beside it."""
    findings = mint.examine(found.signed_json or found.signed_jwt or b"", now=now)
    said = findings.summary
    return face_of(mint, found, findings, name=(said and names.earner(mint, found, said)) or name)


def face_of(mint: Mint, found: StoredCredential, findings: Findings, *, name: str | None) -> Face:
    """Return the face of what was examined; ``name`` is the one that is said."""
    verdict, said = str(findings.verdict), findings.summary
    state = "superseded" if found.superseded_by and verdict in REPLACEABLE else verdict
    site, host = mint.settings.title, mint.public_url.split("://", 1)[-1]
    recognised = findings.recognised_issuer is True
    if said is None or not is_authentic(findings):
        return Face(
            site=drawable(site) or "",
            host=host,
            achievement=None,
            kind="Credential",
            title=None,
            issuer=None,
            name=None,
            when=None,
            state=state if state in LOOKS else "undetermined",
            is_recognised=False,
            marks=marks(findings, has_criteria=False, has_results=False, is_shown=False),
        )
    moment = said.awarded_on or said.valid_from
    code = said.human_code or ""
    kind = "Micro-credential" if said.achievement_type == "MicroCredential" else "Credential"
    # A title that our letters cannot write is left to the picture and its description.
    return Face(
        site=drawable(site) or "",
        host=host,
        achievement=publish.achievement_key(mint, found),
        kind=" · ".join(part for part in (kind, drawable(code)) if part),
        title=drawable(said.title or "") or kind,
        issuer=drawable(said.issuer_name or ""),
        name=drawable(name or "", exact=True),
        when=None if moment is None else text.day(moment),
        state=state if state in LOOKS else "undetermined",
        is_recognised=recognised,
        marks=marks(
            findings,
            has_criteria=bool(said.criteria_narrative or said.criteria_url or said.results),
            has_results=bool(said.results),
            is_shown=True,
        ),
    )


def is_authentic(findings: Findings) -> bool:
    """Tell whether everything shown is proven to be the issuer's own word."""
    passed = {str(check.check) for check in findings.checks if str(check.outcome) == "pass"}
    return passed >= AUTHENTICITY and str(findings.verdict) not in ("invalid", "unsigned-content")


def marks(
    findings: Findings, *, has_criteria: bool, has_results: bool, is_shown: bool
) -> tuple[State, State, State, State]:
    """Return the four marks, by the rules of ``templates/parts/marks.html``."""
    checks = findings.checks
    genuine = is_shown and _all(checks, "proof", "issuer")
    return (
        _mark(checks, ("proof", "issuer"), genuine),
        _mark(checks, ("structure", "signed_content", "schema"), genuine and has_criteria),
        _mark(checks, ("evidence",), genuine and has_results),
        _mark(
            checks,
            ("validity", "status"),
            genuine and _all(checks, "validity") and _all(checks, "status", also="not-applicable"),
        ),
    )


def _mark(checks: Sequence[Check], barring: tuple[str, ...], struck: bool) -> State:
    if any(str(each.check) in barring and str(each.outcome) == "fail" for each in checks):
        return "barred"
    return "struck" if struck else "outlined"


def _all(checks: Sequence[Check], *wanted: str, also: str = "pass") -> bool:
    outcomes = {str(each.check): str(each.outcome) for each in checks}
    return all(outcomes.get(name) in ("pass", also) for name in wanted)
