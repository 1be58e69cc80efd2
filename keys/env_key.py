# SPDX-License-Identifier: Apache-2.0
r"""``env:NAME`` — a private key that somebody else keeps and hands to the process as an environment variable.

For hosts that inject secrets. The variable holds PKCS #8 in PEM (also in one line, with ``\n`` written out),
a private JWK, or a Multikey ``secretKeyMultibase``. The key is judged like any other. We write none there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from keys.errors import CustodyError
from keys.private_key import PrivateKey, from_text

SCHEME = "env"

_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,99}")


def read(environ: Mapping[str, str], name: str) -> PrivateKey:
    """Open the key in the environment variable ``name``.

    Raises:
        CustodyError: The name is no variable's name, or the variable is not set.
        UnreadableKeyError: It holds no key in a form that we take.
        WeakKeyError: It holds a key that nobody should sign with.
    """
    if _NAME.fullmatch(name) is None:
        raise CustodyError("An env: key is named by capital letters, digits and underscores.")
    text = environ.get(name)
    if not text:
        raise CustodyError(f"The environment variable {name}, which should hold a private key, is not set.")
    return from_text(text)
