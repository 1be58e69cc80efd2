# SPDX-License-Identifier: Apache-2.0
"""The process that sets one document: ``python -m service.typeset``, started by ``service.typeset`` only.

The question has the folder, the main template in it and the time, the bytes are the values as JSON; the
answer has Typst's warnings, and behind it the PDF. What is given up before, says ``service.cell``; Typst
reads templates, pictures and fonts by itself, so some files may still be opened.

A text that no font can show is an error of PDF/A, and Typst names every such text. So: first with Typst's own
fonts, which give the same document everywhere; where they lack something, with those of the machine too; and
what they lack as well, gives its place to ``SUBSTITUTE``.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Final

import typst

from service.cell import serve
from service.errors import TypesettingError
from service.typeset import SUBSTITUTE, VALUES_BYTES

STANDARDS: Final = ("a-3a", "ua-1")
OPEN_FILES: Final = 64  # at a time: a few pictures, a few fonts
NOWHERE: Final = "http://127.0.0.1:9"  # a proxy that nobody is at
TRIES: Final = 6  # each gives their substitute to all texts that the one before named
REASON_CHARS: Final = 200

# Typst quotes such a text as Rust does: "\u{fffe}", "\"".
_LACKING: Final = re.compile(
    r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed|contains the codepoint `"((?:[^"\\]|\\.)*)"`'
)
_ESCAPE: Final = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")
_PLAIN: Final = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


def main() -> None:
    """Set the document that the standard input describes."""
    serve(_work, max_bytes=VALUES_BYTES, warm=_warm, open_files=OPEN_FILES)


def _warm(_question: Any) -> None:
    """Let Typst start its threads and load its fonts, and show it no way to fetch packages."""
    os.environ.update(dict.fromkeys(("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"), NOWHERE))
    typst.compile(b"", ignore_system_fonts=True)


def _work(question: Any, values: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        made, warnings = compile_all(question, values.decode("utf-8"))
    except typst.TypstError as error:
        # Never the text that could not be displayed: it may be somebody's name.
        lacks = _LACKING.search(str(error.message)) is not None
        raise TypesettingError("Fonts lack letters." if lacks else _reason(error)) from None
    return {"warnings": [_reason(each) for each in warnings]}, made


def compile_all(question: dict[str, Any], values: str) -> tuple[bytes, list[typst.TypstWarning]]:
    """Return the PDF and Typst's warnings; what cannot be shown has its substitute."""
    own_fonts_only = True
    for last in (*[False] * (TRIES - 1), True):
        try:
            return _compile(question, values, own_fonts_only=own_fonts_only)
        except typst.TypstError as error:
            lacking = lacked(error.diagnostic)
            if last or not lacking:
                raise
            if not own_fonts_only:
                values = _substituted(values, lacking)
            own_fonts_only = False
    raise AssertionError("the last try returns or raises")


def _compile(
    question: dict[str, Any], values: str, *, own_fonts_only: bool
) -> tuple[bytes, list[typst.TypstWarning]]:
    folder = Path(question["folder"])
    return typst.compile_with_warnings(
        str(folder / question["main"]),
        root=str(folder),
        format="pdf",
        ignore_system_fonts=own_fonts_only,
        sys_inputs={"values": values},
        pdf_standards=list(STANDARDS),
        timestamp=question["now"],
        package_path=str(folder / "packages"),
        package_cache_path=str(folder / "packages"),
    )


def _reason(error: typst.TypstError | typst.TypstWarning) -> str:
    return str(error.message)[:REASON_CHARS]


def lacked(diagnostic: str) -> set[str]:
    """Return the texts that the fonts lack, as Typst's errors name them."""
    found = (shown or codepoint for shown, codepoint in _LACKING.findall(diagnostic))
    return {_ESCAPE.sub(_unescaped, text) for text in found} - {""}


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else _PLAIN.get(match[2], match[2])


def _substituted(values: str, lacking: set[str]) -> str:
    """Replace the longest ones first: a letter with its accent before the accent alone."""
    ordered = sorted(lacking, key=lambda text: (-len(text), text))
    pattern = re.compile("|".join(map(re.escape, ordered)))

    def replaced(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(SUBSTITUTE, value)
        if isinstance(value, dict):
            return {name: replaced(item) for name, item in value.items()}
        return [replaced(item) for item in value] if isinstance(value, list) else value

    return json.dumps(replaced(json.loads(values)), ensure_ascii=False)


if __name__ == "__main__":
    main()
