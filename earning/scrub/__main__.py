# SPDX-License-Identifier: Apache-2.0
"""The process that cleans one file: ``python -m earning.scrub``, started by ``earning.scrub.scrub`` only.

It reads the name in one line of JSON and then the file, answers one line of JSON and then the new file, and
ends. Before it looks at the first byte of the file it gives up what it does not need: memory and processor
time beyond the limits, core dumps, new processes, files of any size, and every new file descriptor, so it can
neither open a file nor a connection. All that is ever imported is imported before.
"""

from __future__ import annotations

import codecs
import json
import logging
import os
import resource
import sys
from dataclasses import asdict

from credentials.errors import HallmarkError
from earning.errors import UploadTooMuchError
from earning.scrub import pdf
from earning.scrub.cleaning import clean
from earning.scrub.scrubbed import CPU_SECONDS, MEMORY_BYTES, UPLOAD_BYTES

# Encodings that texts, zip files and fonts of documents use.
_CODECS = (
    "ascii", "big5", "cp1252", "cp437", "cp932", "cp936", "cp949", "cp950", "euc_jp", "euc_kr", "gb18030",
    "gb2312", "gbk", "iso2022_jp", "latin-1", "mac_roman", "shift_jis", "utf-8", "utf-16", "utf-16-be",
    "utf-16-le", "utf-32", "utf-32-be", "utf-32-le", "unicode_escape", "idna",
)  # fmt: skip

NICE = 10  # whoever reads a page comes before whoever cleans a file


def main() -> None:
    """Clean the file on the standard input."""
    logging.disable()
    for codec in _CODECS:
        codecs.lookup(codec)
    pdf.warm()
    name = str(json.loads(sys.stdin.buffer.readline()))
    data = sys.stdin.buffer.read(UPLOAD_BYTES + 1)
    give_up()
    try:
        found = clean(data, claimed_name=name)
    except (MemoryError, RecursionError):
        error = UploadTooMuchError(
            "There is too much in this file to clean it. Make it smaller, or split it."
        )
        _answer({"code": error.code, "message": error.message}, b"")
    except HallmarkError as error:
        _answer({"code": error.code, "message": error.message}, b"")
    else:
        members = {name: value for name, value in asdict(found).items() if name != "data"}
        _answer(members, found.data)


def give_up() -> None:
    """Give up what cleaning a file does not need; it cannot be had back."""
    os.nice(NICE)
    sys.meta_path.clear()  # what is not imported by now never will be
    for kind, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        lower = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (lower, lower))


def _answer(members: dict[str, object], data: bytes) -> None:
    sys.stdout.buffer.write(json.dumps(members).encode() + b"\n" + data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
