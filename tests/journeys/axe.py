# SPDX-License-Identifier: Apache-2.0
"""axe-core in a page: what it finds against WCAG 2.2 A and AA, as sentences."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_OPTIONS = {"runOnly": {"type": "tag", "values": list(RULES)}, "resultTypes": ["violations"]}


def faults(page: Page) -> list[str]:
    """Return a sentence for each fault that axe-core finds in ``page`` as it stands."""
    found = Axe().run(page, options=_OPTIONS).response["violations"]
    return [
        f"{page.url}: {each['id']}: {each['help']}: {node['html'][:200]}"
        for each in found
        for node in each["nodes"]
    ]
