# SPDX-License-Identifier: Apache-2.0
"""One walk over a policy's text as TOML gives it, against the table of keys: every fault with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypeGuard

from recognition.errors import Fault
from recognition.judging.facts import FACTS
from recognition.rule import policy_keys as keys
from verifier.explain import is_hidden

Faults = Iterator[Fault]

_KEY_CHARS: Final = 40  # characters of a key that is not ours, in a sentence about it
_SENTENCE_CHARS: Final = 200  # characters of what the reader of TOML says
_SHAPES: Final = {
    "id": (
        re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*"),
        "must be letters and digits, joined by “-” or “_”",
    ),
    "slug": (re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*"), "must be lower-case letters and digits, joined by “-”"),
    "version": (
        re.compile(r"(?!.*\.(?:toml|json|html)\Z)[A-Za-z0-9]+(?:[-._][A-Za-z0-9]+)*"),
        "must be letters and digits, joined by “-”, “.” or “_”, and must not end in .toml or .json",
    ),
}


def walk(value: object) -> Faults:
    """Yield what in ``value``, a text read as TOML, is not as the table of keys says."""
    yield from _table(keys.POLICY, value, "")


def is_amount(value: object) -> TypeGuard[int | Decimal]:
    """Tell whether ``value`` is a number of units above 0."""
    return (
        isinstance(value, int | Decimal)
        and not isinstance(value, bool)
        and not (isinstance(value, Decimal) and not value.is_finite())
        and value > 0
    )


def shown(key: str) -> str:
    """Return a key of a stranger's, fit to stand in a sentence."""
    visible = "".join("�" if is_hidden(char) else char for char in key)
    return visible if len(visible) <= _KEY_CHARS else visible[: _KEY_CHARS - 1] + "…"


def sentence(text: str) -> str:
    """Return what another's reader says, fit to be shown."""
    visible = "".join("�" if is_hidden(char) else char for char in text)
    return visible if len(visible) <= _SENTENCE_CHARS else visible[: _SENTENCE_CHARS - 1] + "…"


def _below(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _table(rule: keys.Table, value: object, place: str) -> Faults:
    if not isinstance(value, dict):
        yield Fault(place, "must be a table")
        return
    for key in value:
        if key not in rule.must and key not in rule.may:
            yield Fault(_below(place, shown(key)), "unknown key")
    for key, inner in (*rule.must.items(), *rule.may.items()):
        if key in value:
            yield from _any(inner, value[key], _below(place, key))
        elif key in rule.must:
            yield Fault(_below(place, key), "missing")


def _rows(rule: keys.Rows, value: object, place: str) -> Faults:
    if not isinstance(value, list) or not value or not all(isinstance(each, dict) for each in value):
        yield Fault(place, "must be a non-empty array of tables")
    elif len(value) > rule.most:
        yield Fault(place, f"has at most {rule.most:,} rows; these are {len(value):,}")
    else:
        for number, row in enumerate(value):
            yield from _table(rule.row, row, f"{place}[{number}]")


def _by_bucket(rule: keys.ByBucket, value: object, place: str) -> Faults:
    if not isinstance(value, dict) or not value:
        yield Fault(place, "must be {bucket = {…}}")
        return
    for bucket, inner in value.items():
        yield from _table(rule.table, inner, _below(place, shown(bucket)))


def _text(rule: keys.Text, value: object, place: str) -> Faults:
    if not isinstance(value, str) or not value.strip():
        yield Fault(place, "must be text")
    elif len(value) > rule.max_chars:
        yield Fault(place, f"has at most {rule.max_chars:,} characters; these are {len(value):,}")
    elif any(is_hidden(char) and not (rule.has_lines and char == "\n") for char in value):
        yield Fault(place, "holds characters that cannot be seen")
    elif value != value.strip():
        yield Fault(place, "begins or ends with a space")


def _label(rule: keys.Label, value: object, place: str) -> Faults:
    shape, sentence = _SHAPES[rule.shape]
    if not isinstance(value, str) or not value.strip():
        yield Fault(place, "must be text")
    elif len(value) > rule.max_chars:
        yield Fault(place, f"has at most {rule.max_chars:,} characters; these are {len(value):,}")
    elif not shape.fullmatch(value):
        yield Fault(place, sentence)


def _one_of(rule: keys.OneOf, value: object, place: str) -> Faults:
    if not isinstance(value, str) or value not in rule.values:
        known = sorted(rule.values)
        yield Fault(
            place, f"must be {known[0]}" if len(known) == 1 else f"must be one of: {', '.join(known)}"
        )


def _day(_rule: keys.Day, value: object, place: str) -> Faults:
    if not isinstance(value, date) or isinstance(value, datetime):
        yield Fault(place, "must be a date")


def _whole(rule: keys.Whole, value: object, place: str) -> Faults:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        yield Fault(place, "must be a whole number above 0")
    elif value > rule.most:
        yield Fault(place, f"must be at most {rule.most:,}")


def _amount(_rule: keys.Amount, value: object, place: str) -> Faults:
    if not is_amount(value):
        yield Fault(place, "must be a decimal above 0")
    elif value > keys.AMOUNT_MOST:
        yield Fault(place, f"must be at most {keys.AMOUNT_MOST:,}")
    elif isinstance(value, Decimal) and int(value.as_tuple().exponent) < -keys.AMOUNT_PLACES:
        yield Fault(place, f"has at most {keys.AMOUNT_PLACES} digits after the point")


def _texts(rule: keys.Texts, value: object, place: str) -> Faults:
    if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
        yield Fault(place, "must be an array of texts")
    elif not value and not rule.may_be_empty:
        yield Fault(place, "must not be empty: name something, or leave the key out")
    elif len(value) > keys.TEXTS:
        yield Fault(place, f"has at most {keys.TEXTS:,} texts; these are {len(value):,}")
    else:
        for number, each in enumerate(value):
            yield from _any(rule.each, each, f"{place}[{number}]")
            if each in value[:number]:
                yield Fault(f"{place}[{number}]", "stands there twice")


def _times(_rule: keys.Times, value: object, place: str) -> Faults:
    if isinstance(value, str) and value in keys.EACH_TIME:
        return
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= keys.TIMES_MOST:
        yield Fault(place, f"must be once-ever, per-credential or a number from 1 to {keys.TIMES_MOST:,}")


def _facts(_rule: keys.Facts, value: object, place: str) -> Faults:
    if not isinstance(value, dict) or not value:
        yield Fault(place, "must be {fact = [values]}")
        return
    for fact, values in value.items():
        inner = _below(place, shown(fact))
        if fact not in FACTS:
            yield Fault(inner, "unknown fact")
        yield from _texts(keys.Texts(keys.SHORT), values, inner)


def _amounts(_rule: keys.Amounts, value: object, place: str) -> Faults:
    if not isinstance(value, dict) or not value:
        yield Fault(place, "must be {bucket = amount}")
        return
    for bucket, amount in value.items():
        yield from _amount(keys.Amount(), amount, _below(place, shown(bucket)))


_READERS: Final[Mapping[type, Callable[..., Faults]]] = {
    keys.Table: _table,
    keys.Rows: _rows,
    keys.ByBucket: _by_bucket,
    keys.Text: _text,
    keys.Label: _label,
    keys.OneOf: _one_of,
    keys.Day: _day,
    keys.Whole: _whole,
    keys.Amount: _amount,
    keys.Texts: _texts,
    keys.Times: _times,
    keys.Facts: _facts,
    keys.Amounts: _amounts,
}


def _any(rule: keys.Rule, value: object, place: str) -> Faults:
    return _READERS[type(rule)](rule, value, place)
