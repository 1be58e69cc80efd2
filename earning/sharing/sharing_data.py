# SPDX-License-Identifier: Apache-2.0
"""What we know of somebody from the links they have made for evaluators: handed out, or erased."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from earning.store import sharing as store
from service.accounts.people import Person


class SharingData:
    """The part of links for evaluators (``service.accounts.personal``)."""

    name = "sharing"

    def export(self, session: Any, person: Person) -> Mapping[str, Any]:
        """Return the links of ``person`` with their uses; the secrets in them are kept nowhere."""
        links = store.of_person(session, person.id)
        used = store.uses(session, [each.id for each in links])
        return {
            "links": [
                {
                    **asdict(each),
                    "uses": [{"piece": use.piece, "at": use.at} for use in reversed(used[each.id])],
                }
                for each in links
            ]
        }

    def erase(self, session: Any, person: Person, now: datetime) -> None:
        """Delete the links with their uses; from then on they show nothing."""
        store.forget(session, person.id)
