# SPDX-License-Identifier: Apache-2.0
"""The sentences: one for each outcome, plain, and nothing foreign steers them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import explain
from verifier.explain import SPECS, TITLES, Sentence, say, shown
from verifier.outcome import Outcome
from verifier.verdict import MANDATORY, Verdict

SENTENCES = {name: value for name, value in vars(explain).items() if isinstance(value, Sentence)}
JARGON = re.compile(
    r"JSON-LD|RDF|canonical|cryptosuite|multibase|base64|DID\b|URI\b|IRI\b|proofPurpose|assertionMethod|hash"
)


@pytest.mark.parametrize("name", sorted(SENTENCES))
def test_each_is_a_plain_sentence(name: str) -> None:
    text = SENTENCES[name].text
    plain = re.sub(r"\{[a-z]+\}", "", text).strip()
    assert text[0].isupper() or text[0] == "{"
    assert plain.endswith((".", ":"))
    assert not JARGON.search(text)
    assert len(text.split()) <= 30


def test_each_mandatory_check_can_pass_and_fail() -> None:
    for check in MANDATORY:
        outcomes = {sentence.outcome for sentence in SENTENCES.values() if sentence.check == check}
        assert {Outcome.PASS, Outcome.FAIL} <= outcomes, check


def test_each_check_has_a_title_and_a_section() -> None:
    checks = {sentence.check for sentence in SENTENCES.values()}
    assert checks == set(TITLES) == set(SPECS)
    assert all(": https://" in spec for spec in SPECS.values())


def test_a_check_that_did_not_run_is_never_a_pass() -> None:
    for name, sentence in SENTENCES.items():
        if "NOT_ASKED" in name or "NO_" in name:
            assert sentence.outcome is not Outcome.PASS, name


@given(st.text(max_size=400))
def test_foreign_text_is_cut_and_cleaned(text: str) -> None:
    seen = shown(text)
    assert len(seen) <= explain.FACT_CHARS
    assert not any(explain.is_hidden(char) for char in seen if char != "\N{REPLACEMENT CHARACTER}")


def test_foreign_text_is_never_a_template() -> None:
    check = say(explain.ISSUER_MAY_SIGN, issuer="{hint}{0}{check.__class__}", hint="")
    assert "{hint}{0}" in check.explanation


def test_each_verdict_has_its_sentence() -> None:
    checks = (
        say(explain.PROOF_BROKEN),
        say(explain.ISSUER_UNREACHABLE, issuer="x", reason="y"),
        say(explain.STATUS_REVOKED),
    )
    for verdict in Verdict:
        assert explain.sentence_for(verdict, checks, issuer="The Union", recognised=None)


def test_nobody_is_told_of_a_list_of_theirs() -> None:
    for text in (*(sentence.text for sentence in SENTENCES.values()), *TITLES.values()):
        assert "your list" not in text.lower()
    own = say(explain.TRUST_OWN, issuer="The Union")
    said = explain.sentence_for(Verdict.VALID, (own,), issuer="The Union", recognised=True)
    assert said == "Genuine and in force. The Union is an issuer that this site recognises."


def test_a_list_is_named_in_the_first_sentence() -> None:
    facts = {"issuer": "The Union", "list": "the list “Exampleton”"}
    on, off = say(explain.TRUST_LISTED, **facts), say(explain.TRUST_NOT_LISTED, **facts)
    said = explain.sentence_for(Verdict.VALID, (on,), issuer="The Union", recognised=True)
    assert said == "Genuine and in force. The Union is on the list “Exampleton”."
    said = explain.sentence_for(Verdict.VALID, (off,), issuer="The Union", recognised=False)
    assert said.startswith("Genuine and in force, but The Union is not on the list “Exampleton”.")
    for check in (say(explain.TRUST_NO_LIST), say(explain.TRUST_NOT_LOADED)):
        said = explain.sentence_for(Verdict.VALID, (check,), issuer="The Union", recognised=None)
        assert said == "Genuine and in force. Whether you rely on The Union is your decision."


def test_an_open_key_is_told_before_the_open_signature() -> None:
    checks = (say(explain.PROOF_NO_KEY), say(explain.ISSUER_UNREACHABLE, issuer="union.example", reason=""))
    said = explain.sentence_for(Verdict.UNDETERMINED, checks, issuer="The Union", recognised=None)
    assert said.startswith("We could not reach union.example, where the issuer keeps its key.")
