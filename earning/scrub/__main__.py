# SPDX-License-Identifier: Apache-2.0
"""The process that cleans one file: ``python -m earning.scrub``, started by ``earning.scrub.scrub`` only.

The question is the name of the file, the bytes are the file; the answer has the report, and behind it the new
file. What is given up before the first byte is looked at, says ``service.cell``.
"""

from __future__ import annotations

import codecs
from dataclasses import asdict
from typing import Any

from earning.scrub import pdf
from earning.scrub.cleaning import clean
from earning.scrub.scrubbed import UPLOAD_BYTES
from service.cell import serve

# Encodings that texts, zip files and fonts of documents use.
_CODECS = (
    "ascii", "big5", "cp1252", "cp437", "cp932", "cp936", "cp949", "cp950", "euc_jp", "euc_kr", "gb18030",
    "gb2312", "gbk", "iso2022_jp", "latin-1", "mac_roman", "shift_jis", "utf-8", "utf-16", "utf-16-be",
    "utf-16-le", "utf-32", "utf-32-be", "utf-32-le", "unicode_escape", "idna",
)  # fmt: skip


def main() -> None:
    """Clean the file on the standard input."""
    serve(_clean, max_bytes=UPLOAD_BYTES, warm=_warm)


def _warm(_claimed_name: Any) -> None:
    """Import what Python and pypdf import late."""
    for codec in _CODECS:
        codecs.lookup(codec)
    pdf.warm()


def _clean(claimed_name: Any, data: bytes) -> tuple[dict[str, Any], bytes]:
    found = clean(data, claimed_name=str(claimed_name))
    return {name: value for name, value in asdict(found).items() if name != "data"}, found.data


if __name__ == "__main__":
    main()
