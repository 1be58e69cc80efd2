# SPDX-License-Identifier: Apache-2.0
"""``Idempotency-Key``: the name that a client gives to one intended act, so that a repeat does nothing twice.

The key is kept where its effect is kept, in a unique column of the room's own rows beside ``fingerprint`` of
the request; so it can neither be lost without the effect nor the other way round. Same key and fingerprint:
the first answer again, with ``Idempotent-Replayed: true``. Same key, other fingerprint:
``IdempotencyKeyReusedError``.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from flask import request

from service.errors import IdempotencyKeyError, IdempotencyKeyRequiredError

REPLAYED: Final = {"Idempotent-Replayed": "true"}

_KEY = re.compile(r"[\x21-\x7e]{1,255}\Z")


def key(*, required: bool = True) -> str | None:
    """Return the key of this request: 1 to 255 visible ASCII characters.

    Raises:
        IdempotencyKeyRequiredError: There is none, and it is required.
        IdempotencyKeyError: It has another form.
    """
    value = request.headers.get("Idempotency-Key")
    if value is None:
        if required:
            raise IdempotencyKeyRequiredError(
                "Send an Idempotency-Key of your own making, the same one whenever you repeat this request."
            )
        return None
    if not _KEY.match(value):
        raise IdempotencyKeyError("The Idempotency-Key must be 1 to 255 visible ASCII characters.")
    return value


def fingerprint(route: str, body: bytes) -> str:
    """Return the digest by which a repeat is told from another request."""
    return hashlib.sha256(route.encode("utf-8") + b"\n" + body).hexdigest()
