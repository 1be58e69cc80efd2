# SPDX-License-Identifier: Apache-2.0
"""What is said about the settings: the table in ``docs/settings.md``."""

from __future__ import annotations

from dataclasses import MISSING, fields
from pathlib import Path

from service.settings.reading import PREFIX
from service.settings.table import Settings


def reference() -> str:
    """Return the Markdown table of all settings that ``docs/settings.md`` holds."""
    lines = [
        "| setting | environment | default | what it is |",
        "|---|---|---|---|",
    ]
    for item in fields(Settings):
        default = item.default
        if item.default is MISSING or default in ("", Path(), (), None):
            shown = "–"
        elif isinstance(default, str | Path):
            shown = f'`"{default}"`'
        elif isinstance(default, bool):
            shown = f"`{str(default).lower()}`"
        else:
            shown = f"`{default}`"
        lines.append(f"| `{item.name}` | `{PREFIX}{item.name.upper()}` | {shown} | {item.metadata['doc']} |")
    return "\n".join(lines) + "\n"
