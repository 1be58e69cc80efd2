# SPDX-License-Identifier: Apache-2.0
"""What a plan asks of a person: the facts that one policy depends on, and no other, each as one question.

Every question may stay open: "I do not know" is a *missing* fact, which is not "no" (``facts.holds``). A
number such as a PPID is never asked for a plan; a claim asks for it. Pure rules; the form is read by
``plan_form``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from recognition.judging.answer import Change
from recognition.judging.facts import FACTS, SEVERAL
from recognition.rule.policy import AWARDED_STAGE, Policy, When

OTHER: Final = "other"  # the value of a fact for whom no value of the policy fits
ROLE: Final = "role"
CYCLE: Final = "cycle"  # asked for like a fact
# What somebody's work may be in this programme, as values of the fact ``role``: whoever is none of those
# that a rule names can still say what they are.
OCCUPATIONS: Final[Mapping[str, str]] = {
    "teachers": "teacher",
    "early career": "teacher",
    "cooperating teachers": "teacher",
    "substitutes": "substitute-teacher",
    "ESAs": "educational-staff-associate",
    "paraeducators": "paraeducator",
    "ESPs": "education-support-professional",
    "administrators": "administrator",
}
ONCE: Final = "once-ever"
PER_AWARD: Final = "per-credential"


class Form(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"  # one of the options
    MANY = "many"  # any of the options, or none of them
    LINES = "lines"  # own words, one thing in each line, or none


@dataclass(frozen=True, slots=True)
class Option:
    """One answer."""

    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Question:
    """One fact that the policy asks for.

    Attributes:
        fact: Its name in ``facts.FACTS``.
        label: The question.
        help: What is meant, or why it matters.
        options: The answers; empty for ``Form.LINES``. "I do not know" is not among them: it is no answer.
    """

    fact: str
    label: str
    help: str
    form: Form
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that the policy wants to have happened: asked in general, for awards that are held.

    Attributes:
        event: One of ``facts.EVENTS``.
        is_once: Whether it is done once, and not for every award.
    """

    event: str
    label: str
    say: str
    is_once: bool


_LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "role": ("What is your work?", "The job in which you are employed now."),
    "licence_level": ("Which level is your licence?", "As it is printed on the licence that you hold now."),
    "renewing": (
        "Do you have to renew it in this cycle?",
        "Say no if you need no units now, for instance because you have retired or changed your work.",
    ),
    "member_of": ("Which of these are you a member of?", "Tick all that fit."),
    "licences_held": (
        "Which licences do you hold?",
        "One in each line; a further one may ask for more. Names are only counted here.",
    ),
    "endorsements_held": (
        "Which licence endorsements do you hold?",
        "The subjects or fields on your licence, one in each line. What is needed may be asked for each.",
    ),
    "stem_endorsement": (
        "Is one of your licence endorsements in a STEM subject?",
        "Science, technology, engineering or mathematics. It goes by what you hold, not by your job.",
    ),
    "holds": ("Which of these do you hold?", "Tick all that fit."),
    "lane_group": ("Which group of salary lanes are you in?", "As in the salary schedule of your agreement."),
}
_VALUES: Final[Mapping[str, str]] = {
    "yes": "Yes",
    "no": "No",
    "paraprofessional": "Paraprofessional or academic support staff",
    "educational-staff-associate": "Educational staff associate (ESA), such as a counselor or a school nurse",
    "education-support-professional": "Education support professional (ESP)",
    "professional": "Professional",
    "level-1": "Level I",
    "level-2": "Level II",
    "national-board-certificate": "A National Board certificate",
}
# Names of the same work, more or less: where a rule says one of them, the others are not offered beside it.
_SUPPORT: Final = frozenset({"paraprofessional", "paraeducator", "education-support-professional"})
_EVENTS: Final[Mapping[str, tuple[str, str]]] = {
    "orientation": ("orientation", "Have you attended the orientation?"),
    "workshop": ("workshop", "Have you attended the workshop for each of them?"),
    "clock-hour-registration": (
        "registration for clock hours",
        "Have you registered each of them for clock hours?",
    ),
    "prior-written-approval": ("written approval beforehand", "Did you have written approval for each?"),
    "first-submitted": ("first submission", "Was each of them first submitted in time?"),
    "complete-submission": ("complete submission", "Has each of them been submitted completely?"),
    "virtual-meeting": ("virtual meetings", "Have you attended all virtual meetings?"),
    "graduate-course": ("graduate course", "Have you completed the graduate course?"),
    "capstone": ("capstone", "Have you completed the capstone?"),
}
_PURPOSES: Final[Mapping[str, str]] = {
    "licence-renewal": "renewing a licence",
    "salary-lane": "moving up in the salary schedule",
    "rank-change": "a change of rank",
    "add-licence": "a further licence",
    "licence-endorsement": "a licence endorsement",
    "paraeducator-fundamental-course-of-study": "the paraeducator fundamental course of study",
}


def questions(policy: Policy) -> tuple[Question, ...]:
    """Return what ``policy`` asks of a person, in the order of ``facts.FACTS``."""
    wanted: dict[str, dict[str, None]] = {}
    for when in _conditions(policy):
        for fact, values in when.items():
            wanted.setdefault(fact, {}).update(dict.fromkeys(values))
    for cap in policy.caps:
        if cap.per in FACTS:
            wanted.setdefault(cap.per, {}).update(dict.fromkeys(cap.values))
    for fact in _counted(policy):
        wanted[fact] = {}  # Its values are the person's own words.
    return tuple(_question(fact, tuple(wanted[fact])) for fact in FACTS if fact in wanted)


def deeds(policy: Policy) -> tuple[Deed, ...]:
    """Return what must have happened by the rules of ``policy``, in their order."""
    found = [
        Deed(each.event, _EVENTS[each.event][1], each.say or "", is_once=each.times != PER_AWARD)
        for each in policy.requires
    ]
    known = {each.event for each in found}
    for stage in policy.stages:
        if stage != AWARDED_STAGE and stage not in known:
            found.append(Deed(stage, _EVENTS[stage][1], "", is_once=False))
    return tuple(found)


def purposes(policy: Policy) -> tuple[Option, ...]:
    """Return what one may ask ``policy`` about: what it is for, and what it answers besides."""
    named = (
        policy.purpose,
        *(each.purpose for each in policy.alsos),
        *(each.purpose for each in policy.nevers),
    )
    return tuple(Option(each, purpose_words(each)) for each in dict.fromkeys(named))


def purpose_words(purpose: str) -> str:
    """Return a purpose as it stands in a sentence after "for"."""
    return _PURPOSES.get(purpose, purpose.replace("-", " "))


def event_words(event: str) -> str:
    """Return an event, or a thing to present, as it stands in a sentence."""
    return _EVENTS[event][0] if event in _EVENTS else event.replace("-", " ")


def fact_words(fact: str) -> str:
    """Return the question about a fact or the cycle; for others, such as an identifier, its name."""
    if fact == CYCLE:
        return "Which is your cycle?"
    return _LABELS[fact][0] if fact in _LABELS else fact.replace("_", " ").replace("-", " ")


def asked(asks: Iterable[str], changes: Iterable[Change]) -> tuple[str, ...]:
    """Return the names of all facts that an answer asks for: those it names, and those that hang on them.

    Args:
        asks: The first that is missing, of each rule that needs one.
        changes: What would change the answer. One that begins with such a fact names the further ones.
    """
    found = dict.fromkeys(asks)
    for change in changes:
        first, *more = change.what.split(", ")
        if first in found:
            found.update(dict.fromkeys(each for each in more if each in FACTS or each == CYCLE))
    return tuple(found)


def value_words(value: str) -> str:
    """Return a value of a fact, or the name of a bucket, in words."""
    if value in _VALUES:
        return _VALUES[value]
    plain = value.replace("-", " ")
    return plain if any(each.isupper() for each in plain) else plain.capitalize()


def _question(fact: str, values: tuple[str, ...]) -> Question:
    label, help = _LABELS[fact]
    if not values:
        return Question(fact, label, help, Form.LINES)
    options = tuple(Option(each, value_words(each)) for each in values)
    if fact in SEVERAL:
        return Question(fact, label, help, Form.MANY, options)
    if set(values) <= {"yes", "no"}:
        return Question(fact, label, help, Form.CHOICE, (Option("yes", "Yes"), Option("no", "No")))
    more = tuple(Option(each, value_words(each)) for each in _occupations(values)) if fact == ROLE else ()
    return Question(fact, label, help, Form.CHOICE, (*more, *options, Option(OTHER, "Something else")))


def _occupations(named: tuple[str, ...]) -> Iterator[str]:
    """Yield the programme's occupations of which a rule that names these says nothing."""
    covered = _SUPPORT if _SUPPORT & set(named) else frozenset()
    yield from (each for each in dict.fromkeys(OCCUPATIONS.values()) if each not in {*named, *covered})


def _counted(policy: Policy) -> Iterator[str]:
    """Yield every fact of which it matters how many values it has."""
    yield from (each.each for each in policy.needs if each.each)
    yield from (each.per_additional.of for each in policy.totals if each.per_additional is not None)


def _conditions(policy: Policy) -> Iterator[When]:
    yield from (
        each
        for each in (
            policy.who.when,
            *(row.when for row in policy.who.otherwise),
            *(row.when for row in policy.clocks),
            *(row.when for row in policy.needs),
            *(row.when for row in policy.totals),
            *(row.waived_when for row in policy.totals),
        )
        if each is not None
    )
