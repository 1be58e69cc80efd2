# SPDX-License-Identifier: Apache-2.0
"""What can be configured: ``Settings`` is the table, ``load`` reads it from file and environment.

Every setting is a field of ``Settings`` with a good default, its limits and one line of documentation;
``docs/settings.md`` is ``reference()``. What a value is checked by stands in ``checks``.
"""

from __future__ import annotations

from service.settings.reading import FILE_NAME, PREFIX, load, write_file
from service.settings.table import FALLBACK_DID_HOST, Settings
from service.settings.telling import reference

__all__ = ("FALLBACK_DID_HOST", "FILE_NAME", "PREFIX", "Settings", "load", "reference", "write_file")
