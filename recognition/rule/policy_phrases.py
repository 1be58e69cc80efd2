# SPDX-License-Identifier: Apache-2.0
"""The single phrases of rules: names of facts, buckets, kinds and events in words, conditions and days."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from recognition.rule import places
from recognition.rule.policy import Overlap, Period, When
from service import text

# Of each fact: a noun for one value of it, and how a condition on it begins.
FACTS: Final = {
    "role": ("role", "your role is"),
    "licence_level": ("licence level", "your licence is"),
    "renewing": ("renewal", "for your renewing now, the answer is"),
    "member_of": ("membership", "you are a member of"),
    "licences_held": ("licence", "you hold the licence"),
    "endorsements_held": ("licence endorsement", "you hold the licence endorsement"),
    "stem_endorsement": ("licence endorsement in STEM", "for a licence endorsement in STEM, the answer is"),
    "holds": ("document", "you hold a"),
    "lane_group": ("lane group", "your lane group is"),
}
OUTCOMES: Final = {
    "learning-only": "it serves your learning",
    "ask-local": "your local agreement decides",
    "supporting-document": "it may support your application as a document",
}
_ANSWERS: Final[Mapping[tuple[str, tuple[str, ...]], str]] = {
    ("renewing", ("yes",)): "you renew in this cycle",
    ("renewing", ("no",)): "you do not renew in this cycle",
    ("stem_endorsement", ("yes",)): "you hold a licence endorsement in a STEM subject",
    ("stem_endorsement", ("no",)): "you hold no licence endorsement in a STEM subject",
}
RELATED: Final = {
    "area": "of one area",
    "stack": "of one stack",
    "list": "of one list",
}
OVERLAPS: Final = {
    Overlap.FORBIDDEN: "It is never divided among several, and never counts for two.",
    Overlap.ALLOWED: "It counts in full for each of them that it fits, and once in the sum.",
    Overlap.SPLIT: "It may be divided among them.",
    Overlap.UNKNOWN: "Nobody has decided whether it may count for two of them; it is treated as no.",
}
APPROVALS: Final = {
    "local": "the local plan or district",
    "district": "the district",
    "state": "the state",
}
BEFORE: Final = {
    "enrolled": "before you enrol",
    "submitted": "before you submit",
    "awarded": "before the award",
    "claimed": "before you claim",
}
PRESENTS: Final = {
    "scored-rubric": "The scored rubric, showing the level reached for each criterion",
    "verification-link": "The link at which the award can be checked",
    "attendance-style-record": "A record as of an attended event,",
    "certificate-pdf": "The award as a PDF",
}
EVENTS: Final = {
    "orientation": "the orientation",
    "workshop": "the workshop",
    "clock-hour-registration": "the registration for clock hours",
    "prior-written-approval": "written approval beforehand",
    "first-submitted": "the first submission",
    "complete-submission": "a complete submission",
    "virtual-meeting": "a virtual meeting",
    "graduate-course": "a graduate course",
    "capstone": "a capstone",
}
KINDS: Final = {"MicroCredential": "micro-credential", "CertificateOfCompletion": "certificate of completion"}
SOURCES: Final = {
    "programme": "a page of the programme or an affiliate",
    "public-page": "a public page",
    "regulation": "a regulation",
    "agreement": "an agreement",
}
_PROPER: Final = {"english": "English", "stem": "STEM", "pdp": "PDP", "pd": "PD", "act48": "Act 48"}
_BUCKETS: Final = {
    "endorsement": "the field of the licence endorsement",
    "endorsement-specific": "work specific to the licence endorsement",
}
_VALUES: Final = {
    "level-1": "Level I",
    "level-2": "Level II",
    "national-board-certificate": "National Board certificate",
}
_NUMBERS: Final = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
# What a place in ``unverified`` ends with, in words.
_KEYS: Final = {
    "amount": "the amount",
    "into": "where the units go",
    "leftover": "what a left-over award gives",
    "related_by": "what makes awards related",
    "overlap": "whether one award may count for two areas",
    "take": "how many awards make a group",
    "items": "what stands on the list",
    "waived_when": "when the sum is waived",
    "say": "the sentence",
    "from": "the first day",
    "until": "the last day",
    "basis": "which day selects the version",
    "issuers": "which issuers are accepted",
    "rounding": "the rounding",
    "remainder": "what becomes of the rest",
    "cycle_years": "the length of the cycle",
    "after": "from when the days are counted",
    "each": "whether it is asked for each one held",
    "when": "whom it is for",
    "recognizer": "who decides",
    "timezone": "the time zone",
}


def place(code: str) -> str:
    """Return the place of an ISO 3166-2 code: ``Massachusetts`` of ``US-MA``; a code we do not know stays."""
    return places.NAMES.get(code, code)


def number(count: int) -> str:
    """Return a number at the head of a sentence: ``Two``, ``12``."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def bucket(name: str) -> str:
    """Return the name of a bucket or area in words: ``English learners`` of ``english-learners``."""
    words = " ".join(_PROPER.get(part, part) for part in re.split(r"[-_]", name))
    return _BUCKETS.get(name, words)


def value(name: str) -> str:
    """Return a value of a fact in words: ``level 1`` of ``level-1``; names of people's own stay."""
    return _VALUES.get(name) or (name.replace("-", " ") if name.islower() else name)


def source(ref: str) -> str:
    """Return where something is stated, without the word for its kind, which is told beside it."""
    return ref.removeprefix("programme source: ")


def kind(name: str) -> str:
    """Return an ``achievementType`` in words."""
    return KINDS.get(name) or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removeprefix("ext:")).lower()


def event(name: str) -> str:
    """Return an attested event in words."""
    return EVENTS.get(name, name.replace("-", " "))


def when(rule: When) -> str:
    """Return a condition: ``your licence is professional and you renew in this cycle``."""
    return " and ".join(
        _ANSWERS.get((fact, values)) or f"{FACTS[fact][1]} {either(value(each) for each in values)}"
        for fact, values in rule.items()
    )


def per(name: str) -> str:
    """Return what a limit is counted by."""
    calendar = {"cycle": "in one cycle", "ever": "ever"}
    return calendar.get(name) or f"for each {FACTS[name][0]}"


def period(days: Period) -> str:
    """Return days in words: ``since July 1, 2023``, ``from … until …``."""
    if days.last is None:
        return f"since {text.day(days.first)}"
    return f"from {text.day(days.first)} until {text.day(days.last)}"


def key(place: str) -> str:
    """Return what a place in ``unverified`` is about: ``the amount`` of ``grant[0].amount``."""
    last = re.sub(r"\[\d+\]", "", place.rsplit(".", 1)[-1])
    return _KEYS.get(last, last.replace("_", " "))


def every(words: Iterable[str]) -> str:
    """Return a list: ``a, b and c``."""
    return _listed(words, "and")


def either(words: Iterable[str]) -> str:
    """Return a choice: ``a, b or c``."""
    return _listed(words, "or")


def _listed(words: Iterable[str], last: str) -> str:
    *some, end = list(words) or [""]
    return f"{', '.join(some)} {last} {end}" if some else end
