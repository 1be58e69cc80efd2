# SPDX-License-Identifier: Apache-2.0
"""Published test vectors that stand beside the checkout, in ``../shared/data``.

They are third-party files and not ours to commit. Where they are missing, a test that needs them is skipped,
visibly.
``HALLMARK_VECTORS`` names another place for them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = Path(os.environ.get("HALLMARK_VECTORS", HERE.parent.parent / "shared" / "data"))


def shared(name: str) -> Path:
    """Return the path of the vector file or folder ``name``, or skip the test."""
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"published vectors are not here: {name}")
    return path


def available(name: str) -> bool:
    """Tell whether the vector file or folder ``name`` is here, for parametrising."""
    return (ROOT / name).exists()
