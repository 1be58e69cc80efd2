# SPDX-License-Identifier: Apache-2.0
"""What this room needs from the other wing, as shapes; ``app.py`` hands the functions in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol


class Check(Protocol):
    """One question that the verifier asked, with its answer."""

    @property
    def check(self) -> str:
        """Name of the check, such as ``proof``."""

    @property
    def outcome(self) -> str:
        """``pass``, ``fail``, ``indeterminate`` or ``not-applicable``."""

    @property
    def title(self) -> str:
        """Short words for people."""

    @property
    def explanation(self) -> str:
        """The sentence a person reads."""

    @property
    def path(self) -> str | None:
        """JSON Pointer to the place in the credential, if there is one."""


class Findings(Protocol):
    """The verifier's answer about one credential."""

    @property
    def verdict(self) -> str:
        """One word, ``valid`` only when everything mandatory passed."""

    @property
    def sentence(self) -> str:
        """The verdict as a sentence."""

    @property
    def recognised_issuer(self) -> bool | None:
        """Whether the issuer is on a list of the reader; apart from the verdict."""

    @property
    def checks(self) -> Sequence[Check]:
        """Every check, in order."""

    @property
    def summary(self) -> Any:
        """``credentials.summary.Summary`` of what was signed."""

    def to_json(self) -> dict[str, Any]:
        """The answer as the API gives it."""


class Examine(Protocol):
    """The verifier, with its network bound."""

    def __call__(
        self, credential: bytes, *, now: datetime, documents: Mapping[str, bytes] | None = None
    ) -> Findings:
        """Examine ``credential`` (JSON or compact JWS); ``documents`` overlays names (URL or DID)."""


class Recognised(Protocol):
    """A recognizer's public word about an award, examined just now."""

    @property
    def who(self) -> str | None:
        """Name of the recognizer; None unless its signature holds."""

    @property
    def text(self) -> str | None:
        """In its words, the same."""

    @property
    def outcome(self) -> str:
        """``pass``, ``fail`` or ``indeterminate``."""

    @property
    def sentence(self) -> str:
        """The verifier's sentence about it."""

    @property
    def on(self) -> datetime | None:
        """When it was decided."""

    @property
    def path(self) -> str:
        """Its page here."""


class Recognitions(Protocol):
    """What recognizers say of an award, as far as its educator agrees that others see it."""

    def __call__(self, credential_id: str, /, *, now: datetime) -> Sequence[Recognised]:
        """Return their words, newest first."""


class StatusChanged(Protocol):
    """Hears that credentials were revoked, suspended, reinstated or issued again; everybody can see it."""

    def __call__(self, credential_ids: Sequence[str], /, *, now: datetime) -> None:
        """Take note, and never fail: what was decided stands."""
