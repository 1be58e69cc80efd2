# SPDX-License-Identifier: Apache-2.0
"""Whether a published list is from the future, and whether strangers may still be given it.

*From the future.* A clock that ran ahead once dates every list ahead, and nobody believes those. One that is
more than ``SKEW`` ahead of the present one gives way to a list with the present date. Nobody can rightly hold
the other for the newest: readers tolerate five minutes (``verifier.checks.validity.CLOCK_SKEW``), do not
believe what is further ahead, and remember nothing that they do not believe. ``SKEW`` is a minute more, so
that what a reader believed, by a clock a little off ours, is never taken back.

*No key.* What retired keys signed is good, and it is all that readers can have: it is given until it ends,
also while a change waits that cannot be signed, for without a list every credential of the issuer would be in
doubt at once, on the word of one missing key. What a **compromised** key signed is given to nobody, whatever
date it bears: others may have signed such lists and dated them back, so it says nothing about who is revoked;
readers shall see that they cannot know (fails closed) until a new key has signed. Each minute the job logs
which lists could not be made anew, and ``/healthz`` names them (``status_publisher.attention``).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from credentials.verification_method import KeyAlgorithm
from issuer.errors import StatusListError
from issuer.mint import Mint
from issuer.store.status import Served
from keys.keyring import KeyState

ALGORITHMS: Final = (KeyAlgorithm.ED25519, KeyAlgorithm.P256)  # of the document and of the VC-JWT
SKEW: Final = timedelta(minutes=6)  # how far clocks of ours may be apart


def is_ahead(moment: datetime, *, now: datetime) -> bool:
    """Tell whether ``moment`` can only come from a clock that ran ahead."""
    return moment > now + SKEW


def active_methods(mint: Mint, issuer: str) -> set[str]:
    """Return the verification methods with which the lists of an issuer are signed now."""
    ring = mint.cabinet.ring(issuer)
    return {ring.method_id(key) for key in ring.keys if key.active and key.algorithm in ALGORITHMS}


def require_shown(mint: Mint, issuer: str, served: Served, *, now: datetime) -> None:
    """Let a list pass that may be given to strangers.

    Raises:
        StatusListError: It is over, from the future, or signed by a key that was compromised.
    """
    ring = mint.cabinet.ring(issuer)
    compromised = {ring.method_id(key) for key in ring.keys if key.state is KeyState.COMPROMISED}
    if compromised.intersection(served.methods):
        raise StatusListError("A key that is not safe signed the last status list, and no other has yet.")
    if now >= served.valid_until or is_ahead(served.valid_from, now=now):
        raise StatusListError("The last status list is not valid now, and no other could be signed.")
