# SPDX-License-Identifier: Apache-2.0
"""Verification: the numbered steps from a presented credential to a report.

Open Badges 3.0, "Verification and Validation" (https://www.imsglobal.org/spec/ob/v3p0/#verification); VCDM
2.0, "Verification"; Data Integrity 1.0, "Verify Proof".

0. Intake: bytes become ``Presented`` (``verifier.intake``); what fails there is no credential.
1. Claims, data model version, contexts, canonical form (``opened``).
2. Signatures and whose keys they are (``securing``, ``resolve``).
3. Structure, signed content, schema.
4. Refresh: nothing to do, a refresh service is never called here.
5. Dates, status, recipient and evidence if asked for.
6. Embedded endorsements, by the same rules, reported apart.
7. Is the issuer on the reader's list, does its name mislead: statements apart.
8. One verdict (``verdict``), in words (``explain``); of a recognition the decision behind it, apart from it.
9. What a district makes of it (``district``).

Every step runs as far as it can, so that the report is complete. Only errors of our tree are answers;
anything else is a mistake of ours and leaves no verdict behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from credentials.errors import HallmarkError, MalformedError, WrongError
from credentials.summary import summarize
from verifier import explain
from verifier.asked import NOTHING, Asked
from verifier.checks.endorsement import check_endorsements
from verifier.checks.evidence import check_evidence
from verifier.checks.issuer import check_issuer
from verifier.checks.lookalike import check_lookalike
from verifier.checks.proof import check_proof
from verifier.checks.recipient import check_recipient
from verifier.checks.schema import check_schema
from verifier.checks.signed_content import check_signed_content
from verifier.checks.status import check_status
from verifier.checks.structure import check_structure
from verifier.checks.trust import check_trust
from verifier.checks.validity import check_validity
from verifier.decision_shown import decision_behind
from verifier.details import details_of
from verifier.district import rows
from verifier.errors import NotGenuineError, UndeterminedError
from verifier.intake import Presented
from verifier.opened import latest, open_credential
from verifier.party import Party, party_of
from verifier.ports import Fetch, Newer, Registry, StatusMemory
from verifier.registry import NoList
from verifier.report import Report, VerifiedCredential, is_statement
from verifier.securing import check_signatures
from verifier.status_source import NoMemory, StatusLists
from verifier.verdict import Verdict, decide


def examine(
    presented: Presented,
    *,
    now: datetime,
    fetch: Fetch,
    registry: Registry | None = None,
    memory: StatusMemory | None = None,
    asked: Asked = NOTHING,
    evidence: Mapping[str, bytes] | None = None,
    newer: Newer | None = None,
) -> Report:
    """Answer everything that can be asked about ``presented``.

    Args:
        presented: From ``intake.read``.
        now: The time of the verification.
        fetch: Documents of issuers and status lists, by name.
        registry: Whom the reader recognises; nobody makes no statement.
        memory: Which status lists were seen before.
        asked: What somebody asks beside: whose it should be, and when.
        evidence: Pieces of evidence by id, if somebody asks whether they are unchanged.
        newer: Tells of a credential of this house whether a newer issue took its place.
    """
    registry = registry or NoList()
    lists = StatusLists(fetch, now, memory or NoMemory())
    # Steps 1 and 2.
    opened = open_credential(presented)
    signatures = check_signatures(opened, fetch=fetch, now=now)
    created = latest(*(signature.created for signature in signatures.found))
    # Steps 3 and 5. Step 4 needs no code.
    proof, issuer = check_proof(opened, signatures), check_issuer(opened, signatures)
    status = check_status(opened, lists=lists)
    # Steps 6 and 7.
    party = party_of(opened.members)
    endorsements = check_endorsements(opened, fetch=fetch, now=now, lists=lists)
    trust, recognised = check_trust(party, registry=registry, proof=proof, issuer=issuer)
    checks = (
        check_structure(opened, signatures),
        check_signed_content(opened, signatures),
        proof,
        issuer,
        check_validity(opened, now=now, created=created),
        status.check,
        check_schema(opened),
        check_recipient(opened, expected_recipient=asked.recipient, may_compare=asked.may_compare),
        check_evidence(opened, pieces=evidence),
        *endorsements,
        trust,
        check_lookalike(party, registry=registry),
    )
    # Step 8.
    wanted = {"recipient"} if asked.recipient is not None else set()
    verdict = decide(checks, asked=wanted | ({"evidence"} if evidence is not None else set()))
    summary = summarize(opened.members)
    report = Report(
        verdict=verdict,
        sentence=explain.sentence_for(
            verdict,
            checks,
            issuer=party.name or party.address,
            recognised=recognised,
            is_statement=is_statement(summary.kinds),
        ),
        recognised_issuer=recognised,
        issuer=party,
        summary=summary,
        checks=checks,
        verified_at=now,
        status_as_of=status.as_of,
        container=str(presented.container),
        details=details_of(opened, signatures=signatures, status=status, summary=summary),
    )
    if report.is_statement and report.is_authentic:
        report = replace(report, decision=decision_behind(opened.members, issuer=party, fetch=fetch))
    # Step 9.
    report = _replaced(report, newer(opened.id, issuer_id=party.id) if newer and opened.id else None)
    return replace(report, rows=rows(report, asked))


def _replaced(report: Report, address: str | None) -> Report:
    """Return the report of something whose place a newer issue took; that is never part of the verdict.

    Whatever is worse than "in force" stays the first thing that is said.
    """
    if address is None or not report.is_authentic:
        return report
    sentence = explain.REPLACED if report.verdict is Verdict.VALID else report.sentence
    return replace(report, superseded_by=address, sentence=sentence)


@dataclass(frozen=True, slots=True)
class Examined:
    """One examination, for callers that go on with the credential.

    Attributes:
        report: The whole answer.
        credential: The credential; None unless its verdict is ``valid`` and it is no statement.
        raw: The exact bytes of the credential, without a picture around it; of a JWT its text.
    """

    report: Report
    credential: VerifiedCredential | None
    raw: bytes = b""


def examine_for_use(
    presented: Presented,
    *,
    now: datetime,
    fetch: Fetch,
    registry: Registry | None = None,
    memory: StatusMemory | None = None,
    asked: Asked = NOTHING,
    newer: Newer | None = None,
) -> Examined:
    """Examine ``presented`` once, and hand it on as verified if it is; arguments as ``examine``."""
    report = examine(
        presented, now=now, fetch=fetch, registry=registry, memory=memory, asked=asked, newer=newer
    )
    raw = presented.document.raw if presented.jwt is None else presented.jwt.token.text.encode()
    is_award = report.verdict is Verdict.VALID and not report.is_statement
    return Examined(report, VerifiedCredential(presented.document, report) if is_award else None, raw)


def verify(
    presented: Presented,
    *,
    now: datetime,
    fetch: Fetch,
    registry: Registry | None = None,
    memory: StatusMemory | None = None,
    asked: Asked = NOTHING,
) -> VerifiedCredential:
    """Return ``presented`` as verified, or raise. For callers that go on with the credential.

    Raises:
        NotGenuineError: The verdict is a definite no, or it is a statement about something and no award.
        UndeterminedError: The verdict is ``undetermined``.
    """
    examined = examine_for_use(
        presented,
        now=now,
        fetch=fetch,
        registry=registry,
        memory=memory,
        asked=asked,
    )
    report = examined.report
    if report.is_statement:
        raise NotGenuineError("This is a signed statement, and not a badge.", got=str(report.verdict))
    if examined.credential is not None:
        return examined.credential
    kind = UndeterminedError if report.verdict is Verdict.UNDETERMINED else NotGenuineError
    raise kind(report.sentence, got=str(report.verdict))


def unexamined(error: HallmarkError, *, now: datetime) -> Report:
    """Return the report about something in which no credential was found: the terminal always reports.

    What is no credential is not genuine; whatever else kept us from examining it leaves it undetermined.
    """
    is_answer = isinstance(error, MalformedError | WrongError)
    sentence = explain.STRUCTURE_NO_CREDENTIAL if is_answer else explain.STRUCTURE_UNREACHED
    checks = (explain.say(sentence, path=error.path, reason=error.message),)
    verdict = Verdict.INVALID if is_answer else Verdict.UNDETERMINED
    report = Report(
        verdict=verdict,
        sentence=explain.sentence_for(verdict, checks, issuer="", recognised=None),
        recognised_issuer=None,
        issuer=Party(id="", name=None, url=None, address=""),
        summary=None,
        checks=checks,
        verified_at=now,
    )
    return replace(report, rows=rows(report, NOTHING))
