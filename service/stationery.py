# SPDX-License-Identifier: Apache-2.0
"""How a mail gets its words: ``templates/<room>/mail/<name>.txt`` and ``.html``, which say the same.

Templates have the filters of the pages, ``site_title``, ``public_url`` and ``link("/path")``. The name and
the address of the site are not known where a mail is written down, only where it leaves; so the text carries
a mark for each, and ``fill_in`` puts them in. A name that is not passed is an error, as on pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import escape

from service import phrases

_TEMPLATES: Final = Path(__file__).resolve().parent.parent / "templates"
# Private-use characters (Unicode, section 23.5): no keyboard types them, and no text of ours contains them.
_TITLE: Final = "\ue0a0"
_URL: Final = "\ue0a1"
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Words:
    """A mail's text and HTML, with the marks still in them."""

    text: str
    html: str


def link(path: str) -> str:
    """Return the full address of a page of ours; what is an address already stays as it is."""
    return f"{_URL}{path}" if path.startswith("/") else path


def render(template: str, values: Mapping[str, Any]) -> Words:
    """Render both forms of ``template``, such as ``earning/mail/returned``.

    Raises:
        jinja2.UndefinedError: The template uses a name that is not in ``values``.
        jinja2.TemplateNotFound: There is no such template.
    """
    text = _ENVIRONMENT.get_template(f"{template}.txt").render(values)
    html = _ENVIRONMENT.get_template(f"{template}.html").render(values)
    return Words(text=_tidy(text), html=_INVISIBLE.sub("", html).strip() + "\n")


def fill_in(text: str, *, title: str, public_url: str, html: bool = False) -> str:
    """Put the name and the address of the site where their marks stand."""
    return text.replace(_TITLE, str(escape(title)) if html else title).replace(_URL, public_url)


def _tidy(text: str) -> str:
    """Return plain text without what cannot be seen: control characters, more than one empty line."""
    lines = (_INVISIBLE.sub("", line).rstrip() for line in text.replace("\r\n", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html",)),  # a text mail shows signs as they are
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(phrases.FILTERS)
    environment.globals.update(phrases.GLOBALS)
    environment.globals.update(site_title=_TITLE, public_url=_URL, link=link)
    return environment


_ENVIRONMENT: Final = _environment()
