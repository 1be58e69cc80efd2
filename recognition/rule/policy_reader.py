# SPDX-License-Identifier: Apache-2.0
"""Read a policy, format ``recognition-policy/1``: exact bytes in, values out, or every fault with its place.

The text goes through four gates: its size, signs and depth (``policy_text``), TOML 1.0 with decimals and
never a float, the table of keys (``policy_keys`` by ``policy_walk``), and what must make sense together
(``policy_sense``). Nothing of a text with a fault is used. A place is written as in ``unverified``:
``grant[0].amount``.

The ten example policies are package data; everybody who needs a policy to try something takes one of them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final

from credentials.digests import sha256_hex
from recognition.errors import FAULTS_TOLD, Fault, NoSuchPolicyError, PolicyError
from recognition.rule import policy_build, policy_sense, policy_text, policy_walk
from recognition.rule.policy import Policy

_SAMPLES: Final = Path(__file__).parent.parent / "policies"
_FLOAT_CHARS: Final = 40  # characters of a number; an amount has at most 12


def read(source: bytes, *, name: str | None = None) -> Policy:
    """Read one policy; ``name`` is the stem of its file, which must be its id.

    Raises:
        PolicyError: It is not as agreed; ``faults`` names every place, at most ``FAULTS_TOLD``.
    """
    members = _toml(source)
    faults = tuple(islice(policy_walk.walk(members), FAULTS_TOLD))
    faults = faults or tuple(islice(policy_sense.faults(members, name=name), FAULTS_TOLD))
    if faults:
        raise _error(faults)
    return policy_build.build(members, source=source, sha256=sha256_hex(source))


@cache
def sample(policy: str) -> Policy:
    """Return the example policy with this id.

    Raises:
        NoSuchPolicyError: There is none.
    """
    if policy not in sample_ids():
        raise NoSuchPolicyError("There is no example policy with this id.", got=policy[:80])
    return read((_SAMPLES / f"{policy}.toml").read_bytes(), name=policy)


@cache
def samples() -> tuple[Policy, ...]:
    """Return the ten example policies, by id."""
    return tuple(sample(each) for each in sample_ids())


@cache
def sample_ids() -> tuple[str, ...]:
    """Return the ids of the example policies, sorted."""
    return tuple(sorted(path.stem for path in _SAMPLES.glob("*.toml")))


def _toml(source: bytes) -> Mapping[str, Any]:
    text, fault = policy_text.decode(source)
    if fault is not None:
        raise _error((fault,))
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except RecursionError:  # pragma: no cover  the depth was measured before
        raise _error((Fault("", "This goes deeper than any policy does."),)) from None
    except ValueError as error:  # also a TOMLDecodeError, and a whole number of thousands of digits
        raise _error((Fault("", f"not TOML: {policy_walk.sentence(str(error))}"),)) from None


def _decimal(text: str) -> Decimal:
    """Read a number with a point or an exponent; one that no amount can be becomes NaN, which is refused."""
    try:
        return Decimal(text) if len(text) <= _FLOAT_CHARS else Decimal("NaN")
    except InvalidOperation:
        return Decimal("NaN")


def _error(faults: tuple[Fault, ...]) -> PolicyError:
    number = len(faults)
    told = " · ".join(_few(faults))
    if number == 1:
        return PolicyError(f"This is no policy as agreed: {told}", faults=faults)
    more = " or more" if number == FAULTS_TOLD else ""
    return PolicyError(f"This is no policy as agreed, in {number}{more} places: {told}", faults=faults)


def _few(faults: tuple[Fault, ...], most: int = 3) -> Iterator[str]:
    yield from (str(each) for each in faults[:most])
    if len(faults) > most:
        yield "…"
