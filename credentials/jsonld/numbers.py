# SPDX-License-Identifier: Apache-2.0
"""JSON numbers and truth values as RDF literals.

JSON-LD 1.1 Processing Algorithms, "Object to RDF Conversion" and "Data Round Tripping"
(https://www.w3.org/TR/json-ld11-api/#data-round-tripping).
"""

from __future__ import annotations

import re

from credentials.errors import UnsignedContentError
from credentials.rdf.nquads import XSD

_DOUBLE = f"{XSD}double"
_LARGEST_INTEGER = 10**21  # from here on JavaScript, and so JSON-LD, writes whole numbers with an exponent

_trim = re.compile(r"(\d)0*E\+?(-?)0*(\d)").sub


def number_literal(value: bool | int | float, datatype: str) -> str:
    """Return the literal for ``value``, of ``datatype`` where the term has one.

    Raises:
        UnsignedContentError: Not a finite number.
    """
    if isinstance(value, bool):
        return f'"{"true" if value else "false"}"^^<{datatype or f"{XSD}boolean"}>'
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 (only NaN differs from itself)
        raise UnsignedContentError("A number is not finite.")
    if value == int(value) and abs(value) < _LARGEST_INTEGER and datatype != _DOUBLE:
        return f'"{int(value)}"^^<{datatype or f"{XSD}integer"}>'
    return f'"{canonical_double(value)}"^^<{datatype or _DOUBLE}>'


def canonical_double(value: float) -> str:
    """Return the canonical form of an ``xsd:double``: one digit, a point, up to 15 more, a bare exponent."""
    return _trim(r"\1E\2\3", f"{value:.15E}")
