# SPDX-License-Identifier: Apache-2.0
"""From tables that were walked and make sense to the values of ``policy``; nothing can fail."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from recognition.rule import policy
from recognition.rule.policy import AWARDED_STAGE, Overlap, Period, Policy, Status, When

# A table whose keys and values have been looked at.
Read = Mapping[str, Any]


def build(read: Read, *, source: bytes, sha256: str) -> Policy:
    """Return the policy; ``source`` are its exact bytes."""
    return Policy(
        id=read["id"],
        version=read["version"],
        title=read["title"],
        status=Status(read["status"]),
        purpose=read["purpose"],
        jurisdiction=read["jurisdiction"],
        recognizer=read["recognizer"],
        timezone=read["timezone"],
        in_force=_period(read["in_force"]),
        basis=read["basis"],
        unit=policy.Unit(
            read["unit"]["id"], read["unit"]["name"], _maybe_amount(read["unit"].get("clock_hours"))
        ),
        sources=tuple(policy.Source(each["ref"], each["kind"], each["says"]) for each in read["sources"]),
        unverified=tuple(read["unverified"]),
        accept=_accept(read["accept"]),
        grants=tuple(_grant(each) for each in read["grant"]),
        convert=_convert(read["convert"]) if "convert" in read else None,
        who=_who(read.get("who", {})),
        clocks=tuple(
            policy.Clock(each["cycle_years"], each["date"], _when(each.get("when")))
            for each in read.get("clock", ())
        ),
        areas=tuple(
            policy.Area(each["id"], _texts(each, "stacks"), _texts(each, "items"))
            for each in read.get("area", ())
        ),
        lists=tuple(_list(each) for each in read.get("list", ())),
        requires=tuple(_require(each) for each in read.get("require", ())),
        windows=tuple(
            policy.Window(each["school_year"], each["submit_by"], each["revise_by"])
            for each in read.get("window", ())
        ),
        deadlines=tuple(
            policy.Deadline(each["claim_within_days"], each["after"]) for each in read.get("deadline", ())
        ),
        presents=tuple(
            policy.Present(each["what"], _texts(each, "fields")) for each in read.get("present", ())
        ),
        needs=tuple(_need(each) for each in read.get("need", ())),
        totals=tuple(_total(each) for each in read.get("total", ())),
        caps=tuple(
            policy.Cap(Decimal(each["amount"]), each["per"], each.get("bucket"), _texts(each, "values"))
            for each in read.get("cap", ())
        ),
        nevers=tuple(_never(each) for each in read.get("never", ())),
        alsos=tuple(
            policy.Also(each["purpose"], each["outcome"], each["say"]) for each in read.get("also", ())
        ),
        turnaround=(
            policy.Turnaround(read["turnaround"]["within_days"], read["turnaround"]["after"])
            if "turnaround" in read
            else None
        ),
        contact=(
            policy.Contact(read["contact"]["name"], read["contact"].get("url")) if "contact" in read else None
        ),
        sha256=sha256,
        source=source,
    )


def _texts(read: Read, key: str) -> tuple[str, ...]:
    return tuple(read.get(key, ()))


def _maybe_amount(value: int | Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _period(read: Read) -> Period:
    return Period(read["from"], read.get("until"))


def _when(read: Read | None) -> When | None:
    return None if read is None else MappingProxyType({fact: tuple(values) for fact, values in read.items()})


def _accept(read: Read) -> policy.Accept:
    return policy.Accept(
        issuers=_texts(read, "issuers"),
        kinds=_texts(read, "kinds"),
        stacks=_texts(read, "stacks"),
        not_stacks=_texts(read, "not_stacks"),
        items=_texts(read, "items"),
    )


def _convert(read: Read) -> policy.Conversion:
    return policy.Conversion(read["to"], Decimal(read["per"]), read["rounding"], read["remainder"])


def _who(read: Read) -> policy.Who:
    number = read.get("identifier")
    return policy.Who(
        when=_when(read.get("when")),
        identifier=policy.Identifier(number["name"], number["digits"]) if number else None,
        otherwise=tuple(
            policy.Otherwise(_when(each["when"]) or {}, each["outcome"], each["say"])
            for each in read.get("otherwise", ())
        ),
    )


def _list(read: Read) -> policy.AcceptedList:
    items = tuple(policy.ListedItem(each["code"], _period(each)) for each in read["items"])
    return policy.AcceptedList(read["id"], read["title"], items)


def _require(read: Read) -> policy.Requirement:
    units = read.get("grants")
    return policy.Requirement(
        event=read["event"],
        times=read["times"],
        before=read.get("before"),
        grants=(
            policy.Attendance(Decimal(units["amount"]), units["into"], units["count"]) if units else None
        ),
        say=read.get("say"),
    )


def _grant(read: Read) -> policy.Grant:
    then = read.get("then")
    return policy.Grant(
        id=read["id"],
        take=read["take"],
        into=tuple(read["into"]),
        amount=_maybe_amount(read.get("amount")),
        amount_from=read.get("amount_from"),
        stage=read.get("stage", AWARDED_STAGE),
        related_by=read.get("related_by"),
        leftover=read.get("leftover", "none"),
        eligible=MappingProxyType(
            {
                bucket: policy.Eligible(_texts(how, "lists"), _texts(how, "stacks"), _texts(how, "items"))
                for bucket, how in read.get("eligible", {}).items()
            }
        ),
        overlap=Overlap(read.get("overlap", Overlap.FORBIDDEN)),
        outcome=read.get("outcome", "granted"),
        approval=read.get("approval"),
        then=policy.Then(then["issue"], Decimal(then["amount"])) if then else None,
    )


def _need(read: Read) -> policy.Need:
    return policy.Need(read["bucket"], Decimal(read["amount"]), read.get("each"), _when(read.get("when")))


def _total(read: Read) -> policy.Total:
    more = read.get("per_additional")
    return policy.Total(
        amount=Decimal(read["amount"]),
        when=_when(read.get("when")),
        waived_when=_when(read.get("waived_when")),
        per_additional=(
            policy.PerAdditional(
                more["of"],
                Decimal(more["amount"]),
                MappingProxyType({bucket: Decimal(units) for bucket, units in more.get("needs", {}).items()}),
            )
            if more
            else None
        ),
    )


def _never(read: Read) -> policy.Never:
    period = read.get("in_force")
    return policy.Never(
        read["purpose"], read["say"], _texts(read, "examples"), _period(period) if period else None
    )
