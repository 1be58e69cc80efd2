# SPDX-License-Identifier: Apache-2.0
"""axe-core in a page: what it finds against WCAG 2.2 A and AA, as sentences."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# What another width or other colours can break in a page that is built the same.
OF_LOOKS = ("color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size")
_OPTIONS = {
    "resultTypes": ["violations"],
    "selectors": False,
    "iframes": False,  # a mail in its frame lets no script in; as a page of its own it is looked at by itself
}
_SCRIPT: str = Axe().axe_script
# Only what is told comes back from the page: all that was found right would be a thousand objects.
_LOOK = """(options) => axe.run(document, options).then((found) => found.violations.flatMap(
  (each) => each.nodes.map((node) => [each.id, each.help, node.html.slice(0, 200)])))"""


def faults(page: Page, *, only_looks: bool = False) -> list[str]:
    """Return a sentence for each fault that axe-core finds in ``page`` as it stands.

    ``only_looks``: How it is built was seen at another width, and only its looks are seen again.
    """
    chosen = {"type": "rule", "values": OF_LOOKS} if only_looks else {"type": "tag", "values": RULES}
    if not page.evaluate("'axe' in window"):
        page.evaluate(_SCRIPT)
    found = page.evaluate(_LOOK, {**_OPTIONS, "runOnly": chosen})
    return [f"{page.url}: {rule}: {help}: {html}" for rule, help, html in found]
