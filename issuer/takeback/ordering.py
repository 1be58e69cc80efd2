# SPDX-License-Identifier: Apache-2.0
"""From what stands in a form, a request or a command to an order: what to take back, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from issuer import achievements
from issuer.errors import NoSuchAchievementError, TakebackRequestError
from issuer.mint import Mint
from issuer.revocation import Reason
from issuer.takeback.reading import Name
from issuer.takeback.takeback import Selection
from issuer.takeback.trial import Order
from service.text import count

REASON_WORDS: Final[Mapping[Reason, str]] = {
    Reason.ISSUED_IN_ERROR: "They were issued in error",
    Reason.EVIDENCE: "The evidence does not support them",
    Reason.EARNER_ASKED: "The earners asked for it",
    Reason.REPLACED: "They were replaced by others",
    Reason.OTHER: "Another reason, told in the public sentence",
}


def order(
    mint: Mint,
    *,
    organisation: str,
    reason: str,
    names: tuple[Name, ...] = (),
    bulk: str = "",
    achievement: str = "",
    first: date | None = None,
    last: date | None = None,
    label: str = "",
    public_reason: str = "",
    note: str = "",
    tells: bool = True,
) -> Order:
    """Return the order for a list of names, or for all that is each of what is given.

    Args:
        mint: The opened room.
        organisation: Slug of the issuer; whether whoever asks may speak for it was checked before.
        reason: A code of ``REASONS``.
        names: The list.
        bulk: Id of a bulk.
        achievement: A version, or a code for its newest one.
        first: The first UTC day.
        last: The last one, which is in.
        label: What to call it.
        public_reason: What everybody may read.
        note: What only the organisation keeps.
        tells: Whether earners are written to.

    Raises:
        TakebackRequestError: A list and a selection, or neither; or there is no such version.
    """
    is_selection = bool(bulk or achievement or first or last)
    if is_selection == bool(names):
        raise TakebackRequestError(
            "Bring a list, or choose a bulk, a version or days: one of both.", path="list"
        )
    chosen: tuple[Name, ...] | Selection = names
    words = f"a list of {count(len(names), 'line')}"
    if is_selection:
        chosen, words = _selection(mint, bulk, achievement, first, last)
    return Order(
        organisation=organisation,
        chosen=chosen,
        words=words,
        reason=reason,
        label=label,
        public_reason=public_reason or None,
        note=note or None,
        tells=tells,
    )


def day(text: str, path: str) -> date | None:
    """Return the day that a text like 2026-05-04 names; None for "".

    Raises:
        TakebackRequestError: It names none.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise TakebackRequestError("A day is written like 2026-05-04.", path=path, got=text[:40]) from None


def _selection(
    mint: Mint, bulk: str, achievement: str, first: date | None, last: date | None
) -> tuple[Selection, str]:
    version = ""
    if achievement:
        try:
            version = achievements.find(mint, achievement).key
        except NoSuchAchievementError as error:
            raise TakebackRequestError(error.message, path="achievement", got=achievement[:60]) from error
    if first is not None and last is not None and last < first:
        raise TakebackRequestError("The last day lies before the first one.", path="until")
    words = [f"all of {version}" if version else "all"]
    words += [f"of the bulk {bulk[:40]}"] if bulk else []
    words += [f"issued from {first.isoformat()}"] if first else []
    words += [f"issued until {last.isoformat()}"] if last else []
    since = _midnight(first) if first is not None else None
    until = _midnight(last) + timedelta(days=1) if last is not None else None
    return Selection(bulk or None, version or None, since, until), " ".join(words)


def _midnight(moment: date) -> datetime:
    return datetime.combine(moment, time(), tzinfo=UTC)
