# SPDX-License-Identifier: Apache-2.0
"""What the pages of recognitions, decisions and PD certificates show: from signed data, examined just now."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from credentials.digests import sha256_hex
from credentials.document import Json, parse
from credentials.errors import HallmarkError
from recognition.office import Office
from recognition.plan.questions import purpose_words
from recognition.rule import policy_phrases
from recognition.rule.policy import Unit
from recognition.rule.units import say
from recognition.stating import decision_document, spoken
from recognition.stating.pd_certificate import FIELDS, RESULT_NAME
from recognition.store import statements as rows
from recognition.store.statements import Statement
from service import qr, text
from verifier.decision_format import ShownDecision, ShownGroup
from verifier.report import Report

STAGES: Final = {"awarded": "", "complete-submission": "for a complete submission"}
OUTCOMES: Final = {"granted": "Granted", "supporting-document": "Accepted as a supporting document"}

_FIELD: Final = re.compile(r"^- ([A-Z][a-z]+): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a list: its name, and what there is to say."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision as its page shows it.

    Attributes:
        sentence: The whole in one sentence.
        path: Its page here.
        policy_path: The page of the rule's version, here.
    """

    shown: ShownDecision
    sentence: str
    facts: tuple[Fact, ...]
    groups: tuple[Fact, ...]
    path: str
    policy_path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class StatementView:
    """A recognition or PD certificate as its page shows it.

    Attributes:
        report: The verifier's answer about it, of this moment.
        award: Link of the award, or id of the Achievement, that it is about.
        award_report: The verifier's answer about that award, where it is one of this house.
        decision: The decision behind it, if one is published.
        withdrawn_at: When it was withdrawn.
        fields: What a district files, of a PD certificate.
        hours: Of a PD certificate.
        participant: The name to show on it, or "".
    """

    statement: Statement
    report: Report
    link: str
    title: str
    sentence: str
    award: str
    award_title: str
    award_report: Report | None
    decision: DecisionView | None
    withdrawn_at: datetime | None
    checked_at: datetime
    sha256: str
    qr_code: str
    fields: tuple[Fact, ...] = ()
    hours: str = ""
    participant: str = ""

    @property
    def amount(self) -> str:
        """The hours of a PD certificate in words, as signed: with the unit's place, where it says one."""
        said = next((each.value for each in self.fields if each.label == "Hours"), "")
        return said if said not in ("", self.hours) else f"{self.hours} {RESULT_NAME}"


def statement_view(
    office: Office, found: Statement, *, now: datetime, is_private: bool = False
) -> StatementView:
    """Return the page of a statement, examined just now, and its award if that is one of this house.

    Of a PD certificate it names the participant who agrees to that; ``is_private``: who alone reads it.
    """
    signed = found.signed or b""
    members = parse(signed).members
    report = spoken.examine(office, found, now=now)
    link = str(members["id"])
    is_certificate = found.kind == rows.CERTIFICATE
    award_report = _award(office, found, now=now)
    awarded = None if award_report is None else award_report.summary
    said = report.summary
    return StatementView(
        statement=found,
        report=report,
        link=link,
        title=str(members["name"]),
        sentence=(said.description if is_certificate else said.narrative) or "" if said is not None else "",
        award=found.credential_id,
        award_title=(awarded.title or "") if awarded is not None else "",
        award_report=award_report,
        decision=_decision(office, found.decision) if found.decision else None,
        withdrawn_at=found.withdrawn_at,
        checked_at=now,
        sha256=sha256_hex(signed),
        qr_code="data:image/svg+xml;base64," + base64.b64encode(qr.svg(link)).decode("ascii"),
        fields=fields(report, members) if is_certificate else (),
        hours=hours(report) if is_certificate else "",
        participant=found.participant if is_private else found.shown_name,
    )


def decision_view(document: bytes) -> DecisionView:
    """Return the page of a decision document.

    Raises:
        DecisionFormError: It is not as agreed.
    """
    shown = decision_document.read(document)
    facts = [
        Fact("For", purpose_words(shown.purpose)),
        Fact("Place", policy_phrases.place(shown.jurisdiction)),
        Fact("Decided by", shown.decided_by),
        Fact("Decided on", text.day(shown.decided_on)),
        Fact("Rule", f"{shown.policy.title} ({shown.policy.id}, version {shown.policy.version})"),
        Fact("Who decides by it", shown.recognizer),
    ]
    facts += [
        Fact(f"Of it for attendance, {policy_phrases.bucket(name)}", _words(shown, amount))
        for name, amount in shown.attended.items()
    ]
    return DecisionView(
        shown=shown,
        sentence=sentence(shown),
        facts=tuple(facts),
        groups=tuple(_group(shown, group) for group in shown.groups),
        path="/decisions/" + shown.id.rpartition("/")[2].removesuffix(".json"),
        policy_path=f"/policies/{shown.policy.id}/{shown.policy.version}",
        sha256=sha256_hex(document),
    )


def sentence(shown: ShownDecision) -> str:
    """Return a decision as one sentence; no amount is told where none is given by its nature."""
    start = OUTCOMES.get(shown.outcome, shown.outcome.replace("-", " ").capitalize())
    amount = "" if shown.amount is None else f": {_words(shown, shown.amount)}"
    return f"{start}{amount}, for {purpose_words(shown.purpose)}, on {text.day(shown.decided_on)}."


def hours(report: Report) -> str:
    """Return the clock hours of a certificate, "" if it names none."""
    results = report.summary.results if report.summary is not None else ()
    return next((each.value for each in results if each.value), "")


def fields(report: Report, members: Mapping[str, Json]) -> tuple[Fact, ...]:
    """Return what a district files, as it was signed."""
    said = report.summary
    if said is None:
        return ()
    found = dict(_FIELD.findall(said.criteria_narrative or ""))
    facts = [Fact(name, found[name]) for name in FIELDS if name in found]
    if said.issuer_address:
        facts.append(Fact("Sponsor’s address", ", ".join(said.issuer_address)))
    if said.awarded_on is not None:
        facts.append(Fact("Signed on", text.day(said.awarded_on)))
    return tuple(facts)


def _words(shown: ShownDecision, amount: Decimal) -> str:
    """Return an amount in words, with its place."""
    return say(amount, Unit(shown.unit, shown.unit_name))


def _decision(office: Office, id: str) -> DecisionView | None:
    with office.db.reading() as session:
        document = rows.document(session, id)
    return None if document is None else decision_view(document)


def _award(office: Office, found: Statement, *, now: datetime) -> Report | None:
    """Examine the award behind it, if it stands in this house; nobody else's host is asked for a page."""
    if not found.credential_id.startswith(f"{office.public_url}/credentials/"):
        return None
    try:
        return office.bureau.desk.look_at_url(found.credential_id, now=now)
    except HallmarkError:
        return None


def _group(shown: ShownDecision, group: ShownGroup) -> Fact:
    label = text.count(group.size, "micro-credential")
    stage = STAGES.get(group.stage, group.stage)
    label = f"{label}, {stage}" if stage else label
    buckets = ", ".join(policy_phrases.bucket(each) for each in group.buckets)
    if group.amount is None:
        return Fact(label, "accepted, without units")
    where = f" for {buckets}" if buckets else ""
    part = ", in part, as one left over" if group.pro_rata else ""
    return Fact(label, f"{_words(shown, group.amount)}{where}{part}")
