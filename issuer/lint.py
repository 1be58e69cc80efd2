# SPDX-License-Identifier: Apache-2.0
"""Refuse to sign what would not verify everywhere.

The lint is the verifier itself, run over the document signed with a throw-away key, with the would-be
``did.json`` and the status lists laid over the real ones (threat I1). Before that come rules that a verifier
does not have, since other verifiers stumble there (specification section 4.2): characters, numbers, sort
order, contexts, two objects with one id. What was linted is what gets signed, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from credentials import schema
from credentials.canonicalize import canonicalize
from credentials.document import Json, parse, pointer, write
from credentials.errors import BrokenError, HallmarkError
from credentials.proofs import data_integrity, vc_jwt
from credentials.verification_method import KeyAlgorithm
from issuer.errors import LintError
from issuer.ports import Examine, Findings
from issuer.signable import UNSIGNABLE
from keys.throwaway import throw_away

VC_CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
OB_CONTEXT: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
EXTENSIONS: Final = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
CONTEXTS: Final = ([VC_CONTEXT, OB_CONTEXT], [VC_CONTEXT, OB_CONTEXT, EXTENSIONS])
NEVER: Final = frozenset({"endorsementJwt", "jti"})  # defined in only one of the two texts of context 3.0.3
INTEGER_END: Final = 2**53  # JavaScript counts exactly below
DIGITS: Final = 15  # significant digits that every implementation prints alike
LEAST, MOST = Decimal("1e-6"), Decimal("1e20")  # outside, implementations print exponents differently

_ASTRAL = re.compile(r"[\U00010000-\U0010ffff]")
_HIGH = re.compile(r"[\ue000-\uffff]")

_BESIDE: Final = frozenset({"trust", "lookalike"})  # statements beside the verdict

JSON: Final = "json"
JWT: Final = "jwt"


def lint(
    members: Mapping[str, Json],
    *,
    did: str,
    examine: Examine,
    now: datetime,
    lists: Mapping[str, bytes],
    forms: tuple[str, ...] = (JSON, JWT),
    accepted: frozenset[str] = frozenset({"valid"}),
    own: bool = True,
) -> None:
    """Return if ``members`` may be signed in the name of ``did``.

    Args:
        members: The unsigned credential.
        did: The issuer.
        examine: The verifier.
        now: The moment of signing.
        lists: The published status lists that it points to, by address; they are signed again with the
            throw-away key, so that everything in this examination is of one world.
        forms: Which forms are going to be made: embedded proof, VC-JWT.
        accepted: Verdicts that do not stand against signing.
        own: Whether we composed it ourselves; then our own promises (alternative text, digests of evidence)
            are asked for, too.

    Raises:
        LintError: The first thing that stands against it, with its place.
    """
    _rules(members)
    if own:
        _promises(members)
    try:
        _same_order(canonicalize({**members}))
    except HallmarkError as error:
        raise LintError(error.message, path=error.path) from error
    stand_in = throw_away(did)
    overlay = {did: stand_in.document}
    proof_signer = stand_in.signers[KeyAlgorithm.ED25519]
    for address, body in lists.items():
        unsigned = {name: value for name, value in parse(body).members.items() if name != "proof"}
        overlay[address] = write(data_integrity.add_proof(unsigned, signer=proof_signer, created=now))
    try:
        if JSON in forms:
            signed = data_integrity.add_proof(members, signer=proof_signer, created=now)
            _schema(signed)
            _judge(examine(write(signed), now=now, documents=overlay), accepted)
        if JWT in forms:
            _schema(members)
            token = vc_jwt.encode(members, signer=stand_in.signers[KeyAlgorithm.P256])
            _judge(examine(token.encode("ascii"), now=now, documents=overlay), accepted)
    except (LintError, BrokenError):
        raise  # What we cannot do at the moment is no fault of the document.
    except HallmarkError as error:
        raise LintError(error.message, path=error.path) from error


def are_plain(values: Iterable[str]) -> bool:
    """Tell whether texts hold nothing that the rules about characters and their order look at.

    Then a document passes them if another one passed that has everything else in common with it.
    """
    text = "".join(values)
    if text.isascii() and text.isprintable():  # what nearly all are
        return True
    return not (UNSIGNABLE.search(text) or _ASTRAL.search(text) or _HIGH.search(text))


def judge(findings: Findings, accepted: frozenset[str]) -> str | None:
    """Return why ``findings`` stand against signing, or None."""
    if findings.verdict in accepted:
        return None
    for check in findings.checks:
        if str(check.outcome) in ("fail", "indeterminate") and check.check not in _BESIDE:
            return f"{check.title}: {check.explanation}"
    return findings.sentence


def _judge(findings: Findings, accepted: frozenset[str]) -> None:
    reason = judge(findings, accepted)
    if reason is not None:
        raise LintError(f"The verifier would not call it valid. {reason}", got=str(findings.verdict))


def _rules(members: Mapping[str, Json]) -> None:
    if members.get("@context") not in CONTEXTS:
        raise LintError(
            "We sign under two contexts: credentials/v2 and Open Badges context-3.0.3, in this order.",
            path="/@context",
        )
    if "proof" in members:
        raise LintError("The document carries a proof already.", path="/proof")
    if not isinstance(members.get("id"), str):
        raise LintError("The document has no id, so it could not be named again.", path="/id")
    seen: dict[str, dict[str, Json]] = {}
    for path, value in _walk(dict(members), ()):
        if isinstance(value, str):
            _text(value, path)
        elif isinstance(value, bool):
            continue
        elif isinstance(value, int | float):
            _number(value, path)
        elif value is None:
            raise LintError("There is no null in a credential; leave the member out.", path=pointer(*path))
        elif isinstance(value, list) and not value:
            raise LintError("An empty array says nothing; leave the member out.", path=pointer(*path))
        elif isinstance(value, dict):
            for name in value:
                if name in NEVER:
                    raise LintError(
                        f'"{name}" is unknown to verifiers with the older text of the context.',
                        path=pointer(*path, name),
                    )
                _text(name, path)
            _one_node(value, path, seen)


def _walk(value: Json, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    yield path, value
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _walk(member, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, (*path, index))


def _text(text: str, path: tuple[str | int, ...]) -> None:
    found = UNSIGNABLE.search(text)
    if found:
        raise LintError(
            f"The text holds U+{ord(found[0]):04X}, which others escape differently, so the signature would "
            "break there.",
            path=pointer(*path),
        )


def _number(number: float, path: tuple[str | int, ...]) -> None:
    if isinstance(number, int):
        if abs(number) < INTEGER_END:
            return
    else:
        exact = Decimal(repr(number))
        if number == 0 or (len(exact.normalize().as_tuple().digits) <= DIGITS and LEAST <= abs(exact) < MOST):
            return
    raise LintError(
        "Implementations write this number in different ways, so the signature would break there.",
        path=pointer(*path),
        got=str(number)[:40],
    )


def _one_node(value: dict[str, Json], path: tuple[str | int, ...], seen: dict[str, dict[str, Json]]) -> None:
    """Two objects with one id are one node in the signed graph: what one says, the other says too."""
    identifier = value.get("id")
    if not isinstance(identifier, str) or len(value) == 1 or path[:1] == ("relatedResource",):
        return  # What is named with its digest says nothing else of it, and ``canonicalize`` sees to that.
    if seen.setdefault(identifier, value) != value:
        raise LintError("Two objects have one id and say different things.", path=pointer(*path))


def _same_order(canonical: bytes) -> None:
    """Refuse text that sorts differently by code point (RDFC-1.0) and by UTF-16 unit (JavaScript)."""
    text = canonical.decode("utf-8")
    if not (_ASTRAL.search(text) and _HIGH.search(text)):
        return
    lines = text.split("\n")[:-1]
    if lines != sorted(lines, key=lambda line: line.encode("utf-16-be")):
        raise LintError(
            "Characters of this text are sorted differently elsewhere, so signatures would differ."
        )


def _schema(signed: Mapping[str, Json]) -> None:
    result = schema.findings(signed)
    if result.flavour != "strict":
        path, message = result.errors[0] if result.errors else ("", "it does not follow the strict schema")
        raise LintError(f"The document does not follow the Open Badges schema: {message}", path=path)


def _promises(members: Mapping[str, Json]) -> None:
    """What we promise of our own credentials: pictures can be told, evidence cannot be swapped."""
    subject = members.get("credentialSubject")
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    image = achievement.get("image") if isinstance(achievement, dict) else None
    if isinstance(image, dict) and not image.get("caption"):
        raise LintError(
            "The badge image has no alternative text.", path="/credentialSubject/achievement/image/caption"
        )
    evidence = members.get("evidence", [])
    for index, piece in enumerate(evidence if isinstance(evidence, list) else []):
        if not isinstance(piece, dict) or not piece.get("digestMultibase"):
            raise LintError("A piece of evidence has no digest.", path=f"/evidence/{index}")
    if "credentialStatus" not in members:
        raise LintError("The credential could not be withdrawn.", path="/credentialStatus")
