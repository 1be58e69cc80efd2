# SPDX-License-Identifier: Apache-2.0
"""What the templates about claims and the ledger call to say things in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from recognition.claiming import claim_letters, claim_view, ledger
from recognition.plan.questions import event_words, purpose_words
from recognition.rule.units import plain

WORDS: Final[Mapping[str, Callable[..., Any]]] = {
    "purpose_words": purpose_words,
    "event_words": event_words,
    "bucket_words": claim_view.words_of,
    "plain": plain,
    "short": claim_letters.short,
    "amount": claim_letters.amount,
    "tag": claim_view.tag,
    "tone": claim_view.tone,
    "line_state": ledger.state_of,
}
