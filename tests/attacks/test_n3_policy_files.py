# SPDX-License-Identifier: Apache-2.0
"""N3: a policy file as attack: unknown key, huge numbers, exponential choice.

Read strictly, amounts as decimals, limits before work: whatever the bytes are, the reader answers at once,
with a policy or with its faults. (What a policy makes the allocation do is another file's.)
"""

from __future__ import annotations

import random
import re
import tomllib
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.errors import FAULTS_TOLD, PolicyError
from recognition.rule import policy_reader
from recognition.rule.policy import Policy
from recognition.rule.policy_keys import DOTS, NESTING, SOURCE_BYTES
from recognition.rule.policy_text import decode

SAMPLES = tuple(each.source for each in policy_reader.samples())
MA = policy_reader.sample("us-ma-renewal").source


def read(source: bytes) -> Policy | None:
    """Read ``source``; None if it was refused, as it must be: with faults, few and short."""
    try:
        return policy_reader.read(source)
    except PolicyError as error:
        faults = error.faults
    assert 1 <= len(faults) <= FAULTS_TOLD
    assert all(each.sentence and len(str(each)) < 1_000 for each in faults)
    return None


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_the_error_of_a_policy(source: bytes) -> None:
    assert read(source) is None


_KEYS = st.sampled_from(
    sorted({key for each in SAMPLES for key in re.findall(r"[a-z_]+(?= =)", each.decode())})
)
_VALUES = st.recursive(
    st.one_of(
        st.integers(),
        st.booleans(),
        st.decimals(allow_nan=True, allow_infinity=True),
        st.dates(),
        st.text(max_size=20),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(char):08X}" for char in value) + '"'
    if isinstance(value, Decimal) and not value.is_finite():
        return "nan" if value.is_nan() else "-inf"
    return str(value)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SAMPLES), st.integers(0, 10_000), _VALUES)
def test_no_value_in_no_place_raises_anything_but_the_error_of_a_policy(
    source: bytes, line: int, value: object
) -> None:
    lines = source.decode().splitlines()
    assigned = [number for number, each in enumerate(lines) if re.match(r"[a-z_]+ = ", each)]
    place = assigned[line % len(assigned)]
    lines[place] = lines[place].split(" = ")[0] + " = " + _toml(value)
    read("\n".join(lines).encode("utf-8", "replace"))


def test_a_policy_with_any_byte_changed_is_read_or_refused() -> None:
    rng = random.Random(3)  # noqa: S311  a fixed sequence of mutants
    for _ in range(600):
        source = bytearray(rng.choice(SAMPLES))
        for _ in range(rng.randrange(1, 4)):
            place = rng.randrange(len(source))
            how = rng.randrange(3)
            if how == 0:
                source[place] = rng.randrange(256)
            elif how == 1:
                del source[place : place + rng.randrange(1, 40)]
            else:
                source[place:place] = bytes(
                    rng.choice(b"[]{}\"'.=\n#1e_-\\") for _ in range(rng.randrange(1, 6))
                )
        read(bytes(source))


def _with(line: str) -> bytes:
    return MA.replace(b"amount = 10\n", line.encode() + b"\n")


@pytest.mark.parametrize(
    "source",
    [
        _with("amount = 1e1000000000"),
        _with("amount = 1e-1000000000"),
        _with("amount = 1e99999999999999999999"),
        _with("amount = 0." + "0" * 50_000 + "1"),
        _with("amount = " + "9" * 50_000),
        _with("amount = 0x" + "f" * 50_000),
        _with("take = 0x" + "f" * 50_000),
        _with("amount = [" * 20_000),
        _with("amount = " + "{ a = " * 5_000),
        _with("a." * 25_000 + "a = 1"),
        _with('"a".' * 12_000 + "a = 1"),
        _with("[" + "a." * 25_000 + "a]"),
        _with("[" + "a." * 2_000 + "a]\n" + "\n".join(f"k{number} = 1" for number in range(6_000))),
        _with('x = { b = """c"""", ' + "d." * 20_000 + "e = 1 }"),
        _with("x = { b = '''c'''''', " + "d." * 20_000 + "e = 1 }"),
        _with('x = """' + '\\"""' * 15_000 + "\\"),
        _with('x = "' * 10_000),
        _with("amount = [" + "1," * 25_000 + "1]"),
        _with("into = [" + "'a'," * 12_000 + "'a']"),
        _with("\n".join(f"k{number} = 1" for number in range(6_000))),
        MA + b"[[need]]\nbucket = 'content'\namount = 1\n" * 1_300,
        MA + b"x" * SOURCE_BYTES,
        b"\x00" * 1_000,
        MA.decode().encode("utf-16"),
    ],
    ids=lambda source: source[-12:].decode("latin-1").encode("unicode-escape").decode(),
)
def test_what_is_too_large_or_too_deep_is_refused_without_work(source: bytes) -> None:
    assert read(source) is None


def test_depth_is_measured_before_toml_is_read_and_not_fooled_by_texts() -> None:
    dots, brackets = "." * 50, "[" * 50
    calm = f'a = "{dots}{brackets}"  # {dots}{brackets}\nb = \'\'\'\n{brackets}"""\'\'\'\nc = "\\"{dots}"\n'
    assert decode(calm.encode()) == (calm, None)
    tomllib.loads(calm)
    for deep in ("a" + ".a" * (DOTS + 1) + " = 1", "a = " + "[" * (NESTING + 1)):
        text, fault = decode((calm + deep).encode())
        assert text == ""
        assert fault is not None
        assert "deeper" in fault.sentence


def test_an_amount_is_never_a_float() -> None:
    for policy in policy_reader.samples():
        amounts = [policy.unit.clock_hours]
        amounts += [each.amount for each in policy.grants] + [each.amount for each in policy.needs]
        amounts += [each.amount for each in policy.totals] + [each.amount for each in policy.caps]
        assert all(each is None or type(each) is Decimal for each in amounts)
