# SPDX-License-Identifier: Apache-2.0
"""What people write freely about a claim: bounded, and without controls and marks that turn its direction.

Such characters are refused and not taken out, so that what is kept is what was written. Joiners within signs
of other scripts are letters like others.
"""

from __future__ import annotations

import re
from typing import Final

from recognition.errors import RecognitionFieldError

_TURNING: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def read(typed: str, path: str, most: int, *, wanted: str = "") -> str:
    """Return a text of several lines, tidied.

    Args:
        typed: As it came.
        path: Name of its field.
        most: Characters that it may have.
        wanted: What to say if it is empty; "": it may be.

    Raises:
        RecognitionFieldError: It is missing, too long, or holds characters that cannot be seen.
    """
    said = typed.replace("\r\n", "\n").strip()
    if wanted and not said:
        raise RecognitionFieldError(wanted, path=path)
    if len(said) > most:
        raise RecognitionFieldError(f"Write up to {most:,} characters.", path=path)
    if _TURNING.search(said):
        raise RecognitionFieldError("The text holds characters that cannot be seen.", path=path)
    return said
