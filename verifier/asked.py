# SPDX-License-Identifier: Apache-2.0
"""What a recognizer asks about a credential beside "is it genuine": whose, when, and by which list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions that were asked; each may be left out, and is then "you decide".

    Attributes:
        recipient: Whose it should be: an e-mail address, an id or a name. Compared, never stored.
        cycle_from: First day of the period in which the award should lie.
        cycle_until: Last day of it.
        issuers: Short name of the list of issuers to compare with.
        asker: Who asks, to count how many recipients are tried (``verifier.questions``); "" is not counted.
        may_compare: False if too many were tried already; the recipient stays uncompared then.
    """

    recipient: str | None = None
    cycle_from: date | None = None
    cycle_until: date | None = None
    issuers: str | None = None
    asker: str = field(default="", compare=False, repr=False)
    may_compare: bool = field(default=True, compare=False, repr=False)


NOTHING = Asked()
