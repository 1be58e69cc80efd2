# SPDX-License-Identifier: Apache-2.0
"""The form of a draft: fields to values, and what its buttons do to rows. No script is needed.

Field names are places (``part.0.prompt.1.text``). Rows are added, removed and moved on the server, with
everything typed kept; whoever renames a part or a scale renames it for its criteria too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from earning.catalogue.drafts import Members
from issuer.micro_credential import AUDIENCES, KINDS, NAME

ROWS: Final = 100  # of one list; no assignment has a tenth of it
LISTS: Final = ("method.components", "research", "resource", "part", "scale", "criterion", "alignment")
INNER: Final = ("prompt", "artefact")  # lists within a part

_INDEX = re.compile(r"([0-9]{1,3})\.")
_NUMBER = re.compile(r"[0-9]{1,6}")
_ACT = re.compile(r"(add|remove|up|down):([a-z.0-9]{1,60})")


class _Fields:
    """The fields of a form, with their line breaks as in TOML and without what cannot be seen."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = {name: _clean(value) for name, value in fields.items()}

    def text(self, name: str) -> str:
        return self._fields.get(name, "").strip()

    def number(self, name: str) -> int | None:
        value = self.text(name)
        return int(value) if value.isascii() and _NUMBER.fullmatch(value) else None

    def has(self, name: str) -> bool:
        return name in self._fields

    def lines(self, name: str) -> list[str]:
        lines = (line.strip() for line in self.text(name).split("\n"))
        return list(dict.fromkeys(line for line in lines if line))

    def ticked(self, name: str) -> Iterator[str]:
        """Yield what stands after ``name.`` in the names of ticked boxes."""
        start = f"{name}."
        yield from (each.removeprefix(start) for each in self._fields if each.startswith(start))

    def rows(self, name: str) -> Iterator[str]:
        """Yield the beginnings of the field names of each row: ``part.0.``, ``part.1.``."""
        start = f"{name}."
        found = {
            int(match[1])
            for each in self._fields
            if each.startswith(start) and (match := _INDEX.match(each, len(start)))
        }
        yield from (f"{start}{index}." for index in sorted(found)[:ROWS])


def values(fields: Mapping[str, str]) -> Members:
    """Return what a form says, as the values of a draft."""
    form = _Fields(fields)
    made: Members = {
        "code": form.text("code").upper(),
        "version": form.text("version"),
        "title": _line(form.text("title")),
        "language": form.text("language") or "en",
        "stacks": _in_order(form, "stacks"),
        "keywords": [_line(each) for each in form.lines("keywords")],
        "audience": [each for each in AUDIENCES if form.has(f"audience.{each}")],
        "hours": {"min": form.number("hours.min"), "max": form.number("hours.max")},
        "needs_students": form.has("needs_students"),
        "competency": form.text("competency"),
        "method": {
            "key": form.text("method.key"),
            "components": [_texts(form, at, "title", "text") for at in form.rows("method.components")],
        },
        "research": [_texts(form, at, "cite", "url") for at in form.rows("research")],
        "resource": [_texts(form, at, "cite", "url") for at in form.rows("resource")],
        "part": [_part(form, at) for at in form.rows("part")],
        "scale": [
            {"id": form.text(f"{at}id"), "levels": form.lines(f"{at}levels")} for at in form.rows("scale")
        ],
        "criterion": [_criterion(form, at) for at in form.rows("criterion")],
        "alignment": [
            _texts(form, at, "name", "url", "framework", "code", "description")
            for at in form.rows("alignment")
        ],
    }
    _name_rows(made)
    _rename(form, made, "part")
    _rename(form, made, "scale")
    return made


def act(made: Members, wanted: str) -> str:
    """Do to ``made`` what a button asks for, and return the place to show afterwards.

    What fits no row does nothing.
    """
    match = _ACT.fullmatch(wanted)
    if match is None:
        return ""
    act, place = match[1], match[2]
    if act == "add":
        rows = _list(made, place)
        if rows is None or len(rows) >= ROWS:
            return ""
        rows.append(_new(made, place))
        _name_rows(made)
        return f"{place}.{len(rows) - 1}"
    name, _, number = place.rpartition(".")
    rows = _list(made, name)
    if rows is None or not number.isdecimal() or int(number) >= len(rows):
        return ""
    index = int(number)
    if act == "remove":
        del rows[index]
        return name
    other = index + (-1 if act == "up" else 1)
    if 0 <= other < len(rows):
        rows[index], rows[other] = rows[other], rows[index]
        return f"{name}.{other}"
    return place


def _list(made: Members, place: str) -> list[Any] | None:
    """Return the list at ``place``, made if it was not there; None if there is no such list."""
    if place == "method.components":
        found: list[Any] = made.setdefault("method", {}).setdefault("components", [])
        return found
    if place in LISTS:
        top: list[Any] = made.setdefault(place, [])
        return top
    match = re.fullmatch(r"part\.([0-9]{1,3})\.([a-z]+)", place)
    parts = made.get("part", [])
    if match is None or match[2] not in INNER or int(match[1]) >= len(parts):
        return None
    inner: list[Any] = parts[int(match[1])].setdefault(match[2], [])
    return inner


def _new(made: Members, place: str) -> Members:
    if place.endswith("artefact"):
        return {"kinds": ["file"], "required": True}
    if place == "part":
        return {"title": f"Part {len(made['part']) + 1}: "}
    if place == "criterion":
        parts, scales = made.get("part", []), made.get("scale", [])
        scale = scales[0] if scales else {}
        return {
            "part": made["criterion"][-1].get("part", "") if made["criterion"] else _id(parts),
            "scale": scale.get("id", ""),
            "required": (scale.get("levels") or [None])[-1],
        }
    return {}


def _part(form: _Fields, at: str) -> Members:
    made: Members = {"id": form.text(f"{at}id"), "title": _line(form.text(f"{at}title")), "prompt": []}
    for row in form.rows(f"{at}prompt"):
        prompt: Members = {"id": form.text(f"{row}id"), "text": form.text(f"{row}text")}
        low, high = form.number(f"{row}low"), form.number(f"{row}high")
        if low is not None or high is not None:
            prompt["words"] = {"guide": [low or high, high or low]}
        made["prompt"].append(prompt)
    made["artefact"] = [
        {
            "id": form.text(f"{row}id"),
            "name": _line(form.text(f"{row}name")),
            "text": form.text(f"{row}text"),
            "kinds": [kind for kind in KINDS if form.has(f"{row}kinds.{kind}")],
            "required": form.has(f"{row}required"),
            **({"shared": True} if form.has(f"{row}shared") else {}),
        }
        for row in form.rows(f"{at}artefact")
    ]
    return made


def _criterion(form: _Fields, at: str) -> Members:
    descriptors = {name: form.text(f"{at}descriptor.{name}") for name in form.ticked(f"{at}descriptor")}
    return {
        **_texts(form, at, "id", "part", "title", "scale", "required"),
        "descriptors": {name: text for name, text in descriptors.items() if text},
    }


def _texts(form: _Fields, at: str, *names: str) -> Members:
    return {name: form.text(f"{at}{name}") for name in names}


def _in_order(form: _Fields, name: str) -> list[str]:
    """Return what is ticked, the one that is marked as first before the others."""
    ticked = list(form.ticked(name))
    first = form.text(f"first_{name}")
    return sorted(ticked, key=lambda each: each != first)


def _rename(form: _Fields, made: Members, name: str) -> None:
    """Follow a part or scale that got another short name, in the criteria that name it."""
    renamed = {
        form.text(f"{at}was"): row["id"]
        for at, row in zip(form.rows(name), made[name], strict=True)
        if form.text(f"{at}was")
    }
    for criterion in made["criterion"]:
        criterion[name] = renamed.get(criterion[name], criterion[name])


def _name_rows(made: Members) -> None:
    """Give a short name to every row that has none."""
    for part in made.get("part", []):
        _name(part.get("prompt", []), "prompt")
        _name(part.get("artefact", []), "artefact")
    for name in ("part", "scale", "criterion"):
        _name(made.get(name, []), name)


def _name(rows: list[Members], kind: str) -> None:
    taken = {row.get("id") for row in rows}
    for row in rows:
        if row.get("id"):
            continue
        title = re.sub(r"[^a-z0-9]+", "-", row.get("title", "").casefold()[:40]).strip("-")
        stem = title if NAME.fullmatch(title) and kind == "criterion" else kind
        number = 1
        while (name := stem if stem != kind and number == 1 else f"{stem}-{number}") in taken:
            number += 1
        row["id"] = name
        taken.add(name)


def _id(rows: list[Members]) -> str:
    return str(rows[0].get("id", "")) if rows else ""


def _line(text: str) -> str:
    return " ".join(text.split())


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in text if char in "\n\t" or char.isprintable() or ord(char) > 159)
