# SPDX-License-Identifier: Apache-2.0
"""Micro-credentials in any number, for tests of load: the same ones every time from a start number.

What is generated is marked so in its keywords, its codes begin with GEN, and its stacks are its own, so that
it never mixes with a real programme. Item *n* does not depend on how many there are, and nothing depends on
the machine or on the version of Python: every choice is drawn from SHA-256.

>>> name, toml = next(generate(1, start=7))
>>> name
'gen001-v1.toml'
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeVar

KEYWORD: Final = "generated"
PREFIX: Final = "GEN"
SUPPORT_STACK: Final = "GESP"  # for education support professionals only

SPANISH: Final = 11  # number of the one item in a second language
LONG: Final = 17  # number of the one item with a very long text
LONG_CHARS: Final = 20_000  # characters of that text; longer than any page that was written by hand

# Of a hundred items; sizes seen in a catalogue are 23 of 175 for education support professionals.
_SUPPORT: Final = 13
_SECOND_VERSION: Final = 8
_IN_REVISION: Final = 6
_ACCENTED: Final = 12
_AUDIENCES: Final = (
    ("all",),
    ("all",),
    ("all",),
    ("teachers",),
    ("teachers", "early career"),
    ("teachers", "ESAs"),
    ("teachers", "paraeducators"),
    ("substitutes", "early career"),
    ("cooperating teachers",),
    ("administrators",),
)

T = TypeVar("T")
Say = Callable[[str], str]  # fills the gaps of a text


def generate(count: int, *, start: int) -> Iterator[tuple[str, bytes]]:
    """Make ``count`` micro-credentials and yield name and text of each TOML file.

    An item with two versions yields two files, the older one first.
    """
    for number in range(1, count + 1):
        for version in range(1, _versions(number, start) + 1):
            key = f"{_code(number)}-v{version}"
            yield f"{key.lower()}.toml", _toml(_item(number, version, start)).encode()


def in_revision(count: int, *, start: int) -> tuple[str, ...]:
    """Return the keys of those that take no new applicants, such as ``GEN004-v1``."""
    return tuple(
        f"{_code(number)}-v{_versions(number, start)}"
        for number in range(1, count + 1)
        if _Lot(start, number).draw("revision", 100) < _IN_REVISION
    )


def stacks() -> bytes:
    """Return the stacks of generated micro-credentials as ``earning.catalogue.stacks`` reads them."""
    lines = []
    for place, (code, title) in enumerate(_words()["stacks"].items()):
        lines += ["[[stack]]", f"code = {_text(code)}", f"title = {_text(title)}"]
        lines += ['summary = "Generated for tests of load."', f"colour = {place % 12}"]
        lines += ['only_for = ["ESPs"]'] * (code == SUPPORT_STACK)
    return "\n".join(lines).encode()


class _Lot:
    """Draws for one item: the same purpose gives the same number, whatever was drawn before."""

    def __init__(self, start: int, number: int) -> None:
        self._seed = f"{start}:{number}"

    def draw(self, purpose: str, below: int) -> int:
        digest = hashlib.sha256(f"{self._seed}:{purpose}".encode()).digest()
        return int.from_bytes(digest[:8]) % below

    def one(self, purpose: str, of: Sequence[T]) -> T:
        return of[self.draw(purpose, len(of))]

    def some(self, purpose: str, of: Sequence[T], count: int) -> list[T]:
        """``count`` different ones."""
        order = sorted(range(len(of)), key=lambda place: self.draw(f"{purpose}:{place}", 1 << 60))
        return [of[place] for place in order[:count]]


@cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads((files("earning") / "samples" / "words.toml").read_text(encoding="utf-8"))


def _code(number: int) -> str:
    return f"{PREFIX}{number:03d}"


def _versions(number: int, start: int) -> int:
    return 2 if _Lot(start, number).draw("versions", 100) < _SECOND_VERSION else 1


def _item(number: int, version: int, start: int) -> dict[str, Any]:
    """Everything about one version, as the TOML file will say it."""
    lot = _Lot(start, number)
    words = _words()["es" if number == SPANISH else "en"]
    filled = _filling(words, lot, number, start)

    def say(text: str) -> str:
        return text.format_map(filled)

    is_support = lot.draw("audience", 100) < _SUPPORT
    others = [code for code in _words()["stacks"] if code != SUPPORT_STACK]
    chosen = lot.some("stacks", others, 1 + lot.draw("how many stacks", 3))
    if is_support:
        chosen = [SUPPORT_STACK, *chosen[1:]]
    low = 10 + lot.draw("low", 6)
    components = [say(text) for text in words["components"]]
    if number == LONG:
        components[0] += " " + " ".join([say(words["long"])] * (LONG_CHARS // len(say(words["long"])) + 1))
    return {
        "code": _code(number),
        "version": str(version),
        "title": say(words["titles"][0]),
        "language": words["language"],
        "stacks": chosen,
        "keywords": [KEYWORD, filled["object"]],
        "audience": ["ESPs"] if is_support else list(lot.one("audiences", _AUDIENCES)),
        "hours": {"min": low, "max": low + lot.draw("more", 16 - low)},
        "needs_students": lot.draw("students", 2) == 1,
        "competency": say(words["competency"]) + (" " + words["revised"] if version > 1 else ""),
        "method": {
            "key": say(words["method"]),
            "components": [_component(text) for text in components],
        },
        "research": [{"cite": say(words["source"])}],
        "resource": [{"cite": say(words["resource"])}],
        "part": _parts(words, lot, say),
        "scale": [
            {"id": "rubric", "levels": words["levels"]},
            {"id": "pass", "levels": words["passes"]},
        ],
        "criterion": _criteria(words, lot, say),
    }


def _component(text: str) -> dict[str, str]:
    title, _, rest = text.partition(": ")
    return {"title": title, "text": rest[:1].upper() + rest[1:]}


def _filling(words: Mapping[str, Any], lot: _Lot, number: int, start: int) -> dict[str, str]:
    """Words for the gaps. Titles repeat only when all combinations have been used."""
    acts, objects, places = words["acts"], words["objects"], words["places"]
    place = (number * 4_099 + start) % (len(acts) * len(objects) * len(places))  # a prime: it meets them all
    act = acts[place % len(acts)]
    is_accented = lot.draw("accent", 100) < _ACCENTED
    return {
        "act": act,
        "Act": act.capitalize(),
        "object": objects[place // len(acts) % len(objects)],
        "place": lot.one("accented", words["accented"])
        if is_accented
        else places[place // len(acts) // len(objects)],
        "proof": lot.one("proof", words["proofs"]),
    }


def _parts(words: Mapping[str, Any], lot: _Lot, say: Say) -> list[dict[str, Any]]:
    first, second, third = words["parts"]
    questions = words["questions"][: 1 + lot.draw("questions", len(words["questions"]))]
    artefacts = words["artefacts"][: 1 + lot.draw("artefacts", len(words["artefacts"]))]
    return [
        {
            "id": "part-1",
            "title": first,
            "prompt": [
                {"id": f"question-{place}", "text": say(text), "words": {"guide": [150, 300]}}
                for place, text in enumerate(questions, start=1)
            ],
        },
        {
            "id": "part-2",
            "title": second,
            "artefact": [
                {"id": f"piece-{place}", "name": name, "text": say(text), "kinds": ["text", "file", "link"]}
                for place, (name, text) in enumerate(artefacts, start=1)
            ],
        },
        {
            "id": "part-3",
            "title": third,
            "prompt": [
                {"id": "reflection", "text": say(words["reflection"]), "words": {"guide": [200, 300]}}
            ],
        },
    ]


def _criteria(words: Mapping[str, Any], lot: _Lot, say: Say) -> list[dict[str, Any]]:
    """Three to eight criteria: one each for the first and the last part, the others in the rubric."""
    levels, passes = words["levels"], words["passes"]
    rubric = words["criteria"][: 1 + lot.draw("criteria", len(words["criteria"]))]

    def row(part: str, id: str, title: str) -> dict[str, Any]:
        in_rubric = part == "part-2"
        names = levels if in_rubric else passes
        says = words["descriptors" if in_rubric else "answered"]
        return {
            "part": part,
            "id": id,
            "title": say(title),
            "scale": "rubric" if in_rubric else "pass",
            "required": names[-1],
            "descriptors": dict(zip(names, map(say, says), strict=True)),
        }

    return [
        row("part-1", "context", words["first_criterion"]),
        *(row("part-2", f"row-{place}", title) for place, title in enumerate(rubric, start=1)),
        row("part-3", "learned", words["last_criterion"]),
    ]


# -- TOML, as far as we write it ----------------------------------------------------------------------------


def _toml(item: Mapping[str, Any]) -> str:
    lines = ["# Generated for tests of load: no micro-credential of any programme."]
    tables = {name: value for name, value in item.items() if isinstance(value, list) and _is_tables(value)}
    lines += [f"{name} = {_value(value)}" for name, value in item.items() if name not in tables]
    for name, rows in tables.items():
        for row in rows:
            lines += ["", f"[[{name}]]", *(f"{_key(key)} = {_value(value)}" for key, value in row.items())]
    return "\n".join(lines) + "\n"


def _is_tables(value: list[Any]) -> bool:
    return bool(value) and isinstance(value[0], dict)


def _value(value: Any) -> str:
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(_value(each) for each in value)}]"
    return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else _text(key)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # JSON's escapes are TOML's, too
