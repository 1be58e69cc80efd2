# SPDX-License-Identifier: Apache-2.0
"""The sentences: per check and outcome, what a district clerk reads, and the section that asks for the check.

Every word that the verifier says to a person about a credential stands here. Facts that come from the
credential are cut and freed of invisible characters before they are put into a sentence.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from verifier.outcome import Check, Finding, Outcome
from verifier.verdict import Verdict

FACT_CHARS = 160  # characters of a fact inside a sentence; longer ones are cut

_OB = "Open Badges 3.0"
SPECS: Mapping[str, str] = {
    "structure": f"{_OB}, Data models: https://www.imsglobal.org/spec/ob/v3p0/#datamodels",
    "signed_content": "VC Data Integrity 1.0, Securing Data Losslessly: "
    "https://www.w3.org/TR/vc-data-integrity/#securing-data-losslessly",
    "proof": "VC Data Integrity 1.0, Verify Proof: https://www.w3.org/TR/vc-data-integrity/#verify-proof",
    "issuer": "Controlled Identifiers 1.0, Retrieve Verification Method: "
    "https://www.w3.org/TR/cid-1.0/#retrieve-verification-method",
    "validity": "VC Data Model 2.0, Validity Period: https://www.w3.org/TR/vc-data-model-2.0/#validity-period",
    "status": "Bitstring Status List 1.0, Validate Algorithm: "
    "https://www.w3.org/TR/vc-bitstring-status-list/#validate-algorithm",
    "schema": f"{_OB}, Serialization: https://www.imsglobal.org/spec/ob/v3p0/#serialization",
    "recipient": f"{_OB}, Verification: https://www.imsglobal.org/spec/ob/v3p0/#verification",
    "evidence": f"{_OB}, Evidence: https://www.imsglobal.org/spec/ob/v3p0/#evidence",
    "endorsement": f"{_OB}, Endorsement: https://www.imsglobal.org/spec/ob/v3p0/#endorsement",
    "trust": "VC Data Model 2.0, Issuer: https://www.w3.org/TR/vc-data-model-2.0/#issuer",
    "lookalike": "Unicode Technical Standard 39, Confusable Detection: "
    "https://www.unicode.org/reports/tr39/#Confusable_Detection",
}
JWT_SPEC = f"{_OB}, JSON Web Token Proof Format: https://www.imsglobal.org/spec/ob/v3p0/#jwt-proof"

TITLES: Mapping[str, str] = {
    "structure": "Form",
    "signed_content": "Signed content",
    "proof": "Signature",
    "issuer": "Issuer's key",
    "validity": "Dates",
    "status": "Withdrawal and review",
    "schema": "Published schema",
    "recipient": "Whose it is",
    "evidence": "Evidence",
    "endorsement": "Endorsements",
    "trust": "Recognised issuer",
    "lookalike": "Look-alike names",
}


# The verdict in a word or two, wherever one stands alone.
WORDS: Mapping[Verdict, str] = {
    Verdict.VALID: "Valid",
    Verdict.EXPIRED: "Expired",
    Verdict.NOT_YET_VALID: "Not yet valid",
    Verdict.REVOKED: "Withdrawn",
    Verdict.SUSPENDED: "Under review",
    Verdict.WRONG_RECIPIENT: "Recipient does not match",
    Verdict.UNDETERMINED: "Not determined",
    Verdict.UNSIGNED_CONTENT: "Unsigned content",
    Verdict.INVALID: "Not genuine",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing that a check can say; ``text`` has ``{names}`` for facts."""

    check: str
    outcome: Outcome
    text: str
    finding: Finding | None = None


def _pass(check: str, text: str) -> Sentence:
    return Sentence(check, Outcome.PASS, text)


def _fail(check: str, text: str, finding: Finding | None = None) -> Sentence:
    return Sentence(check, Outcome.FAIL, text, finding)


def _unsure(check: str, text: str) -> Sentence:
    return Sentence(check, Outcome.INDETERMINATE, text)


def _skip(check: str, text: str) -> Sentence:
    return Sentence(check, Outcome.NOT_APPLICABLE, text)


STRUCTURE_COMPLETE = _pass("structure", "This is a complete Open Badges 3.0 credential.{hint}")
STRUCTURE_STATEMENT = _pass(
    "structure", "This is a complete Open Badges 3.0 endorsement: a signed statement, and not a badge.{hint}"
)
STRUCTURE_BROKEN = _fail("structure", "The file is damaged or not a complete credential: {reason}")
STRUCTURE_LIMIT = _fail("structure", "The credential is larger or more tangled than we examine: {reason}")
STRUCTURE_NO_CREDENTIAL = _fail("structure", "No credential was found in it. {reason}")
STRUCTURE_UNREACHED = _unsure("structure", "The credential could not be had. {reason}")
STRUCTURE_NOT_A_BADGE = _fail(
    "structure", "This is a signed statement of another kind ({kind}), and not an Open Badge."
)

SIGNED_ALL = _pass("signed_content", "Everything shown was signed.")
SIGNED_IF_IT_HOLDS = _pass("signed_content", "The signature, if it holds, covers everything shown.")
SIGNED_NOTHING = _fail("signed_content", "Nothing in it was signed by anybody.")
SIGNED_BYTES = _pass("signed_content", "Everything shown was signed: the signature covers the whole text.")
SIGNED_NOT = _fail("signed_content", "{place} was not signed by anybody. {reason}")
SIGNED_UNKNOWN = _unsure("signed_content", "It uses a vocabulary we do not carry. {reason}")
SIGNED_UNREAD = _unsure("signed_content", "This could not be looked at, because the form is broken.")

PROOF_FITS = _pass("proof", "The signature fits: nothing was changed.{hint}")
PROOF_NONE = _fail("proof", "It carries no signature, so anybody could have written it.")
PROOF_BROKEN = _fail(
    "proof", "The signature does not fit: something was changed, or it was not signed with this key. {reason}"
)
PROOF_LIMIT = _fail("proof", "It carries more signatures than we examine. {reason}")
PROOF_UNKNOWN_KIND = _unsure("proof", "It uses a kind of signature we do not know. {reason}")
PROOF_NO_KEY = _unsure("proof", "The signature could not be checked without the key. {reason}")
PROOF_UNREADABLE = _unsure(
    "proof", "The signature could not be checked, because the content could not be read. {reason}"
)

ISSUER_MAY_SIGN = _pass("issuer", "The key belongs to {issuer} and may sign awards.{hint}")
ISSUER_NOT_ITS_KEY = _fail("issuer", "The key is not among the keys of {issuer}. {reason}")
ISSUER_ONLY_OTHERS = _fail(
    "issuer",
    "The key is not among the keys of {issuer}: the signature was made by {signer}, who is somebody else.",
)
ISSUER_UNREACHABLE = _unsure(
    "issuer", "We could not reach {issuer}, where the issuer keeps its key. {reason}"
)
ISSUER_NO_PROOF = _fail("issuer", "Nothing is signed, so nothing shows that it comes from {issuer}.")
ISSUER_UNKNOWN_METHOD = _unsure("issuer", "{issuer} is named in a way that we cannot look up. {reason}")

VALID_FOREVER = _pass("validity", "In force since {begin}, no end date.{hint}")
VALID_UNTIL = _pass("validity", "In force since {begin} until {end}.{hint}")
VALIDITY_ENDED = _fail("validity", "It ended on {end}.", Finding.EXPIRED)
VALIDITY_NOT_BEGUN = _fail("validity", "It begins on {begin}.", Finding.NOT_YET_VALID)
VALIDITY_MALFORMED = _fail(
    "validity", "A date in it is not a date with a time zone: {reason}", Finding.MALFORMED
)
VALIDITY_REVERSED = _fail(
    "validity", "Its dates contradict each other: it would end before it begins.", Finding.MALFORMED
)

STATUS_CLEAR = _pass("status", "Not withdrawn and not under review, as of {age}.{hint}")
STATUS_NOT_WITHDRAWN = _pass(
    "status", "Not withdrawn, as of {age}. It has no entry that could put it under review.{hint}"
)
STATUS_NOT_REVIEWED = Sentence(
    "status",
    Outcome.PASS,
    "Not under review, as of {age}. It has no entry by which it could be withdrawn.{hint}",
    Finding.REVIEW_ONLY,
)
STATUS_REVOKED = _fail("status", "Withdrawn by the issuer. It no longer counts.{hint}", Finding.REVOKED)
STATUS_SUSPENDED = _fail(
    "status", "Under review by the issuer: it does not count until the review ends.{hint}", Finding.SUSPENDED
)
STATUS_UNKNOWN = _unsure("status", "The issuer's status list could not be read. {reason}")
STATUS_MARKED = _unsure(
    "status", "The issuer has marked it as “{purpose}”, and we do not know what that means for you."
)
STATUS_OTHER = _unsure(
    "status",
    "Whether it was withdrawn cannot be told: its status entries are there for something else ({purposes}).",
)
STATUS_NONE = _skip("status", "The issuer gave it no way to be withdrawn.")

SCHEMA_FOLLOWS = _pass("schema", "It follows the published schema.{hint}")
SCHEMA_BROKEN = _fail("schema", "It breaks the schema at {place}: {reason}")

RECIPIENT_SAME = _pass("recipient", "It was issued to the address you typed.{hint}")
RECIPIENT_SAME_ID = _pass("recipient", "It was issued to the ID you typed.{hint}")
RECIPIENT_SAME_NAME = Sentence(
    "recipient",
    Outcome.PASS,
    "It was issued to somebody with the name you typed. A name alone proves less than an address: "
    "others may bear it.",
    Finding.NAME_ONLY,
)
RECIPIENT_OTHER = _fail("recipient", "It was not issued to the address you typed.")
RECIPIENT_OTHER_ID = _fail("recipient", "It was not issued to the ID you typed.")
RECIPIENT_OTHER_NAME = _fail(
    "recipient",
    "It was not issued to the name you typed. Names are compared letter by letter, capital letters too, so a "
    "second name or another spelling does not fit.",
    Finding.NAME_ONLY,
)
RECIPIENT_UNKNOWN = _unsure("recipient", "It names its earner in a way we cannot compare with that.")
RECIPIENT_TOO_OFTEN = _unsure(
    "recipient",
    "It could not be compared now: too many others were tried for this credential within an hour. "
    "Try again later.",
)
RECIPIENT_NOT_ASKED = _skip("recipient", "Not asked. Type an e-mail address, ID or name to compare.")

EVIDENCE_SAME = _pass("evidence", "{same} of {count} pieces are unchanged since the award.")
EVIDENCE_CHANGED = _fail("evidence", "{piece} was changed after the award.")
EVIDENCE_UNKNOWN = _unsure("evidence", "{piece} could not be opened. {reason}")
EVIDENCE_NO_DIGESTS = _skip("evidence", "It holds no fingerprint of any evidence.")
EVIDENCE_NOT_ASKED = _skip("evidence", "Not checked: nobody brought the evidence files.")

ENDORSEMENT_HOLDS = _pass("endorsement", "{who} vouches for it; that signature holds too.")
ENDORSEMENT_BAD = _fail("endorsement", "A statement inside it is not genuine. {reason}")
ENDORSEMENT_UNKNOWN = _unsure("endorsement", "A statement inside it could not be checked. {reason}")
ENDORSEMENT_NONE = _skip("endorsement", "It carries none.")

TRUST_OWN = _pass("trust", "{issuer} is an issuer that this site recognises.")
TRUST_LISTED = _pass("trust", "{issuer} is on {list}.")
TRUST_NOT_LISTED = _fail("trust", "Genuine, but {issuer} is not on {list}.")
TRUST_NOT_LOADED = _unsure("trust", "The list could not be loaded.")
TRUST_NOT_PROVEN = _unsure("trust", "It is not shown who issued it, so no list can help.")
TRUST_NO_LIST = _skip("trust", "You use no list.")

LOOKALIKE_NONE = _pass("lookalike", "The issuer's name is not confusable with one that we know.")
LOOKALIKE_NAME = _fail(
    "lookalike",
    "Careful: the name looks like {other} ({other_address}), but the address differs: {address}.",
)
LOOKALIKE_SAME = _fail(
    "lookalike",
    "Careful: {other} ({other_address}) has the same name, but this is another issuer: {address}.",
)
LOOKALIKE_HOST = _fail(
    "lookalike", "Careful: the address {address} looks like {other_address} of {other}, but is another one."
)
LOOKALIKE_MIXED = _fail(
    "lookalike", "Careful: the name mixes letters of different alphabets in one word: {word}."
)
LOOKALIKE_HIDDEN = _fail("lookalike", "Careful: the name holds hidden characters.")
LOOKALIKE_NOT_LOADED = _unsure(
    "lookalike", "The list could not be loaded, so the name was not compared with those that stand on it."
)
LOOKALIKE_NO_NAME = _skip("lookalike", "The issuer states no name.")


def say(sentence: Sentence, *, path: str | None = None, spec: str | None = None, **facts: object) -> Check:
    """Return the check that says ``sentence`` about ``facts``. A fact that is missing leaves a gap."""
    if not facts and path is None and spec is None:
        return _said(sentence)
    return _say(sentence, path, spec, facts)


@lru_cache(maxsize=256)  # most answers are the same sentence without any fact
def _said(sentence: Sentence) -> Check:
    return _say(sentence, None, None, {})


def _say(sentence: Sentence, path: str | None, spec: str | None, facts: Mapping[str, object]) -> Check:
    known = {name: shown(str(value)) for name, value in facts.items()}
    known["hint"] = f" {known['hint']}" if known.get("hint") else ""
    return Check(
        check=sentence.check,
        outcome=sentence.outcome,
        title=TITLES[sentence.check],
        explanation=sentence.text.format_map(_Facts(known)).strip(),
        spec=spec or SPECS[sentence.check],
        path=path,
        finding=sentence.finding,
    )


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return ""


_VERDICTS: Mapping[Verdict, str] = {
    Verdict.EXPIRED: "Genuine, but it is over. {validity}",
    Verdict.NOT_YET_VALID: "Genuine, but its time has not come. {validity}",
    Verdict.SUSPENDED: "Genuine, and under review by the issuer. It does not count until the review ends.",
    Verdict.REVOKED: "{status}",
    Verdict.WRONG_RECIPIENT: "{recipient} The credential itself is genuine.",
    Verdict.UNDETERMINED: "{unsure} This is neither a yes nor a no. Try again.",
    Verdict.UNSIGNED_CONTENT: "Someone added content that the issuer never signed: {signed_content}",
    Verdict.INVALID: "Not genuine: {failed}",
}


REPLACED = "Genuine, but replaced by a newer issue of the same award."


def sentence_for(
    verdict: Verdict,
    checks: tuple[Check, ...],
    *,
    issuer: str,
    recognised: bool | None,
    is_statement: bool = False,
) -> str:
    """Return the one sentence that stands first in the answer."""
    if verdict is Verdict.VALID and is_statement:
        return f"A genuine statement of {shown(issuer)}, and not a badge: what counts is what it says."
    if verdict is Verdict.VALID:
        trust = next((check for check in checks if check.check == "trust"), None)
        if trust is not None and recognised:
            return f"Genuine and in force. {trust.explanation}"
        if trust is not None and trust.outcome is Outcome.FAIL:
            said = trust.explanation.removeprefix("Genuine, but ")
            return f"Genuine and in force, but {said} Whether you rely on it is your decision."
        return f"Genuine and in force. Whether you rely on {shown(issuer)} is your decision."

    # An open signature follows from an open key, so the key is told first.
    counted = sorted(
        (check for check in checks if check.check not in ("trust", "lookalike", "endorsement")),
        key=lambda check: check.check == "proof" and check.outcome is Outcome.INDETERMINATE,
    )

    def first(outcome: Outcome) -> str:
        return next((check.explanation for check in counted if check.outcome is outcome), "")

    by_name = {check.check: check.explanation for check in checks}
    facts = {"failed": first(Outcome.FAIL), "unsure": first(Outcome.INDETERMINATE), **by_name}
    return _VERDICTS[verdict].format_map(_Facts(facts)).strip()


def shown(text: str, *, max_chars: int = FACT_CHARS) -> str:
    """Return foreign text fit for a sentence: one line, nothing invisible or turning, cut to a length."""
    visible = text[: max_chars + 1]
    if not visible.isprintable():  # what is printable holds nothing hidden; most text is
        visible = "".join("\N{REPLACEMENT CHARACTER}" if is_hidden(char) else char for char in visible)
    return visible if len(visible) <= max_chars else visible[: max_chars - 1] + "…"


def is_hidden(char: str) -> bool:
    """Tell whether ``char`` is invisible, a control, unassigned, private or turns the direction of text."""
    return unicodedata.category(char) in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
