# SPDX-License-Identifier: Apache-2.0
"""Numbers in the query of an address, never larger than a column holds them."""

from __future__ import annotations

from typing import Final

from flask import request

from service.db import INTEGER_MAX

_DIGITS: Final = len(str(INTEGER_MAX))


def number(name: str, default: int = 0, *, least: int = 0, most: int = INTEGER_MAX) -> int:
    """Return the number with this name in the query, brought between ``least`` and ``most``.

    What is no number, or is not there, is ``default``; a number that no column could hold is ``most``.
    """
    text = request.args.get(name, "").strip()
    sign, digits = (text[:1], text[1:]) if text.startswith("-") else ("", text)
    if not (digits.isascii() and digits.isdecimal()):
        return default
    digits = digits.lstrip("0") or "0"
    found = int(digits) if len(digits) <= _DIGITS else most
    return min(max(-found if sign else found, least), most)
