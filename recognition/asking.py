# SPDX-License-Identifier: Apache-2.0
"""The body of ``POST /recognise`` taken apart: credentials keep their bytes, the rest is read strictly.

A credential that stands in the request as an object is cut out of the body as it was sent; it is never
written anew. Members that are not named in ``MEMBERS`` are refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NoReturn

from credentials.document import parse
from credentials.errors import TooManyContainersError
from recognition.errors import RecognitionFieldError
from recognition.judging.bringing import Thing
from verifier.intake import looks_like_url

CREDENTIALS: Final = 100  # in one request; 30 are asked for at most by the examples
LINKS: Final = 20  # of them, because each is fetched
ISSUERS: Final = 50  # names, and DIDs of each
TEXT_CHARS: Final = 2_048
NUMBER_CHARS: Final = 40  # of a number
MEMBERS: Final = frozenset({"policy", "version", "policy_toml", "credentials", "facts", "issuers", "list"})
_WHITE: Final = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Question:
    """What a request asks.

    Attributes:
        policy: Id of a policy here, or ""; ``version`` is "" for the one that rules now.
        source: The policy itself as TOML, or None.
        facts: As ``facts_reader.from_members`` reads them; None: none are given.
        issuers: What short names in the policy mean, by name.
        listed: Short name of a list of issuers to rely on, or "".
    """

    policy: str
    version: str
    source: bytes | None
    things: tuple[Thing, ...]
    facts: object
    issuers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    listed: str = ""


def question(body: bytes) -> Question:
    """Read the body of a request.

    Raises:
        MalformedError: It is no JSON object that can be read in one way.
        RecognitionFieldError: It is not the object that is agreed; ``path`` is the place.
    """
    with suppress(TooManyContainersError):  # a hundred credentials have more of them than one document may
        parse(body, max_bytes=max(len(body), 1))
    try:
        text = body.decode("utf-8")
        spans = _Spans(text)
        found = {name: (value, text[start:end]) for name, value, start, end in spans.members(0)}
        for name, (value, _) in found.items():
            if name != "credentials":  # these are read by the verifier, byte for byte
                json.dumps((name, value), ensure_ascii=False, default=str).encode("utf-8")  # half a character
    except (ValueError, RecursionError) as error:
        raise RecognitionFieldError("The body is no JSON object, or names a member twice.") from error
    unknown = sorted(set(found) - MEMBERS)
    if unknown:
        _refuse(f"/{unknown[0][:80]}", "There is no such member.")
    policy, source = _text(found, "policy"), _text(found, "policy_toml", most=len(body))
    if bool(policy) == bool(source):
        _refuse("/policy", "Name a rule by its id, or send it as policy_toml: exactly one of the two.")
    return Question(
        policy=policy,
        version=_text(found, "version"),
        source=source.encode() if source else None,
        things=tuple(_things(found.get("credentials", ([], "[]")))),
        facts=found["facts"][0] if "facts" in found else None,
        issuers=_issuers(found["issuers"][0]) if "issuers" in found else {},
        listed=_text(found, "list"),
    )


def _things(given: tuple[Any, str]) -> Iterator[Thing]:
    values, text = given
    if not isinstance(values, list):
        _refuse("/credentials", "This must be an array.")
    if len(values) > CREDENTIALS:
        _refuse("/credentials", f"At most {CREDENTIALS} credentials fit into one request.")
    if sum(isinstance(each, str) and looks_like_url(each) for each in values) > LINKS:
        _refuse("/credentials", f"At most {LINKS} of them may be links.")
    for number, (value, start, end) in enumerate(_Spans(text).elements(0)):
        place = f"credentials[{number}]"
        if isinstance(value, str) and looks_like_url(value):
            yield Thing(value[:TEXT_CHARS])
        elif isinstance(value, str) and value.strip():
            yield Thing(place, value.strip().encode("utf-8", errors="replace"))
        elif isinstance(value, dict):
            yield Thing(place, text[start:end].encode())
        else:
            _refuse(f"/credentials/{number}", "This must be a link, a JWT, or a credential as an object.")


def _issuers(value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict) or len(value) > ISSUERS:
        _refuse("/issuers", f"This must be an object with at most {ISSUERS} names.")
    for name, dids in value.items():
        is_fine = isinstance(dids, list) and len(dids) <= ISSUERS
        if not is_fine or not all(isinstance(did, str) and 0 < len(did) <= TEXT_CHARS for did in dids):
            _refuse(f"/issuers/{name[:80]}", "This must be an array of DIDs.")
    return {name: tuple(dids) for name, dids in value.items()}


def _text(found: Mapping[str, tuple[Any, str]], name: str, *, most: int = TEXT_CHARS) -> str:
    value = found[name][0] if name in found else ""
    if not isinstance(value, str) or len(value) > most:
        _refuse(f"/{name}", "This must be text.")
    return value


def _refuse(path: str, sentence: str) -> NoReturn:
    raise RecognitionFieldError(sentence, path=path)


class _Spans:
    """A JSON text and where its values stand; numbers are decimals, and a member twice is an error."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_object, parse_float=_decimal, parse_constant=_constant
        )

    def members(self, at: int) -> Iterator[tuple[str, Any, int, int]]:
        """Yield name, value, and first and last place of each member of the object at ``at``.

        Raises:
            ValueError: It is none, something comes after it, or a member is named twice.
        """
        names: set[str] = set()
        for at_name in self._inside(at, "{", "}"):
            name, end = self._decoder.raw_decode(self._text, at_name[0])
            start = self._skip(self._expect(self._skip(end), ":"))
            value, end = self._decoder.raw_decode(self._text, start)
            at_name[0] = end
            if not isinstance(name, str) or name in names:
                raise ValueError("a member is named twice")
            names.add(name)
            yield name, value, start, end

    def elements(self, at: int) -> Iterator[tuple[Any, int, int]]:
        """Yield value, and first and last place of each element of the array at ``at``."""
        for place in self._inside(at, "[", "]"):
            start = place[0]
            value, end = self._decoder.raw_decode(self._text, start)
            place[0] = end
            yield value, start, end

    def _inside(self, at: int, first: str, last: str) -> Iterator[list[int]]:
        """Yield the place of each part; whoever reads it puts the place behind it in its stead."""
        at = self._skip(self._expect(self._skip(at), first))
        if self._text[at : at + 1] == last:
            self._end(at + 1)
            return
        while True:
            place = [at]
            yield place
            at = self._skip(place[0])
            if self._text[at : at + 1] == last:
                self._end(at + 1)
                return
            at = self._skip(self._expect(at, ","))

    def _skip(self, at: int) -> int:
        while at < len(self._text) and self._text[at] in _WHITE:
            at += 1
        return at

    def _expect(self, at: int, sign: str) -> int:
        if self._text[at : at + 1] != sign:
            raise ValueError(f"{sign} is missing")
        return at + 1

    def _end(self, at: int) -> None:
        if self._skip(at) != len(self._text):
            raise ValueError("something comes after it")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member is named twice")
    return found


def _decimal(digits: str) -> Decimal:
    if len(digits) > NUMBER_CHARS:
        raise ValueError(f"a number has more than {NUMBER_CHARS} signs")
    try:
        return Decimal(digits)
    except InvalidOperation as error:
        raise ValueError("this is no number") from error


def _constant(word: str) -> object:
    raise ValueError(f"{word} is no number")
