# SPDX-License-Identifier: Apache-2.0
"""The PD certificate on paper: an upright form with the fields that a district files, and nothing to frame.

It looks unlike the award's certificate (promise "completion and attendance be other papers than the award").
PDF/A-3a with the signed credential attached and a code that leads to its page; everything on it is read from
what was signed, and says which state held at which moment.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from recognition.judging.award import JSON_TYPE
from recognition.stating.statement_view import StatementView
from service import qr, text
from service.typeset import typeset
from verifier.verdict import Verdict

MEDIA_TYPE: Final = "application/pdf"
LINE_CHARS: Final = 200  # characters of a name or title on paper
UNIT_CHARS: Final = 60  # characters of the unit's name at the head
TEXT_CHARS: Final = 700  # characters of a field; what is longer stands in the attached credential

_STATES: Final = {
    Verdict.VALID: ("In force", "ok"),
    Verdict.REVOKED: ("Withdrawn", "bad"),
    Verdict.SUSPENDED: ("Under review", "hold"),
    Verdict.EXPIRED: ("Expired", "warn"),
    Verdict.NOT_YET_VALID: ("Not yet valid", "warn"),
    Verdict.UNDETERMINED: ("Could not be checked", "warn"),
}
_OTHERWISE: Final = ("Not genuine", "bad")
NAMELESS: Final = "No name is shown here. The signed file holds a fingerprint of the participant’s address."


def pdf(view: StatementView, *, now: datetime) -> bytes:
    """Return the certificate as PDF.

    Raises:
        ExtraMissingError: Typst is not installed here.
        TypesettingBusyError: Others are being set; it did not get its turn in time.
        TypesettingError: It could not be set.
    """
    signed = view.statement.signed or b""
    files = {"credential.json": signed, "qr.svg": qr.svg(view.link)}
    return typeset("recognition/pd_certificate.typ", _values(view), now=now, files=files)


def _values(view: StatementView) -> dict[str, Any]:
    said = view.report.summary
    word, tone = _STATES.get(view.report.verdict, _OTHERWISE)
    return {
        "title": _cut(view.title, LINE_CHARS),
        "hours": view.hours,
        "unit": _cut(view.amount.removeprefix(view.hours).strip(), UNIT_CHARS),
        "participant": _cut(view.participant, LINE_CHARS),
        "nameless": NAMELESS,
        "sentence": _cut(view.sentence, TEXT_CHARS),
        "fields": [{"label": each.label, "value": _cut(each.value, TEXT_CHARS)} for each in view.fields],
        "sponsor": _cut((said.issuer_name or "") if said is not None else "", LINE_CHARS),
        "sponsor_id": _cut(view.report.issuer.id, LINE_CHARS),
        "state": {"word": word, "tone": tone, "is_valid": view.report.verdict is Verdict.VALID},
        "is_example": "(example rule)" in view.title,
        "checked": text.time(view.checked_at),
        "signed_on": text.day(view.statement.signed_at or view.checked_at),
        "award": view.award,
        "link": view.link,
        "sha256": view.sha256,
        "media_type": JSON_TYPE,
    }


def _cut(words: str, chars: int) -> str:
    line = " ".join(words.split())
    return line if len(line) <= chars else line[: chars - 1].rstrip() + "…"
