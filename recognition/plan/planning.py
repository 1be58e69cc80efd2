# SPDX-License-Identifier: Apache-2.0
"""The plan at work: which rules there are, what the form of one shows, and the look at what was filled in.

Nothing is kept here. Awards by link are verified at the desk before anything is said of them; whoever relies
on an own list of issuers is looked at with that list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from recognition.adopting import shelf
from recognition.adopting.shelf import StoredPolicy
from recognition.attesting import attestations
from recognition.claiming import ledger
from recognition.errors import NoSuchPolicyError
from recognition.judging import bringing
from recognition.judging.award import Brought
from recognition.judging.facts import Facts
from recognition.office import Office
from recognition.plan.outlook import outlook
from recognition.plan.plan_form import Situation
from recognition.plan.prospect import Outlook
from recognition.plan.questions import Deed, Option, Question, deeds, purposes, questions
from recognition.plan.worth import terms
from recognition.ports import Item
from recognition.rule import policy_phrases, policy_words
from recognition.rule.days import day_of
from recognition.rule.policy import Policy
from service.accounts import organisations
from service.accounts.organisations import Organisation

SHOWN: Final = 60  # micro-credentials that a form shows at once; more are found by searching
QUERY_CHARS: Final = 60
ID_CHARS: Final = 80
PATIENCE: Final = 20.0  # seconds for all awards by link of one look; a visitor waits for the page


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that one can plan by."""

    stored: StoredPolicy

    @property
    def policy(self) -> Policy:
        """Its text."""
        return self.stored.policy

    @property
    def terms(self) -> str:
        """What it gives, in a sentence or two."""
        return terms(self.policy)

    @property
    def label(self) -> str:
        """Its status in a word or two."""
        return policy_words.label(self.policy)


@dataclass(frozen=True, slots=True)
class PlanForm:
    """What the form for one rule shows.

    Attributes:
        items: What can be ticked: chosen ones first, then what matches ``q``.
        number: How many micro-credentials there are.
        desks: Organisations that decide by this rule.
        stacks: Titles of the catalogue's stacks by code.
        in_samples: Whether these are sample organisations of a demonstration, which decide by an example.
    """

    policy: Policy
    questions: tuple[Question, ...]
    deeds: tuple[Deed, ...]
    purposes: tuple[Option, ...]
    items: tuple[Item, ...]
    number: int
    q: str
    desks: tuple[Organisation, ...]
    stacks: Mapping[str, str]
    in_samples: bool

    @property
    def buckets(self) -> tuple[tuple[str, str], ...]:
        """Name and words of every bucket."""
        return tuple((each, policy_phrases.bucket(each)) for each in self.policy.buckets)

    @property
    def status_sentence(self) -> str:
        """What the status of the rule means."""
        return policy_words.status_sentence(self.policy, in_samples=self.in_samples)

    def stack_words(self, item: Item) -> str:
        """Return the titles of the stacks that a micro-credential is in."""
        return ", ".join(self.stacks.get(each, each) for each in item.stacks)

    @property
    def has_more(self) -> bool:
        """Whether there are micro-credentials that are not shown."""
        return self.number > len(self.items)

    def has_earned(self, typed: Mapping[str, str]) -> bool:
        """Tell whether something was filled in as earned elsewhere."""
        return any(name.startswith("earned-") for name in typed)


def rules(office: Office, *, now: datetime) -> tuple[Rule, ...]:
    """Return every rule that one can plan by, by place."""
    return tuple(Rule(each) for each in shelf.every(office, on=now.date()))


def rule(office: Office, id: str, *, now: datetime) -> Rule:
    """Return the rule ``id`` as it is today.

    Raises:
        NoSuchPolicyError: There is none; nothing is claimed about it then.
    """
    found = shelf.newest(office, id, on=now.date()) if len(id) <= ID_CHARS else None
    if found is None:
        raise NoSuchPolicyError(
            "We know no rule by this name, so we say nothing about what a micro-credential gives there.",
            got=id[:80],
        )
    return Rule(found)


def today(policy: Policy, now: datetime) -> date:
    """Return the day that it is for the recognizer."""
    return day_of(now, policy.timezone)


def form(office: Office, policy: Policy, *, chosen: Sequence[str], q: str = "", item: str = "") -> PlanForm:
    """Return the form for ``policy``.

    Args:
        office: The opened room.
        policy: The rule.
        chosen: Codes that are ticked.
        q: Words that title, code or stack must hold.
        item: A code that stands first, ticked or not.
    """
    q = " ".join(q.split())[:QUERY_CHARS]
    every, stacks, deciding = tuple(office.catalogue()), office.stacks(), desks(office, policy)
    first = {*chosen, item}
    words = q.casefold().split()
    matching = [each for each in every if each.code not in first and _matches(each, words, stacks)]
    kept = [each for each in every if each.code in first]
    return PlanForm(
        policy=policy,
        questions=questions(policy),
        deeds=deeds(policy),
        purposes=purposes(policy),
        items=(*kept, *matching[: max(0, SHOWN - len(kept))]),
        number=len(every),
        q=q,
        desks=deciding,
        stacks=stacks,
        in_samples=bool(deciding) and shelf.may_approve(policy, office.settings),
    )


def desks(office: Office, policy: Policy) -> tuple[Organisation, ...]:
    """Return the organisations that decide by ``policy``, by name."""
    slugs = set(shelf.adopters(office, policy.id))
    if not slugs:
        return ()
    with office.db.reading() as session:
        return tuple(each for each in organisations.every(session) if each.slug in slugs)


def look(
    office: Office,
    rule: Rule,
    situation: Situation,
    *,
    now: datetime,
    desk: str = "",
    own: Sequence[str] = (),
    person_key: str = "",
) -> Outlook:
    """Return what the rule would give for what was filled in.

    Args:
        office: The opened room.
        rule: By which rule.
        situation: What was filled in.
        now: The moment.
        desk: Short name of the organisation whose list of issuers counts; "" is whoever published the rule.
        own: Links of awards that the person holds here; verified like any other.
        person_key: Confirmed e-mail address of whoever asks about themselves: what the desk has recorded of
            them, and counted before, is looked at too. "" for nobody.
    """
    every = {each.code: each for each in office.catalogue()}
    links = tuple(dict.fromkeys((*own, *situation.links)))
    held: tuple[Brought, ...] = bringing.bring(
        office.bureau.desk, links, now=now, same=office.same, patience=PATIENCE
    )
    known = {each.award.code for each in held if each.award is not None}
    wanted = [every[code] for code in situation.wanted if code in every and code not in known]
    is_desk = bool(desk) and desk in shelf.adopters(office, rule.policy.id)
    facts = situation.facts
    if is_desk and person_key:
        facts = _recorded(office, rule.policy, desk, facts, held, person_key=person_key)
    return outlook(
        rule.policy,
        wanted,
        held,
        facts,
        trust=shelf.trust(office, desk if is_desk else rule.stored.organisation),
        now=now,
        done=situation.done,
        catalogue=tuple(every.values()),
    )


def _recorded(
    office: Office, policy: Policy, desk: str, facts: Facts, held: Sequence[Brought], *, person_key: str
) -> Facts:
    """Return the facts with what a recognizer has recorded of this person, and counted before."""
    awards = [each.award for each in held if each.award is not None]
    return replace(
        facts,
        attestations=attestations.of_person(office, desk, person_key),
        used=ledger.lines(
            office, desk, person_key=person_key, awards=awards, zone=policy.timezone, own_only=True
        ),
    )


def _matches(item: Item, words: Sequence[str], stacks: Mapping[str, str]) -> bool:
    titles = (stacks.get(each, "") for each in item.stacks)
    text = " ".join((item.code, item.title, *item.stacks, *titles)).casefold()
    return all(each in text for each in words)
