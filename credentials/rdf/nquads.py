# SPDX-License-Identifier: Apache-2.0
"""Quads, and how they are written and read as N-Quads.

A quad is a tuple of subject, predicate, object and graph. A name or a literal is the text that N-Quads has
for it, ready to be written (``<https://example.org/>``, ``"text"``); a blank node is an integer, which means
nothing outside its dataset; the default graph is "".

RDF 1.1 N-Quads (https://www.w3.org/TR/n-quads/), and its canonical form in RDFC-1.0, "A Canonical
form of N-Quads" (https://www.w3.org/TR/rdf-canon/#canonical-quads). Lines end at U+000A and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from credentials.errors import NQuadsError

Quad: TypeAlias = tuple[str | int, str, str | int, str | int]

DEFAULT_GRAPH = ""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDF_TYPE = f"<{RDF}type>"
RDF_FIRST = f"<{RDF}first>"
RDF_REST = f"<{RDF}rest>"
RDF_NIL = f"<{RDF}nil>"
XSD = "http://www.w3.org/2001/XMLSchema#"
XSD_STRING = f"{XSD}string"

# Everything a literal may not hold as it is: C0 controls, the quotation mark, the backslash, DEL, and what no
# XML 1.1 document may hold.
_ESCAPES = {code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF)} | {
    ord("\b"): "\\b",
    ord("\t"): "\\t",
    ord("\n"): "\\n",
    ord("\f"): "\\f",
    ord("\r"): "\\r",
    ord('"'): '\\"',
    ord("\\"): "\\\\",
}


def is_plain(text: str) -> bool:
    """Tell quickly that nothing in ``text`` is escaped; of rare characters, no is said where it is yes.

    Nothing that is escaped is printable (``str.isprintable``), but for two characters.
    """
    return text.isprintable() and '"' not in text and "\\" not in text


def escape(text: str) -> str:
    r"""Return ``text`` as it stands between the quotation marks of a canonical literal.

    RDFC-1.0, "A Canonical form of N-Quads": ``\b \t \n \f \r \" \\``; other C0 controls, DEL and what is no
    ``Char`` of XML 1.1 as ``\uXXXX``; nothing else.
    """
    return text if is_plain(text) else text.translate(_ESCAPES)


def literal(text: str, *, datatype: str = XSD_STRING, language: str = "") -> str:
    """Return the canonical N-Quads form of a literal; ``xsd:string`` is not written."""
    if language:
        return f'"{escape(text)}"@{language}'
    return f'"{escape(text)}"' if datatype == XSD_STRING else f'"{escape(text)}"^^<{datatype}>'


def write(quad: Quad, labels: Mapping[int, str]) -> str:
    """Return the line for ``quad``; ``labels`` has the name, with ``_:``, of each blank node in it."""
    subject, predicate, object_, graph = quad
    if isinstance(subject, int):
        subject = labels[subject]
    if isinstance(object_, int):
        object_ = labels[object_]
    if isinstance(graph, int):
        graph = labels[graph]
    return f"{subject} {predicate} {object_} {graph} .\n" if graph else f"{subject} {predicate} {object_} .\n"


# -- reading, for published vectors and the oracles of the tests ------------------------------------------

_IRI = r'<(?:[^\x00-\x20<>"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>'
_BLANK = r"_:[\w:](?:[\w:.·‿⁀-]*[\w:·‿⁀-])?"
_STRING = r'"(?:[^"\\\n\r]|\\[tbnrf"\'\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*"'
_LITERAL = rf"{_STRING}(?:\^\^{_IRI}|@[A-Za-z]+(?:-[A-Za-z0-9]+)*)?"
_SPACE = r"[ \t]*"
_LINE = re.compile(
    rf"{_SPACE}(?:({_IRI}|{_BLANK}){_SPACE}({_IRI}){_SPACE}({_IRI}|{_BLANK}|{_LITERAL}){_SPACE}"
    rf"({_IRI}|{_BLANK})?{_SPACE}\.{_SPACE})?(?:#.*)?"
)
_CHARACTER = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_SHORT = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def parse(text: str) -> tuple[list[Quad], dict[str, int]]:
    """Read N-Quads. Return each quad once, in canonical spelling, and the number of each blank node by label.

    Raises:
        NQuadsError: A line is not N-Quads.
    """
    numbers: dict[str, int] = {}
    quads: dict[Quad, None] = {}

    def part(written: str) -> str | int:
        if written.startswith("_:"):
            return numbers.setdefault(written[2:], len(numbers))
        return _respell(written)

    for index, line in enumerate(re.split(r"[\n\r]+", text), start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise NQuadsError(f"Line {index} is not N-Quads.", got=line[:80])
        subject, predicate, object_, graph = match.groups()
        if subject is not None:
            quads[part(subject), _respell(predicate), part(object_), part(graph or "")] = None
    return list(quads), numbers


def _respell(written: str) -> str:
    """Return a name or literal with the canonical escapes in place of those it was written with."""
    if written.startswith("<"):
        return _CHARACTER.sub(_character, written)
    if not written.startswith('"'):
        return written
    end = written.rindex('"')
    suffix = written[end + 1 :]
    if suffix == f"^^<{XSD_STRING}>":
        suffix = ""
    elif suffix.startswith("^^"):
        suffix = _CHARACTER.sub(_character, suffix)
    return f'"{escape(_CHARACTER.sub(_character, written[1:end]))}"{suffix}'


def _character(match: re.Match[str]) -> str:
    short, long, letter = match.groups()
    if letter:
        return _SHORT.get(letter, letter)
    code = int(short or long, 16)
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise NQuadsError("An escape names no character.", got=match.group())
    return chr(code)
