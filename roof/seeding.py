# SPDX-License-Identifier: Apache-2.0
"""What a new house begins with: keys, the sample programme, and for a demonstration its people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import issuer.programme
from earning.catalogue.seed import seed as seed_programme
from earning.catalogue.seed_people import seed_people
from issuer import profiles
from recognition import sample
from recognition.adopting import publishing
from roof.house import House
from verifier import sample_lists
from verifier.list_format import ListedIssuer


def seed(house: House, *, now: datetime) -> Sequence[str]:
    """Give a new house its keys and the sample programme; twice, it changes nothing."""
    made = [
        *issuer.programme.seed(house.mint, now=now),
        *seed_programme(house.programme, now=now),
        *publishing.seed(house.office, now=now),
    ]
    if not house.settings.demo:
        return made
    own = {
        each.slug: ListedIssuer(each.did, each.profile.name, each.profile.url or "")
        for each in profiles.every(house.mint)
    }
    return [
        *made,
        *issuer.programme.seed_recognizers(house.mint, now=now),
        *seed_people(house.programme, now=now),
        *sample_lists.seed(house.bureau, own, now=now),
        *sample.seed(house.office, own, now=now),
    ]
