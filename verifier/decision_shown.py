# SPDX-License-Identifier: Apache-2.0
"""The decision behind a recognition: fetched, compared with the digest that was signed, and shown.

A recognition says in a sentence what was granted, and names the recognizer's decision document, the version
of the rule and the award with their digests (VCDM 2.0, "Integrity of Related Resources",
https://www.w3.org/TR/vc-data-model-2.0/#integrity-of-related-resources). The document is asked for once, like
key documents and status lists, and only at an address of the recognizer's own: the host of its DID, or of the
page in its signed profile. It is never part of the verdict (ADR 0031): gone or changed, the recognition stays
valid as a signed sentence, and its amounts are said to be unchecked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from credentials import digests
from credentials.document import Json
from credentials.errors import DigestError, HallmarkError
from service import text
from verifier.decision_format import DECISION_BYTES, ShownDecision, amount_text, read
from verifier.errors import DecisionFormError
from verifier.explain import shown
from verifier.party import Party, host_of
from verifier.ports import Fetch

DECISION_TYPE: Final = "application/json"
RULE_TYPE: Final = "application/toml"
RESOURCES: Final = 16  # of a statement that are looked at; a recognition names three

_UNCHECKED: Final = "so its amounts could not be checked. What was signed stands: it is the sentence itself."


@dataclass(frozen=True, slots=True)
class DecisionShown:
    """What became of the decision behind a recognition.

    Attributes:
        url: Where its document should stand.
        sentence: What it grants, or why that could not be checked.
        decision: What it says; None: it could not be checked.
        about: Address of the micro-credential that is recognised; "": it is not named by one.
    """

    url: str
    sentence: str
    decision: ShownDecision | None
    about: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the object that the API answers with; amounts are decimals as text."""
        said = self.decision
        found: dict[str, Any] = {"url": self.url, "checked": said is not None, "sentence": self.sentence}
        if said is None:
            return found
        return found | {
            "outcome": said.outcome,
            "example": said.example,
            "purpose": said.purpose,
            "jurisdiction": said.jurisdiction,
            "decided_by": said.decided_by,
            "decided_on": said.decided_on.isoformat(),
            "policy": {"id": said.policy.id, "version": said.policy.version, "url": said.policy.url},
            "amount": None if said.amount is None else amount_text(said.amount),
            "unit": said.unit,
            "optimal": said.optimal,
        }


def decision_behind(members: Mapping[str, Json], *, issuer: Party, fetch: Fetch) -> DecisionShown | None:
    """Return the decision behind a recognition; None for a statement that names none.

    Args:
        members: The statement, proven to be its issuer's word.
        issuer: Whose word it is.
        fetch: Documents by name.
    """
    resources = _resources(members)
    document = next((each for each in resources if each.get("mediaType") == DECISION_TYPE), None)
    rules = [each for each in resources if each.get("mediaType") == RULE_TYPE]
    if document is None or not rules:
        return None  # A receipt, or somebody's other word.
    url, digest = str(document["id"]), str(document["digestMultibase"])
    about = _about(members)
    try:
        said = _fetched(url, digest, issuer=issuer, fetch=fetch)
    except _UncheckedError as error:
        return DecisionShown(url, f"{error}, {_UNCHECKED}", None, about)
    named = {(str(each["id"]), str(each["digestMultibase"])) for each in rules}
    if said.id != url or (said.policy.url, said.policy.digest) not in named:
        return DecisionShown(
            url, f"The decision behind it is another one than the signed one, {_UNCHECKED}", None, about
        )
    return DecisionShown(url, sentence(said), said, about)


def sentence(said: ShownDecision) -> str:
    """Return what a decision grants, in a sentence; no amount where none is given by its nature."""
    amount = "no units" if said.amount is None else f"{amount_text(said.amount)} {shown(said.unit)}"
    rule = f"by the rule {shown(said.policy.id)}, version {shown(said.policy.version)}"
    outcome = shown(said.outcome).replace("-", " ")
    example = " This is an example rule, in force nowhere." if said.example else ""
    purpose = shown(said.purpose).replace("-", " ")
    return (
        f"The decision behind it says: {outcome}, {amount} in all, for {purpose}, "
        f"on {text.day(said.decided_on)}, {rule}.{example}"
    )


class _UncheckedError(Exception):
    """Why nothing can be said, as the beginning of a sentence."""


def _fetched(url: str, digest: str, *, issuer: Party, fetch: Fetch) -> ShownDecision:
    if not _is_of(url, issuer):
        raise _UncheckedError("The decision behind it stands at an address that is not the recognizer’s")
    try:
        found = fetch(url, max_bytes=DECISION_BYTES)
    except HallmarkError as error:
        raise _UncheckedError("The decision behind it could not be read") from error
    if found.status != 200:
        raise _UncheckedError("The decision behind it is not at its address any more")
    try:
        is_same = digests.matches(found.body, digest)
    except DigestError as error:
        raise _UncheckedError(
            "The digest of the decision behind it is of a kind that we do not know"
        ) from error
    if not is_same:
        raise _UncheckedError("The decision behind it was changed since it was signed")
    try:
        return read(found.body)
    except DecisionFormError as error:
        raise _UncheckedError("The decision behind it is written in a form that we do not read") from error


def _is_of(url: str, issuer: Party) -> bool:
    try:
        host = urlsplit(url).netloc
        hosts = {host_of(issuer.id), urlsplit(issuer.url or "").netloc}
    except ValueError:
        return False
    return bool(host) and host in hosts


def _about(members: Mapping[str, Json]) -> str:
    subject = members.get("credentialSubject")
    named = subject.get("id") if isinstance(subject, dict) else None
    return named if isinstance(named, str) else ""


def _resources(members: Mapping[str, Json]) -> list[dict[str, Json]]:
    value = members.get("relatedResource")
    entries = value[:RESOURCES] if isinstance(value, list) else [value]
    return [
        each
        for each in entries
        if isinstance(each, dict)
        and isinstance(each.get("id"), str)
        and isinstance(each.get("digestMultibase"), str)
    ]
