# SPDX-License-Identifier: Apache-2.0
"""How often somebody may compare whose a credential is: so that nobody finds its earner by trying addresses.

Counted are different answers tried for one earner by one asker, in memory, for an hour (threats RATES, P3).
To ask the same again is no new try. Kept are keyed digests of what was compared, never what was typed; the
key lives and ends with the process. A comparison that is refused says so and is no "no".
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from credentials.document import Json

TRIES: Final = 10  # different answers for one earner
SPAN: Final = timedelta(hours=1)
KEPT: Final = 4_096  # pairs of earner and asker that are counted; the longest unasked is forgotten first


class Questions:
    """The comparisons of the last hour; shared by everything that examines in this process."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._lock = threading.Lock()
        self._key = secrets.token_bytes(32)
        self._tried: OrderedDict[bytes, dict[bytes, datetime]] = OrderedDict()

    def may_compare(self, members: Mapping[str, Json], recipient: str, *, asker: str, now: datetime) -> bool:
        """Count one comparison, and tell whether it may be made. Without an asker nothing is counted."""
        earner = _earner(members)
        if not asker or earner is None:
            return True
        pair = self._digest(asker, earner)
        tried = self._digest(recipient.strip().casefold())
        with self._lock:
            known = {each: at for each, at in self._tried.pop(pair, {}).items() if now - at < SPAN}
            self._tried[pair] = known
            if tried not in known:
                if len(known) >= TRIES:
                    return False
                known[tried] = now
            while len(self._tried) > KEPT:
                self._tried.popitem(last=False)
        return True

    def _digest(self, *texts: str) -> bytes:
        said = json.dumps(texts).encode("ascii")
        return hmac.digest(self._key, said, "sha256")[:16]


def _earner(members: Mapping[str, Json]) -> str | None:
    """Return what names the earner, the same in every copy of a credential; None: there is no such thing."""
    value = members.get("credentialSubject")
    subject = value if isinstance(value, dict) else {}
    named = [subject.get("id"), subject.get("identifier")]
    return json.dumps(named, sort_keys=True) if any(named) else None
