# SPDX-License-Identifier: Apache-2.0
"""``POST /recognise``: what credentials are worth under one policy, for a person with these facts.

For everybody, without an account. Every outcome is an answer (200). Nothing is stored, and nothing of the
facts is logged; the same request may be sent again.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response, make_response

from recognition.adopting import shelf
from recognition.asking import CREDENTIALS, LINKS, Question, question
from recognition.errors import NoSuchPolicyError
from recognition.judging import answer_json, facts_reader
from recognition.judging.bringing import bring
from recognition.judging.facts import EVENTS, FACTS, Facts
from recognition.judging.judge import judge
from recognition.judging.trust import Trust
from recognition.office import Office
from recognition.rule import policy_reader
from recognition.rule.days import day_of
from recognition.rule.policy import Policy
from recognition.rule.policy_keys import PURPOSES
from service import access, clock, forms, openapi, ratelimit

RATE: Final = "20 per minute; 200 per hour"  # judgements of one address; each may take a second of work
BODY_BYTES: Final = 4_194_304  # 4 MiB; a hundred credentials of ours have about 1.5 MiB
PATIENCE: Final = 20.0  # seconds for everything that must be fetched

_TEXT: Final = {"type": "string"}
_MAYBE: Final = {"type": ["string", "null"]}
_DAY: Final = {"type": "string", "format": "date"}
_DECIMAL: Final = {"type": "string", "description": "A decimal, as text."}
_MAYBE_DECIMAL: Final = {"type": ["string", "null"], "description": "A decimal, as text."}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_PERIOD: Final = {
    "type": "object",
    "required": ["from"],
    "properties": {"from": _DAY, "until": _DAY},
    "additionalProperties": False,
}
_AMOUNT: Final = {"type": ["string", "number"], "description": "A decimal."}
_VALUES: Final = {"anyOf": [_TEXT, _TEXTS]}
_FACTS: Final[dict[str, Any]] = {
    "type": "object",
    "description": "The person's situation. What is not given is missing, which is not “no”.",
    "properties": {
        "purpose": {"type": "string", "enum": sorted(PURPOSES)},
        "as_of": {**_DAY, "description": "The day of the claim; today if it is not given."},
        **dict.fromkeys(FACTS, _VALUES),
        "identifiers": {"type": "object", "additionalProperties": _TEXT},
        "cycle": _PERIOD,
        "earned": {"type": "object", "additionalProperties": _AMOUNT},
        "unit": {"type": "string", "description": "Unit of `earned`; it must be the policy's."},
        "attestation": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["event", "on"],
                "properties": {
                    "event": {"type": "string", "enum": list(EVENTS)},
                    "on": _DAY,
                    "item": _TEXT,
                    "award": _TEXT,
                    "by": _TEXT,
                    "hours": _AMOUNT,
                },
                "additionalProperties": False,
            },
        },
        "used": {
            "type": "array",
            "description": "What was counted before, in place of a ledger.",
            "items": {"type": "object"},
        },
    },
}
REQUEST: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Exactly one of `policy` and `policy_toml`.",
    "properties": {
        "policy": {"type": "string", "description": "Id of a rule that is published here."},
        "version": {"type": "string", "description": "Its version; the one that rules now if not given."},
        "policy_toml": {"type": "string", "description": "A rule, format recognition-policy/1."},
        "credentials": {
            "type": "array",
            "maxItems": CREDENTIALS,
            "description": f"Credentials as objects, JWTs, or links (at most {LINKS}).",
            "items": {"type": ["object", "string"]},
        },
        "facts": _FACTS,
        "issuers": {
            "type": "object",
            "description": "What short names in the rule mean: DIDs by name.",
            "additionalProperties": _TEXTS,
        },
        "list": {"type": "string", "description": "Short name of a list of issuers to rely on."},
    },
    "additionalProperties": False,
}
_CHANGE: Final = {
    "type": "object",
    "required": ["kind", "what", "sentence", "outcome", "units"],
    "properties": {
        "kind": {
            "type": "string",
            "enum": ["attestation", "fact", "award", "identifier", "time", "check"],
        },
        "what": _TEXT,
        "sentence": _TEXT,
        "outcome": _MAYBE,
        "units": _MAYBE_DECIMAL,
    },
}
_FILLED: Final = {
    "type": ["object", "null"],
    "properties": {
        "bucket": _MAYBE,
        "of": _MAYBE,
        "need": _DECIMAL,
        "earned": _DECIMAL,
        "granted": _DECIMAL,
        "missing": _DECIMAL,
        "waived": {"type": "boolean"},
        "needs_fact": _MAYBE,
    },
}
ANSWER: Final[dict[str, Any]] = {
    "type": "object",
    "required": [
        "outcome",
        "sentence",
        "label",
        "policy",
        "purpose",
        "as_of",
        "granted",
        "proposed",
        "unit",
        "credentials",
        "groups",
        "needs",
        "total",
        "optimal",
        "changes",
        "asks",
        "notes",
    ],
    "properties": {
        "outcome": {
            "type": "string",
            "description": "`granted`, `proposal`, `pending:…`, `needs-fact:…`, `learning-only`, "
            "`ask-local`, `supporting-document`, `refused:…`, `unused` or `unknown`.",
        },
        "sentence": _TEXT,
        "label": {**_MAYBE, "description": "What must stand beside it because of the rule's status."},
        "policy": {"type": "object", "description": "Id, version, status, digest, unit and sources."},
        "purpose": _TEXT,
        "as_of": _DAY,
        "granted": _MAYBE_DECIMAL,
        "proposed": _MAYBE_DECIMAL,
        "unit": _TEXT,
        "surplus": _DECIMAL,
        "converted": {"type": ["object", "null"]},
        "credentials": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["place", "stage", "outcome", "sentence", "rule", "sources", "steps", "changes"],
                "properties": {
                    "place": _TEXT,
                    "credential": _MAYBE,
                    "award_key": _MAYBE,
                    "title": _MAYBE,
                    "item": _MAYBE,
                    "stage": _TEXT,
                    "awarded": _MAYBE,
                    "outcome": _TEXT,
                    "sentence": _TEXT,
                    "rule": _MAYBE,
                    "sources": {"type": "array", "items": {"type": "object"}},
                    "group": {"type": ["integer", "null"]},
                    "steps": {
                        "type": "array",
                        "minItems": 15,
                        "maxItems": 15,
                        "items": {
                            "type": "object",
                            "required": ["step", "title", "mark", "sentence"],
                            "properties": {
                                "step": {"type": "integer", "minimum": 1, "maximum": 15},
                                "title": _TEXT,
                                "mark": {"type": "string", "enum": ["yes", "no", "open", "not-asked"]},
                                "sentence": _TEXT,
                            },
                        },
                    },
                    "changes": {"type": "array", "items": _CHANGE},
                },
            },
        },
        "groups": {"type": "array", "items": {"type": "object"}},
        "attendance": {"type": "array", "items": {"type": "object"}},
        "needs": {"type": "array", "items": _FILLED},
        "total": _FILLED,
        "optimal": {"type": "boolean"},
        "changes": {"type": "array", "items": _CHANGE},
        "asks": _TEXTS,
        "notes": _TEXTS,
    },
}


def blueprint(office: Office) -> Blueprint:
    """Return the route."""
    routes = Blueprint("recognition_api", __name__)

    @routes.post("/recognise")
    @access.anyone
    @openapi.operation(
        "Say what credentials are worth under a rule",
        tag="Recognise",
        description="Each credential is verified and judged by one rule for one person. Every outcome is an "
        "answer. Nothing is stored. Issuers are compared with this service's list, or with what the request "
        "says.",
        request={"application/json": REQUEST},
        responses={200: openapi.Reply("The answer.", {"application/json": ANSWER})},
        problems=(
            "document",
            "recognition.field",
            "recognition.too-many",
            "policy.form",
            "policy.unknown",
            "facts.form",
            "units.mixed",
            "issuer-list.unknown",
            "request.too-large",
        ),
    )
    @ratelimit.at_most(RATE)
    def recognise() -> Response:
        now = clock.now()
        asked = question(forms.read_body(max_bytes=BODY_BYTES))
        policy = _policy(office, asked, now=now)
        today = day_of(now, policy.timezone)
        number = policy.who.identifier
        facts = Facts(as_of=today)
        if asked.facts is not None:
            names = (number.name,) if number is not None else ()
            facts = facts_reader.from_members(asked.facts, today=today, identifiers=names)
        trust = _trust(office, asked)
        brought = bring(office.bureau.desk, asked.things, now=now, same=office.same, patience=PATIENCE)
        answer = judge(policy, brought, facts, trust=trust, now=now)
        response = make_response(json.dumps(answer_json.to_json(answer), ensure_ascii=False) + "\n")
        response.content_type = "application/json"
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes


def _policy(office: Office, asked: Question, *, now: datetime) -> Policy:
    """Return the policy that the request sends or names.

    Raises:
        PolicyError: What it sends is none.
        NoSuchPolicyError: There is none of that id, or not in that version.
    """
    if asked.source is not None:
        return policy_reader.read(asked.source)
    if asked.version:
        stored = shelf.published(office, asked.policy, asked.version)
    else:
        stored = shelf.newest(office, asked.policy, on=now.date())
    if stored is not None:
        return stored.policy
    sample = policy_reader.sample(asked.policy)
    if asked.version not in ("", sample.version):
        raise NoSuchPolicyError("There is no such version of this rule here.", got=asked.version[:80])
    return sample


def _trust(office: Office, asked: Question) -> Trust:
    """Return this service's trust, or what the request relies on instead."""
    found = shelf.trust(office, "")
    listed = found.listed
    if asked.listed:
        registry = office.bureau.desk.against(asked.listed).registry
        listed = frozenset(each.did for each in registry.known() if registry.recognises(each.did))
    names = {name: set(dids) for name, dids in found.names.items()}
    for name, dids in asked.issuers.items():
        names.setdefault(name, set()).update(dids)
    return Trust(listed, {name: frozenset(dids) for name, dids in names.items()})
