# SPDX-License-Identifier: Apache-2.0
"""The error tree: five branches by whose move it is, and a code of its own for every leaf."""

from __future__ import annotations

import re

from credentials import errors

BRANCHES = (
    errors.MalformedError,
    errors.WrongError,
    errors.UnknownError,
    errors.RefusedError,
    errors.BrokenError,
)


def every(kind: type[errors.HallmarkError]) -> list[type[errors.HallmarkError]]:
    found = [kind]
    for child in kind.__subclasses__():
        found += every(child)
    return found


def test_every_error_grows_on_exactly_one_branch() -> None:
    for kind in every(errors.HallmarkError)[1:]:
        assert sum(issubclass(kind, branch) for branch in BRANCHES) == 1, kind


def test_every_error_has_a_code_of_its_own() -> None:
    kinds = every(errors.HallmarkError)
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(codes), sorted(code for code in codes if codes.count(code) > 1)
    assert all(re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", code) for code in codes)


def test_an_error_says_what_and_where() -> None:
    error = errors.NotJsonError("The text is not JSON.", path="/a", got="x", expected="y")
    assert str(error) == "The text is not JSON. (at /a)"
    assert (error.message, error.path, error.got, error.expected) == ("The text is not JSON.", "/a", "x", "y")
