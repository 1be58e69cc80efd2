# SPDX-License-Identifier: Apache-2.0
"""The 13 rows with a policy and a ledger: what the verifier left open, answered by the reader's rule.

Rows 4, 5, 7, 8, 9, 10 and 12 are laid over those of ``verifier.district``, from the steps of the judgement;
row 2 is answered for an award that this house gave to the very account that claims. Of what is not shown to
be its issuer's word, nothing is laid over: nothing in it counts. Never a total.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from recognition.judging.answer import ASK_LOCAL, LEARNING_ONLY, SUPPORTING_DOCUMENT, Answer, Judged, Step
from recognition.judging.answer import Mark as Said
from recognition.judging.finding import At
from recognition.plan.worth import terms
from recognition.rule.policy import Policy
from recognition.rule.units import say
from verifier.outcome import Mark, Row
from verifier.report import Report

ENROLLED: Final = "enrolled"
_MARKS: Final[Mapping[Said, Mark]] = {
    Said.YES: Mark.YES,
    Said.NO: Mark.NO,
    Said.OPEN: Mark.YOU_DECIDE,
    Said.NOT_ASKED: Mark.YOU_DECIDE,
}
_BY_NATURE: Final = frozenset({LEARNING_ONLY, ASK_LOCAL, SUPPORTING_DOCUMENT})
_OWNED: Final = "It was awarded here to the account that sends this claim."


def rows(report: Report, judged: Judged, answer: Answer, *, owned: bool = False) -> tuple[Row, ...]:
    """Return all 13 rows about one award of a claim.

    Args:
        report: The verifier's.
        judged: What the policy says of it.
        answer: The whole, for groups and amounts.
        owned: Whether this house gave the award to the account that claims.
    """
    if not report.is_authentic or report.is_statement:
        return report.rows
    laid = {
        4: _cycle(judged),
        5: _units(judged, answer),
        7: _listed(judged),
        8: _approved(judged, answer.policy),
        9: _in_time(judged),
        10: _unused(judged),
        12: _eligible(judged),
    }
    if owned:
        laid[2] = (Mark.YES, _OWNED, "")
    return tuple(_over(row, laid.get(row.number)) for row in report.rows)


_Laid = tuple[Mark, str, str] | None


def _over(row: Row, laid: _Laid) -> Row:
    return row if laid is None else Row(row.number, row.title, *laid)


def _cycle(judged: Judged) -> _Laid:
    step = _step(judged, At.CYCLE)
    if step is None or step.mark is Said.NOT_ASKED:
        return None  # The verifier's row tells the days, and asks.
    asks = "Ask for the first and the last day of the cycle." if step.mark is Said.OPEN else ""
    return _MARKS[step.mark], step.sentence, asks


def _units(judged: Judged, answer: Answer) -> _Laid:
    policy = answer.policy
    if judged.outcome in _BY_NATURE:
        return Mark.YOU_DECIDE, judged.sentence, "Units are not what it is for here."
    group = next((each for each in answer.groups if each.number == judged.group), None)
    if group is not None and group.units is not None:
        number = len(group.awards)
        others = f" Together with {number - 1} more." if number > 1 else ""
        said = f"The rule gives {say(group.units, policy.unit)} for its group.{others}"
        return Mark.YES, said, group.asks
    if group is not None:
        return Mark.YOU_DECIDE, "The rule leaves the number to a person.", "How many? Write it below."
    if any(each.amount is not None for each in policy.grants):
        return Mark.YES, f"The rule states them: {terms(policy)}", ""
    return Mark.YOU_DECIDE, f"The rule states no number: {terms(policy)}", "How many does a person grant?"


def _listed(judged: Judged) -> _Laid:
    step = _step(judged, At.ACCEPTED)
    if step is None or step.mark is Said.NOT_ASKED:
        return None
    return _MARKS[step.mark], step.sentence, ""


def _approved(judged: Judged, policy: Policy) -> _Laid:
    step = _step(judged, At.REQUIRED)
    if step is None or not any(each.before == ENROLLED for each in policy.requires):
        said = "The rule asks for no approval before the work begins."
        return Mark.YOU_DECIDE, said, "Did you want to be asked first?"
    asks = (
        "Record the approval under Attestations, if it was given in time." if step.mark is Said.OPEN else ""
    )
    return _MARKS[step.mark], step.sentence, asks


def _in_time(judged: Judged) -> _Laid:
    step = _step(judged, At.DEADLINE)
    if step is None or step.mark is Said.NOT_ASKED:
        said = "The rule names no number of days within which an award must be claimed."
        return Mark.YOU_DECIDE, said, "Is it early enough for you?"
    return _MARKS[step.mark], step.sentence, ""


def _unused(judged: Judged) -> _Laid:
    step = _step(judged, At.LEDGER)
    if step is None or step.mark is Said.NOT_ASKED:
        return None
    asks = "Compare the two, and say whether it counts." if step.mark is Said.OPEN else ""
    return _MARKS[step.mark], step.sentence, asks


def _eligible(judged: Judged) -> _Laid:
    who, caps = _step(judged, At.WHO), _step(judged, At.CAPS)
    for step in (who, caps):
        if step is not None and step.mark is Said.NO:
            return Mark.NO, step.sentence, ""
    if who is not None and who.mark is Said.OPEN:
        return Mark.YOU_DECIDE, who.sentence, "Ask the person, or look it up."
    if caps is not None and caps.mark is Said.OPEN:
        return Mark.YOU_DECIDE, caps.sentence, "Is there room?"
    said = " ".join(each.sentence for each in (who, caps) if each is not None)
    return Mark.YES, said, ""


def _step(judged: Judged, at: At) -> Step | None:
    return next((each for each in judged.steps if each.number == int(at)), None)
