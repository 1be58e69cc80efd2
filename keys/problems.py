# SPDX-License-Identifier: Apache-2.0
"""How the errors of this room meet HTTP: error code → status and title."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.problems import Row

ROWS: Final[Mapping[str, Row]] = {
    "keys.custody": Row(503, "A signing key cannot be reached", retry_after=60),
    "keys.unsupported-custody": Row(422, "Keys are not kept there"),
    "keys.unreadable": Row(422, "This is not a private key that we read"),
    "keys.weak": Row(422, "The key is too weak"),
    "keys.reused": Row(409, "The key is in use already"),
    "keys.no-active-key": Row(409, "The issuer has no key to sign with"),
    "keys.state": Row(409, "The key is not in a state that allows this"),
    "keys.no-such-key": Row(404, "There is no such key"),
    "keys.no-such-issuer": Row(404, "There is no such issuer"),
    "keys.issuer-exists": Row(409, "There is such an issuer already"),
    "keys.issuer-name": Row(422, "An issuer cannot have this name"),
}
