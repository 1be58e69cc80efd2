# SPDX-License-Identifier: Apache-2.0
"""Whether the awards that were counted still stand: looked up every day, and when an issuer tells us.

Recognition rules, section 8, "When a source falls", and sentence 17: an award that was revoked or suspended
afterwards, or whose signature holds no more, flips the lines of the ledger that used it to "reversal needed"
and its claim with them; the recognizers are told. Nothing is taken back here: the decision, the line and the
signed statement stay until a person decides (``reversals``). A suspension that is lifted takes its flag with
it. What could not be checked flips nothing, and is asked again (ADR 0004).

A newer issue that took an award's place is no fall: the older copy verifies. One that went to a wrong address
was withdrawn, and falls as any other. An award that has run out since is not one that fell, either.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from credentials.errors import HallmarkError
from recognition.claiming.claim_states import ClaimState
from recognition.office import Office
from recognition.reversing import certificate_recheck, reversal_letters
from recognition.reversing.fall import Answer, Flag, lifted, look_up, verdict_of
from recognition.store import fallen_certificates
from recognition.store import reversals as rows
from recognition.store.reversals import Line
from service import audit, clock, log
from verifier.report import Report

JOB: Final = "recognition-recheck"
EVERY: Final = timedelta(hours=1)  # how often the job looks at its rows; most of them are not due then
AGAIN: Final = timedelta(hours=20)  # how long a source is not looked up again, unless its issuer tells us
LINES: Final = 500  # lines of the ledger in one run
SHIFT: Final = 25.0  # seconds after which no further award is looked up in a run; the next one goes on
ACTOR: Final = "recheck"

_Source = tuple[str, bytes | None]  # a link, and what was brought as a file


def status_changed(office: Office, credential_ids: Sequence[str], *, now: datetime) -> None:
    """Hear from an issuer of this house that the state of awards has changed; what follows is the job's.

    Never fails: whoever revokes must not be kept from it. What is not heard is found by the daily look.
    """
    try:
        issues = sorted({each for id in credential_ids for each in (id, *office.same(id))})
        number = 0
        for start in range(0, len(issues), rows.IDS):
            some = issues[start : start + rows.IDS]
            with office.db.transaction() as session:
                number += rows.make_due(session, some) + fallen_certificates.make_due(session, some)
    except HallmarkError as error:
        log.event("recognition.bell-lost", level=logging.WARNING, error=error)
        return
    del now  # Due is due: the job takes what has no moment first.
    if number:
        office.ring(JOB)


def recheck(office: Office, now: datetime) -> int:
    """Look up the awards that are due, those that wait longest first; return how many were looked up.

    Awards of the ledger first, then those behind PD certificates without a decision.
    """
    until, number, before = clock.monotonic() + SHIFT, 0, now - AGAIN
    with office.db.reading() as session:
        lines = rows.due(session, before=before, most=LINES)
    keys = {each.award_key: each for each in reversed(lines)}
    for line in keys.values():
        if clock.monotonic() > until:
            break
        look(office, line, now=now)
        number += 1
    others, more = certificate_recheck.recheck(office, before=before, until=until, now=now)
    if more or len(lines) == LINES or number < len(keys):
        office.ring(JOB)
    return number + others


def look(office: Office, line: Line, *, now: datetime) -> bool:
    """Look up the award of ``line`` now, wherever it was counted; tell whether that gave an answer.

    Asked first is its id, where its issuer publishes it. Only if that gives none, each recognizer's line is
    asked about by what was brought to that very decision, and by nothing that anybody else has sent since.
    """
    with office.db.reading() as session:
        alive = rows.of_award(session, line.award_key)
        brought = {each.id: rows.source(session, each) for each in alive}
    answer = _asked(office, line, line.credential_id, None, now=now)
    found: dict[_Source, Answer | None] = {}
    answers: dict[str, Answer | None] = {}
    for each in alive:
        source = brought[each.id]
        if answer is None and source is not None and source not in found:
            found[source] = _asked(office, each, *source, now=now)
        answers[each.id] = answer if answer is not None or source is None else found[source]
    told = 0
    with office.db.transaction() as session:
        for each in rows.of_award(session, line.award_key):
            known = answers.get(each.id)
            if known is not None:
                told += _settle(session, each, known.flag, now=now)
        for answered in (True, False):
            ids = [id for id, known in answers.items() if (known is not None) is answered]
            rows.looked(session, ids, answered=answered, now=now)
    if told:
        office.ring("mail")
    return any(each is not None for each in answers.values())


def _asked(office: Office, line: Line, url: str, body: bytes | None, *, now: datetime) -> Answer | None:
    report = look_up(office, url, body, now=now) if url or body is not None else None
    return None if report is None else _answer(report, line)


def _answer(report: Report, line: Line) -> Answer | None:
    """Return the definite answer of a report about this very award, or None: anything else flips nothing.

    A record of earlier years may name no issuer: there the id alone says which award it is.
    """
    said = report.summary
    if said is None or said.id != line.credential_id or line.issuer_id not in ("", report.issuer.id):
        return None  # A host that shows something else there has not said that the award fell.
    return verdict_of(report)


# -- one line ---------------------------------------------------------------------------------------------


def _settle(session: Any, line: Line, flag: Flag | None, *, now: datetime) -> int:
    """Bring one line in accord with what was found; return how many letters were written."""
    if flag is None:
        return _lift(session, line, now=now) if lifted(line.flag) else 0
    if line.flag in (flag, Flag.REVOKED):
        return 0
    _raise(session, line, flag, now=now)
    _restate(session, line, now=now)
    for other in rows.earlier_stages(session, line):
        if not other.flag:
            _raise(session, other, Flag.ASKED, now=now)
    return reversal_letters.tell(session, line, flag, now=now)


def _raise(session: Any, line: Line, flag: Flag, *, now: datetime) -> None:
    rows.flag(session, line.id, flag, now=now)
    _record(session, line, "recognition.reversal-needed", flag, now=now)


def _lift(session: Any, line: Line, *, now: datetime) -> int:
    rows.clear(session, line.id)
    _record(session, line, "recognition.flag-lifted", line.flag, now=now)
    for other in rows.earlier_stages(session, line):
        if other.flag == Flag.ASKED and other.waits:
            rows.clear(session, other.id)
            _record(session, other, "recognition.flag-lifted", other.flag, now=now)
    _restate(session, line, now=now)
    return reversal_letters.tell_lifted(session, line, now=now) if line.waits else 0


def _restate(session: Any, line: Line, *, now: datetime) -> None:
    restate_claim(session, line.decision, now=now)


def restate_claim(session: Any, decision: str, *, now: datetime) -> None:
    """Let the claim of a decision say whether one of its lines waits for somebody, in the caller's commit."""
    lines: Sequence[Line] = rows.of_decision(session, decision)
    claim = lines[0].claim if lines else None
    if claim is None:
        return
    waits = any(each.waits and each.flag != Flag.ASKED for each in lines)
    wanted = ClaimState.REVERSAL_NEEDED if waits else ClaimState.USED
    expected = ClaimState.USED if waits else ClaimState.REVERSAL_NEEDED
    rows.restate_claim(session, claim, wanted, expected=(expected,), now=now)


def _record(session: Any, line: Line, action: str, flag: str, *, now: datetime) -> None:
    audit.record(
        session, actor=ACTOR, action=action, subject=f"ledger:{line.id}", detail={"flag": flag}, now=now
    )
