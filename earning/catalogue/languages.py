# SPDX-License-Identifier: Apache-2.0
"""Names of languages, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_NAMES: Final[Mapping[str, str]] = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "haw": "Hawaiian",
    "pt": "Portuguese",
    "so": "Somali",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


def name(tag: str) -> str:
    """Return the name of a language, or its tag where we have no name for it."""
    return _NAMES.get(tag.partition("-")[0], tag)
