# SPDX-License-Identifier: Apache-2.0
"""What is to be tried out, as it is kept until the last line is judged: names or a selection, deflated."""

from __future__ import annotations

import json
import zlib
from datetime import datetime
from typing import Any

from issuer.takeback.reading import Name
from issuer.takeback.takeback import Selection


def pack(chosen: tuple[Name, ...] | Selection) -> bytes:
    """Return names or a selection as they are kept."""
    members: Any
    if isinstance(chosen, Selection):
        members = {
            "bulk": chosen.bulk,
            "achievement": chosen.achievement,
            "since": _text(chosen.since),
            "until": _text(chosen.until),
        }
    else:
        members = [[each.number, each.text, each.trouble] for each in chosen]
    return zlib.compress(json.dumps(members, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def unpack(packed: bytes) -> tuple[Name, ...] | Selection:
    """Return what ``pack`` has packed."""
    members = json.loads(zlib.decompress(packed).decode("utf-8", "surrogatepass"))
    if isinstance(members, list):
        return tuple(Name(number, text, trouble) for number, text, trouble in members)
    return Selection(
        members["bulk"], members["achievement"], _moment(members["since"]), _moment(members["until"])
    )


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
