# SPDX-License-Identifier: Apache-2.0
"""Links that are evidence: which of them a reviewer could open. Nobody here ever opens one."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from earning.errors import ArtefactLinkError

URL_CHARS: Final = 2_000  # characters
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\Z")
_URL_SIGNS = re.compile(r"[!#$%&'()*+,./:;=?@\[\]_~A-Za-z0-9-]+\Z")


def checked_link(typed: str) -> str:
    """Return a link that a reviewer can open: https, a public host name, no name or password in it.

    Raises:
        ArtefactLinkError: It is none.
    """
    url = typed.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = (parts.hostname or "").lower()
    if parts.scheme.lower() != "https" or not _HOST.match(host):
        raise ArtefactLinkError(
            "Write a link that begins with https://, like https://video.example/abc.", path="url"
        )
    if "@" in parts.netloc:
        raise ArtefactLinkError(
            "The link holds a name or password before the host. Leave that out.", path="url"
        )
    if port not in (None, 443) or len(url) > URL_CHARS or not _URL_SIGNS.match(url):
        raise ArtefactLinkError(
            "The link has signs in it that do not belong into one. Copy it once more.", path="url"
        )
    return url
