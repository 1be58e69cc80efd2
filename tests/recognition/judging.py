# SPDX-License-Identifier: Apache-2.0
"""For tests of the judgement: awards out of thin air, many at once, and a few persons.

What matters end to end is verified for real elsewhere (``test_recognise_cli``, ``test_recognise_api``,
``test_bringing``); here the verifier's word is simply given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, Final

from recognition.judging.answer import Answer, Judged
from recognition.judging.award import Award, Brought, award_key
from recognition.judging.facts import Attestation, Facts
from recognition.judging.judge import judge
from recognition.judging.trust import Trust
from recognition.rule.policy import Period, Policy
from recognition.rule.policy_reader import read, sample
from verifier.verdict import Verdict

UNION: Final = "did:web:union.example"
STRANGER: Final = "did:web:stranger.example"
NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY: Final = NOW.date()
TRUST: Final = Trust(
    frozenset({UNION}),
    {"national-programme": frozenset({UNION}), "district-own": frozenset({UNION})},
)
CYCLE: Final = Period(date(2022, 1, 1), date(2026, 12, 31))
WA: Final = {"member_of": ("WEA",), "stem_endorsement": ("no",), "holds": ()}
MA: Final = {"licence_level": ("professional",), "renewing": ("yes",), "licences_held": ("biology",)}


def day(text: str) -> date:
    """Return a day."""
    return date.fromisoformat(text)


def award(
    code: str,
    /,
    *stacks: str,
    on: str = "2024-03-01",
    started: str | None = None,
    ended: str | None = None,
    verdict: Verdict = Verdict.VALID,
    **changes: Any,
) -> Brought:
    """Return something brought: an award if the verdict is valid; ``changes`` are those of ``Award``."""
    issuer = changes.get("issuer_id", UNION)
    link = changes.get("credential_id", f"https://union.example/credentials/{code}")
    made = Award(
        key=award_key(issuer, link),
        credential_id=link,
        issuer_id=issuer,
        issuer_name="The Union",
        issuer_address=("1 Main Street",),
        title=f"Title of {code}",
        achievement_id=f"https://union.example/achievements/{code}",
        kind="MicroCredential",
        code=code,
        stacks=stacks,
        awarded=_noon(on),
        activity_start=_noon(started) if started else None,
        activity_end=_noon(ended) if ended else None,
        has_scored_rubric=True,
        sha256="0" * 64,
        verified_at=NOW,
        status_as_of=NOW,
    )
    made = replace(made, **changes)
    return Brought(
        place=link,
        verdict=verdict,
        sentence=f"The verifier says {verdict}.",
        title=made.title,
        credential_id=link,
        award=made if verdict is Verdict.VALID else None,
    )


def awards(count: int, *stacks: str, start: str = "A", **changes: Any) -> list[Brought]:
    """Return so many different awards of the same stacks."""
    return [award(f"{start}{number:03}", *stacks, **changes) for number in range(count)]


def attended(event: str, item: str = "", on: str = "2024-02-01") -> Attestation:
    """Return an attestation."""
    return Attestation(event, day(on), item, by="WEA")


def washington(*items: str, orientation: bool = True) -> tuple[Attestation, ...]:
    """Return everything that Washington wants to have happened for these micro-credentials."""
    rows = [
        each
        for item in items
        for each in (attended("workshop", item), attended("clock-hour-registration", item))
    ]
    return (*([attended("orientation")] if orientation else []), *rows)


def facts(**changes: Any) -> Facts:
    """Return the facts of somebody in the middle of a cycle of five years."""
    return Facts(**{"as_of": date(2026, 5, 4), "cycle": CYCLE, **changes})


def ask(
    policy: str | Policy, brought: Sequence[Brought], person: Facts | None = None, **options: Any
) -> Answer:
    """Judge by an example policy, or another one."""
    rule = sample(policy) if isinstance(policy, str) else policy
    given = {"trust": TRUST, "now": NOW, **options}
    return judge(rule, brought, person or facts(), **given)


def changed(policy: str, *swaps: tuple[str, str]) -> Policy:
    """Return an example policy with parts of its text swapped."""
    source = sample(policy).source.decode()
    for old, new in swaps:
        assert old in source, old
        source = source.replace(old, new)
    return read(source.encode())


def outcomes(answer: Answer) -> list[str]:
    """Return the codes, oldest award first."""
    return [each.outcome for each in answer.judged]


def of(answer: Answer, item: str, *, stage: str = "awarded") -> Judged:
    """Return what became of the award with this code."""
    return next(each for each in answer.judged if each.item == item and each.stage == stage)


def _noon(on: str) -> datetime:
    """Return a moment that is this day in every zone of the policies."""
    return datetime.combine(day(on), time(18), tzinfo=UTC)
