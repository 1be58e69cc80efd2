# SPDX-License-Identifier: Apache-2.0
"""What must make sense together in a policy: names exist, rows can be reached, days are in order.

Looked at only when every key holds what it may hold (``policy_walk``), so values are taken as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from credentials.did import did_web_url
from credentials.did import parse as parse_did
from credentials.errors import MalformedError
from recognition.errors import Fault
from recognition.judging.facts import SEVERAL
from recognition.rule import policy_keys as keys
from recognition.rule.policy import ANYBODY
from service import zones
from verifier.list_format import url_fault

# The tables of a text that was walked: each value has the type that the table of keys states for its key.
Read = Mapping[str, Any]
Faults = Iterator[Fault]

_JURISDICTION: Final = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")  # ISO 3166-2
_SHORT_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PLACE: Final = re.compile(r"[A-Za-z0-9_-]+(?:\[\d{1,4}\])?(?:\.[A-Za-z0-9_-]+(?:\[\d{1,4}\])?)*")
_PART: Final = re.compile(r"([A-Za-z0-9_-]+)(?:\[(\d+)\])?")
_SCHOOL_YEAR: Final = re.compile(r"(\d{4})-(\d{2})")
_EXTENSION: Final = re.compile(r"ext:[A-Za-z0-9_.:/-]+")
_FIRST_MONTH: Final = 7  # a school year begins on 1 July


def faults(policy: Read, *, name: str | None) -> Faults:
    """Yield what does not fit together; ``name`` is the stem of the file, if it came from one."""
    yield from _head(policy, name)
    yield from _periods(policy)
    yield from _accept(policy["accept"])
    yield from _who(policy.get("who"))
    buckets = {bucket for grant in policy["grant"] for bucket in grant["into"]}
    if len(buckets) > keys.BUCKETS:
        yield Fault("grant", f"all grants together have at most {keys.BUCKETS} buckets")
    lists = {each["id"] for each in policy.get("list", ())}
    for table in ("grant", "area", "list"):
        yield from _twice(policy.get(table, ()), table, "id")
    for place, grant in _rows(policy, "grant"):
        yield from _grant(grant, place, lists)
    for place, area in _rows(policy, "area"):
        if not area.keys() & {"stacks", "items"}:
            yield Fault(place, "names neither stacks nor items")
    yield from _buckets(policy, buckets)
    yield from _reached(policy)
    yield from _seasons(policy)
    yield from _purposes(policy)
    for place in policy["unverified"]:
        if not resolves(policy, place):
            yield Fault("unverified", f"{place} does not exist in this policy")


def resolves(policy: Read, place: str) -> bool:
    """Tell whether ``place`` (``grant[0].amount``) is a place of the policy."""
    if not _PLACE.fullmatch(place):
        return False
    here: Any = policy
    for key, index in _PART.findall(place):
        if not isinstance(here, Mapping) or key not in here:
            return False
        here = here[key]
        if index:
            if not isinstance(here, list) or int(index) >= len(here):
                return False
            here = here[int(index)]
    return True


def _rows(policy: Read, table: str) -> Iterator[tuple[str, Read]]:
    for number, row in enumerate(policy.get(table, ())):
        yield f"{table}[{number}]", row


def _twice(rows: Sequence[Read], table: str, *names: str) -> Faults:
    seen: list[tuple[object, ...]] = []
    for row in rows:
        found = tuple(row.get(each) for each in names)
        if found in seen:
            yield Fault(table, f"two have the same {' and '.join(names)}")
            return
        seen.append(found)


def _head(policy: Read, name: str | None) -> Faults:
    if name is not None and policy["id"] != name:
        yield Fault("id", "must be the file name")
    if not _JURISDICTION.fullmatch(policy["jurisdiction"]):
        yield Fault("jurisdiction", "not ISO 3166-2")
    if not zones.is_zone(policy["timezone"]):
        yield Fault("timezone", "not an IANA zone")
    if policy["status"] == "in-force" and policy["unverified"]:
        yield Fault("status", "in-force with unverified values")
    fault = url_fault(policy.get("contact", {}).get("url", ""))
    if fault:
        yield Fault("contact.url", fault)


def _period(period: Read | None, place: str) -> Faults:
    if period and "until" in period and period["until"] < period["from"]:
        yield Fault(place, "ends before it begins")


def _periods(policy: Read) -> Faults:
    yield from _period(policy["in_force"], "in_force")
    for place, never in _rows(policy, "never"):
        yield from _period(never.get("in_force"), f"{place}.in_force")
    for place, listed in _rows(policy, "list"):
        last: dict[str, list[Read]] = {}
        for number, item in enumerate(listed["items"]):
            here = f"{place}.items[{number}]"
            yield from _period(item, here)
            before = last.setdefault(item["code"], [])
            if any(_overlap(item, each) for each in before):
                yield Fault(here, f"{item['code']} stands there twice on the same days")
            before.append(item)


def _overlap(one: Read, other: Read) -> bool:
    ends_before = "until" in one and one["until"] < other["from"]
    starts_after = "until" in other and other["until"] < one["from"]
    return not ends_before and not starts_after


def _accept(accept: Read) -> Faults:
    for number, issuer in enumerate(accept["issuers"]):
        if issuer != ANYBODY and not _is_issuer(issuer):
            yield Fault(
                f"accept.issuers[{number}]", "must be a DID, a short name such as state-union, or “*”"
            )
    for number, kind in enumerate(accept["kinds"]):
        if kind not in keys.KINDS and not _EXTENSION.fullmatch(kind):
            yield Fault(f"accept.kinds[{number}]", "is no achievementType of Open Badges 3.0")
    for stack in sorted(set(accept.get("stacks", ())) & set(accept.get("not_stacks", ()))):
        yield Fault("accept.not_stacks", f"{stack} is accepted and excluded at once")


def _is_issuer(text: str) -> bool:
    if not text.startswith("did:"):
        return bool(_SHORT_NAME.fullmatch(text)) and len(text) <= keys.LABEL_CHARS
    try:
        if text.startswith("did:web:"):
            did_web_url(text)
        else:
            parse_did(text)
    except MalformedError:
        return False
    return True


def _who(who: Read | None) -> Faults:
    if who is None:
        return
    if not who:
        yield Fault("who", "says nothing")
    if "otherwise" in who and "when" not in who:
        yield Fault("who.otherwise", "is never reached without who.when")


def _grant(grant: Read, place: str, lists: set[str]) -> Faults:
    if ("amount" in grant) == ("amount_from" in grant):
        yield Fault(place, "exactly one of amount, amount_from")
    outcome = grant.get("outcome", "granted")
    if "amount_from" in grant and outcome != "proposal":
        yield Fault(place, "a stated amount is only ever a proposal")
    if outcome == "proposal" and "approval" not in grant:
        yield Fault(place, "a proposal needs approval: who confirms it")
    if grant["take"] == 1 and grant.keys() & {"related_by", "leftover"}:
        yield Fault(place, "related_by and leftover need take > 1")
    yield from _leftover(grant, place)
    if grant.get("related_by") == "list" and not lists:
        yield Fault(f"{place}.related_by", "there is no list")
    for bucket, how in grant.get("eligible", {}).items():
        here = f"{place}.eligible.{bucket}"
        if bucket not in grant["into"]:
            yield Fault(here, "not in into")
        if not how:
            yield Fault(here, "names neither lists, stacks nor items")
        for name in how.get("lists", ()):
            if name not in lists:
                yield Fault(here, f"no list {name}")


def _leftover(grant: Read, place: str) -> Faults:
    if grant.get("leftover") != "pro-rata":
        return
    if "amount" not in grant:
        yield Fault(f"{place}.leftover", "pro-rata needs an amount")
    elif Decimal(grant["amount"]) * 10**keys.AMOUNT_PLACES % grant["take"]:
        yield Fault(
            f"{place}.leftover", f"amount / take has more than {keys.AMOUNT_PLACES} digits after the point"
        )


def _buckets(policy: Read, buckets: set[str]) -> Faults:
    for place, need in _rows(policy, "need"):
        if need["bucket"] not in buckets:
            yield Fault(f"{place}.bucket", f"no grant goes into {need['bucket']}")
    for place, require in _rows(policy, "require"):
        if "grants" in require and require["grants"]["into"] not in buckets:
            yield Fault(f"{place}.grants.into", "unknown bucket")
    for place, cap in _rows(policy, "cap"):
        if "bucket" in cap and cap["bucket"] not in buckets:
            yield Fault(f"{place}.bucket", f"no grant goes into {cap['bucket']}")
        if "values" in cap and cap["per"] in keys.CALENDAR_CAPS:
            yield Fault(f"{place}.values", f"there are no values of {cap['per']}")
    for place, total in _rows(policy, "total"):
        more = total.get("per_additional", {})
        for bucket in more.get("needs", {}):
            if bucket not in buckets:
                yield Fault(f"{place}.per_additional.needs.{bucket}", f"no grant goes into {bucket}")
        if more and more["of"] not in SEVERAL:
            yield Fault(f"{place}.per_additional.of", f"nobody has several values of {more['of']}")


def _reached(policy: Read) -> Faults:
    """Rows are tried in order, so one without a condition ends the list."""
    for table in ("clock", "total"):
        for place, row in list(_rows(policy, table))[:-1]:
            if "when" not in row:
                yield Fault(place, "holds for everybody, so the rows after it are never reached")
    yield from _twice(policy.get("need", ()), "need", "bucket", "each", "when")
    yield from _twice(policy.get("cap", ()), "cap", "bucket", "per", "values")
    yield from _twice(policy.get("require", ()), "require", "event")
    yield from _twice(policy.get("deadline", ()), "deadline", "after")
    yield from _twice(policy.get("present", ()), "present", "what")


def _seasons(policy: Read) -> Faults:
    yield from _twice(policy.get("window", ()), "window", "school_year")
    for place, window in _rows(policy, "window"):
        year = _SCHOOL_YEAR.fullmatch(window["school_year"])
        if not year or (int(year[1]) + 1) % 100 != int(year[2]) or window["revise_by"] < window["submit_by"]:
            yield Fault(place, "wrong year or order")
            continue
        day = window["submit_by"]
        if day.year - (day.month < _FIRST_MONTH) != int(year[1]):
            yield Fault(f"{place}.submit_by", f"is no day of the school year {window['school_year']}")


def _purposes(policy: Read) -> Faults:
    nevers, alsos = policy.get("never", ()), policy.get("also", ())
    if policy["purpose"] in _named(nevers):
        yield Fault("never", "forbids the purpose of the policy itself")
    if policy["purpose"] in _named(alsos):
        yield Fault("also", "is the purpose of the policy itself")
    always = _named(each for each in nevers if "in_force" not in each)
    for place, also in _rows(policy, "also"):
        if also["purpose"] in always:
            yield Fault(f"{place}.purpose", "is always refused by never")
    yield from _twice(alsos, "also", "purpose")
    yield from _twice(nevers, "never", "purpose", "say")


def _named(rows: Iterable[Read]) -> set[str]:
    return {each["purpose"] for each in rows}
