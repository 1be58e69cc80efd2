# SPDX-License-Identifier: Apache-2.0
"""The process that opens one thing: ``python -m verifier.unpack``, started by ``unpack`` only.

The question is what it is (``Kind``), the bytes are the thing; the answer is what was found. What is given up
before the first byte is looked at, says ``service.cell``. Libraries are loaded only for what is asked.
"""

from __future__ import annotations

import codecs
import resource
import signal
import time
from typing import Any, Final

from service.cell import serve
from verifier.errors import TooMuchInsideError
from verifier.unpack.found import (
    LOADED_SECONDS,
    PHOTO_SECONDS,
    WORK_SECONDS,
    ZIP_BYTES,
    ZIP_INFLATED,
    Budget,
    Kind,
    OutOfTimeError,
    Part,
    packed,
)

# Encodings that texts, archives and fonts of documents use.
_CODECS: Final = (
    "ascii", "big5", "cp1252", "cp437", "cp932", "cp936", "cp949", "cp950", "euc_jp", "euc_kr", "gb18030",
    "gb2312", "gbk", "idna", "iso2022_jp", "latin-1", "mac_roman", "shift_jis", "utf-8", "utf-16",
    "utf-16-be", "utf-16-le", "unicode_escape",
)  # fmt: skip


def main() -> None:
    """Open what stands on the standard input."""
    serve(_open, max_bytes=ZIP_BYTES, warm=_warm)


def _warm(question: Any) -> None:
    """Import what this kind needs."""
    kind = Kind(question)
    if kind in (Kind.PDF, Kind.ZIP, Kind.MEMBERS):
        from verifier.unpack import pdf  # noqa: PLC0415  half a second that a photo need not wait

        for codec in _CODECS:
            codecs.lookup(codec)
        pdf.warm()
    if kind in (Kind.PHOTO, Kind.ZIP):
        from verifier.unpack import photo  # noqa: PLC0415

        photo.warm()
    if kind in (Kind.ZIP, Kind.MEMBERS):
        from verifier.unpack import archive  # noqa: F401, PLC0415


def _open(question: Any, data: bytes) -> tuple[dict[str, Any], bytes]:
    kind, budget = Kind(question), Budget()
    signal.signal(signal.SIGPROF, _stop)
    signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_PROF, max(0.1, WORK_SECONDS - time.process_time()))
    signal.setitimer(signal.ITIMER_REAL, LOADED_SECONDS)
    try:
        if kind is Kind.ZIP:
            from verifier.unpack import archive  # noqa: PLC0415

            return packed(archive.look(data, budget=budget))
        if kind is Kind.MEMBERS:
            from verifier.unpack import archive  # noqa: PLC0415

            return packed(archive.look(data, budget=Budget(kept_bytes=ZIP_INFLATED), opens=False))
        if kind is Kind.PDF:
            from verifier.unpack import pdf  # noqa: PLC0415

            return packed([Part("", tuple(pdf.look(data, budget=budget)))])
        from verifier.unpack import photo  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_CPU, (PHOTO_SECONDS, PHOTO_SECONDS))  # nobody interrupts ZXing
        return packed([Part("", tuple(photo.look(data, budget=budget)))])
    except OutOfTimeError:
        raise TooMuchInsideError("There is too much in this to look into it. Bring less of it.") from None
    finally:
        _disarm()


def _stop(_signal: int, _frame: object) -> None:
    _disarm()
    raise OutOfTimeError


def _disarm() -> None:
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    main()
