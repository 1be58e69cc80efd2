# SPDX-License-Identifier: Apache-2.0
"""Takebacks in every state in which somebody looks at one, and the mails of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from issuer import revocation
from issuer.award import AwardState
from issuer.revocation import Decision, Reason
from issuer.takeback import letters, steps, working
from issuer.takeback.takeback import UNDO
from service import clock
from tests.issuer.taking_back import keys_of, seen, stock, take_suspension_entry, tried
from tests.journeys.stage import Stage

OFFICER, SECOND = "officer@education.example", "second-officer@education.example"


def set_takebacks(stage: Stage) -> Mapping[str, str]:
    """Try out some, propose one, let one be under review and one be withdrawn; return their ids."""
    # No lists are published meanwhile: pages that are looked at elsewhere do not change for this.
    mint = replace(stage.house.mint, ring=lambda _job: None)
    now = clock.now()
    early = now - UNDO - timedelta(hours=1)
    first, second = (f"person:{stage.person(each).id}" for each in (OFFICER, SECOND))
    keys = keys_of(mint, stock(mint, 40, achievement="SEL3-v1", start=9_000))
    take_suspension_entry(mint, keys[0])
    bad = ("nobody", keys[0], "https://elsewhere.example/credentials/1")
    made = {
        "trial": tried(mint, [*keys[:5], *bad], now=now, actor=first, note="Ticket 4711"),
        "working": tried(mint, keys[38:], now=now, actor=first),
        "open": tried(mint, keys[:4], now=early + timedelta(hours=2), actor=first),
        "done": tried(mint, keys[4:8], now=early, actor=first),
        "undone": tried(mint, keys[8:10], now=early, actor=first),
    }
    for name in ("done", "undone", "open"):
        found = made[name]
        steps.start(mint, found.id, number=found.number, actor=first, now=found.made_at)
        working.work(mint, now=found.made_at)
        letters.send(mint, now=found.made_at + letters.PATIENCE)
    steps.undo(mint, made["undone"].id, actor=second, now=early + timedelta(hours=1))
    revocation.decide(mint, keys[4], Decision(AwardState.ISSUED, Reason.REVIEW_ENDED), now=now)
    working.work(mint, now=now)
    letters.send(mint, now=now)
    steps.hasten(mint, made["open"].id, words="at once", actor=second, now=now)
    proposed = tried(mint, keys[10:38], now=now, actor=second)
    steps.start(mint, proposed.id, number=proposed.number, actor=second, now=now)
    steps.start(mint, made["working"].id, number=2, actor=first, now=now)
    assert seen(mint, made["done"], now=now).takeback.ended_at is not None
    return {f"takeback.{name}": found.id for name, found in {**made, "proposed": proposed}.items()}
