# SPDX-License-Identifier: Apache-2.0
"""The recognizer's trust list: which issuers a policy's short names mean. An empty list trusts nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from recognition.rule.policy import ANYBODY


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom a recognizer relies on.

    Attributes:
        listed: DIDs of every issuer on the list.
        names: Short names (``national-programme``) and the DIDs that each is bound to.
    """

    listed: frozenset[str] = frozenset()
    names: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def accepts(self, wanted: tuple[str, ...], did: str) -> bool:
        """Tell whether ``wanted`` (DIDs, short names, ``*``) means the issuer ``did``."""
        return any(
            did in self.listed if each == ANYBODY else did == each or did in self.names.get(each, ())
            for each in wanted
        )
