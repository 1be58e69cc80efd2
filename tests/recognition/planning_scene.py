# SPDX-License-Identifier: Apache-2.0
"""For tests of plans: a small catalogue, and the outlook of one form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from recognition.judging.award import Brought
from recognition.judging.trust import Trust
from recognition.plan import plan_form
from recognition.plan.outlook import outlook
from recognition.plan.prospect import Line, Outlook
from recognition.rule.policy import Policy
from recognition.rule.policy_reader import sample
from tests.recognition.judging import NOW, TODAY, TRUST, UNION

CYCLE: Final = {"cycle-from": "2024-01-01", "cycle-until": "2028-12-31"}
MA: Final = {
    "fact-licence_level": "professional",
    "fact-renewing": "yes",
    "fact-licences_held": "Biology",
    **CYCLE,
}
WA: Final = {"fact-member_of-WEA": "yes", "fact-stem_endorsement": "yes", "none-holds": "yes", **CYCLE}
VT: Final = {"fact-licence_level": "level-1", "fact-endorsements_held": "Mathematics", **CYCLE}


@dataclass(frozen=True, slots=True)
class Earnable:
    """A micro-credential of a catalogue (``recognition.ports.Item``)."""

    code: str
    title: str
    stacks: tuple[str, ...]
    kind: str = "MicroCredential"
    issuer: str = UNION
    hours: tuple[int, int] = (10, 15)

    @property
    def path(self) -> str:
        """Its page."""
        return f"/catalogue/{self.code}"


def listed(*stacks: str, each: int = 4) -> tuple[Earnable, ...]:
    """Return a catalogue with ``each`` micro-credentials of every stack."""
    return tuple(
        Earnable(f"{stack}{n}", f"Title of {stack}{n}", (stack,))
        for stack in stacks
        for n in range(1, each + 1)
    )


CATALOGUE: Final = listed("SEL", "PGC", "CLIM", "DECC", "TLAP")


def look(
    policy: str | Policy,
    fields: dict[str, str],
    *codes: str,
    held: Sequence[Brought] = (),
    catalogue: Sequence[Any] = CATALOGUE,
    trust: Trust = TRUST,
) -> Outlook:
    """Return what ``policy`` would give for the form ``fields`` and the ticked ``codes``."""
    rule = sample(policy) if isinstance(policy, str) else policy
    form = {**fields, **{f"want-{code}": "yes" for code in codes}}
    situation = plan_form.read(rule, form, today=TODAY)
    known = {each.code: each for each in catalogue}
    return outlook(
        rule,
        [known[code] for code in situation.wanted],
        held,
        situation.facts,
        trust=trust,
        now=NOW,
        done=situation.done,
        catalogue=catalogue,
    )


def line(found: Outlook, code: str) -> Line:
    """Return the line of the award itself."""
    return next(each for each in found.lines if each.item == code and each.stage == "awarded")
