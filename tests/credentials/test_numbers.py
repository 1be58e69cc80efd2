# SPDX-License-Identifier: Apache-2.0
"""JSON numbers and truth values as literals."""

from __future__ import annotations

import pytest

from credentials.errors import UnsignedContentError
from credentials.jsonld.numbers import canonical_double, number_literal
from credentials.rdf.nquads import XSD


@pytest.mark.parametrize(
    ("value", "datatype", "expected"),
    [
        (True, "", f'"true"^^<{XSD}boolean>'),
        (False, "https://example.org/t", '"false"^^<https://example.org/t>'),
        (0, "", f'"0"^^<{XSD}integer>'),
        (-0.0, "", f'"0"^^<{XSD}integer>'),
        (5.0, "", f'"5"^^<{XSD}integer>'),
        (5, f"{XSD}double", f'"5.0E0"^^<{XSD}double>'),
        (5, f"{XSD}float", f'"5"^^<{XSD}float>'),
        (1.5, f"{XSD}float", f'"1.5E0"^^<{XSD}float>'),
        (2**53 + 1, "", f'"9007199254740993"^^<{XSD}integer>'),
        (10**21 - 1, "", f'"999999999999999999999"^^<{XSD}integer>'),
        (10**21, "", f'"1.0E21"^^<{XSD}double>'),
        (1e21, "", f'"1.0E21"^^<{XSD}double>'),
        (0.1, "", f'"1.0E-1"^^<{XSD}double>'),
        (1e-7, "", f'"1.0E-7"^^<{XSD}double>'),
        (-2.25, "", f'"-2.25E0"^^<{XSD}double>'),
    ],
)
def test_writes_the_lexical_form_of_the_specification(value: float, datatype: str, expected: str) -> None:
    assert number_literal(value, datatype) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.30000000000000004, "3.0E-1"), (5e-324, "4.940656458412465E-324"), (123456.789, "1.23456789E5")],
)
def test_a_double_has_at_most_sixteen_digits_and_a_bare_exponent(value: float, expected: str) -> None:
    assert canonical_double(value) == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(UnsignedContentError):
        number_literal(value, "")
