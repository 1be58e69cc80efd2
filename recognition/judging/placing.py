# SPDX-License-Identifier: Apache-2.0
"""What became of one entry in the grouping, in words: its group, a cap that cut it, or what it lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from recognition.grouping.allocation import Candidate
from recognition.judging.answer import PROPOSAL, UNUSED, Group, Mark
from recognition.judging.caps import Cut
from recognition.judging.case import Case, Entry
from recognition.judging.conversion import Converted
from recognition.judging.finding import At, Finding, no, not_asked, open_, yes
from recognition.judging.related import fit
from recognition.judging.targets import OF, Target
from recognition.rule import policy_phrases
from recognition.rule.policy import Grant, Policy
from recognition.rule.units import plain, say
from service import text


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an entry ended.

    Attributes:
        group: Number of its group; None: in none.
        rule: Place of the rule that decided.
    """

    outcome: str
    sentence: str
    rule: str
    findings: Mapping[At, Finding]
    group: int | None = None


class Left:
    """The candidates that a grouping has left over, counted once for each grant."""

    def __init__(self, candidates: Iterable[Candidate] = ()) -> None:
        self._by_key = {each.key: each for each in candidates}
        self._counts: dict[str, tuple[int, Counter[str]]] = {}

    def find(self, key: str) -> Candidate | None:
        """Return the one with this key, if it was left over."""
        return self._by_key.get(key)

    def short_of(self, grant: Grant, areas: Iterable[str]) -> tuple[str, int]:
        """Return the area in which the fewest further awards complete a group, and how many they are."""
        if grant.id not in self._counts:
            fits = [each.fits[grant.id] for each in self._by_key.values() if grant.id in each.fits]
            self._counts[grant.id] = len(fits), Counter(area for each in fits for area in each.areas)
        number, counts = self._counts[grant.id]
        if grant.related_by is None:
            return "", max(1, grant.take - number)
        best = min(areas, key=lambda area: (-counts[area], area))
        return best, max(1, grant.take - counts[best])


def placed(
    case: Case, entry: Entry, group: Group, members: Sequence[Entry], converted: Converted | None
) -> Placement:
    """Return the placement of an entry that counts."""
    policy = case.policy
    number = next(n for n, each in enumerate(policy.grants) if each.id == group.grant)
    rule = f"grant[{number}]"
    sentence = _gives(policy, entry, group, members)
    grouping = yes(sentence, rule)
    if group.outcome == PROPOSAL:
        grouping = Finding(Mark.OPEN, sentence, "", rule)
    limits = yes("Below every upper limit.", "cap[0]") if policy.caps else not_asked("The rule has no limit.")
    return Placement(
        group.outcome,
        sentence,
        rule,
        {At.GROUPING: grouping, At.CAPS: limits, At.CONVERSION: _conversion(policy, converted)},
        group.number,
    )


def cut(by: Cut) -> Placement:
    """Return the placement of an entry whose group a cap keeps from counting."""
    grouping = yes("It would count in a group.")
    is_open = not by.outcome.startswith("refused:")
    limits = (open_ if is_open else no)(by.sentence, by.outcome, by.rule)
    nothing = not_asked("Nothing to convert.")
    findings = {At.GROUPING: grouping, At.CAPS: limits, At.CONVERSION: nothing}
    return Placement(by.outcome, by.sentence, by.rule, findings)


def left_over(case: Case, entry: Entry, left: Left, needs: Sequence[Target]) -> Placement:
    """Return the placement of an eligible entry that is in no group, and what would complete one."""
    policy = case.policy
    sentence, rule = "Eligible, and left over by the grouping.", "grant[0]"
    for number, grant in enumerate(policy.grants):
        own = fit(entry, grant, case, needs) if grant.stage == entry.stage else None
        if own is None:
            continue
        rule = f"grant[{number}]"
        if grant.related_by is not None and not own.areas:
            sentence = f"Left over: it has no {grant.related_by} that the rule could relate it to others by."
            break
        area, missing = left.short_of(grant, own.areas)
        more = "One more micro-credential" if missing == 1 else f"{missing} more micro-credentials"
        where = f" in {area}" if area else ""
        verb = "completes" if missing == 1 else "complete"
        amount = "" if grant.amount is None else f" and gives {say(grant.amount, policy.unit)}"
        amount = amount.replace("gives", "give") if missing != 1 else amount
        sentence = f"Left over: a group takes {grant.take}. {more}{where} {verb} it{amount}."
        break
    nothing = not_asked("Not in a group.")
    findings = {
        At.GROUPING: no(sentence, UNUSED, rule),
        At.CAPS: nothing,
        At.CONVERSION: nothing,
    }
    return Placement(UNUSED, sentence, rule, findings)


def bucket_name(bucket: str, of: str = "") -> str:
    """Return one bucket in words, with the value that it is for."""
    return f"{policy_phrases.bucket(bucket)}{f': {of}' if of else ''}"


def bucket_words(policy: Policy, buckets: Iterable[str]) -> str:
    """Return where units go, in words; "" where the policy has one bucket only."""
    names = [bucket_name(*name.partition(OF)[::2]) for name in buckets]
    return " and ".join(names) if len(policy.buckets) > 1 or any(OF in each for each in buckets) else ""


def _gives(policy: Policy, entry: Entry, group: Group, members: Sequence[Entry]) -> str:
    others = _listed(entry, members)
    together = f" together with {others}" if others else ""
    words = bucket_words(policy, group.buckets)
    into = f", as {words}" if words else ""
    if group.units is None:
        noun = policy.unit.name
        sentence = f"Counts{together}{into}; a person sets the number (unit: {noun})."
    elif group.pro_rata:
        sentence = f"Left over, and counts in part: {say(group.units, policy.unit)}{into}."
    else:
        sentence = f"Gives {say(group.units, policy.unit)}{together}{into}."
    if group.asks:
        return f"{group.asks} A person must look. {sentence}"
    if group.outcome == PROPOSAL and group.units is not None:
        return f"Proposed, for a person to confirm: {sentence[:1].lower()}{sentence[1:]}"
    return sentence


def _conversion(policy: Policy, converted: Converted | None) -> Finding:
    if policy.convert is None or converted is None:
        return not_asked("Nothing is converted.")
    return yes(conversion_words(policy, converted), "convert")


def conversion_words(policy: Policy, converted: Converted) -> str:
    """Return what the cycle's sum becomes."""
    to = policy.convert.to if policy.convert is not None else ""
    if policy.convert is not None and converted.carried and not converted.credits:
        per, carried = say(policy.convert.per, policy.unit), plain(converted.carried)
        return f"{per} make 1 {to}; {carried} {'waits' if converted.carried == 1 else 'wait'} for the rest."
    said = f"The sum of the cycle is {plain(converted.credits)} {to}{'' if converted.credits == 1 else 's'}"
    if converted.carried:
        said += f"; {say(converted.carried, policy.unit)} are carried"
    if converted.lost:
        said += f"; {say(converted.lost, policy.unit)} are lost by rounding"
    return f"{said}."


def _listed(entry: Entry, members: Sequence[Entry]) -> str:
    """Return the other members of a group by name; of many, the first few."""
    most = 5
    shown = [each.name for each in members[: most + 1] if each.key != entry.key][:most]
    number = len(members) - 1
    if not shown:
        return ""
    if number > most:
        shown.append(text.count(number - most, "other"))
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
