# SPDX-License-Identifier: Apache-2.0
"""Receipts and reports on paper: PDF/A-3a with the statement, the record and the credential attached.

Everything on it is read from the record, which was cleaned when it was written; ``service.typeset`` takes out
once more what cannot be printed. Shape and word tell the verdict, never its colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from service import qr, spreadsheet, text
from service.typeset import typeset
from verifier import receipt_view as views
from verifier.outcome import Check, Mark, Outcome
from verifier.receipt import Receipt
from verifier.receipt_record import BATCH
from verifier.receipt_view import Answer, BatchView

_MARKS: Final = {
    Mark.YES: Answer("yes", "ring", "ok"),
    Mark.NO: Answer("no", "cross", "bad"),
    Mark.YOU_DECIDE: Answer("you decide", "scales", "warn"),
}
_OUTCOMES: Final = {
    Outcome.PASS: Answer("passed", "ring", "ok"),
    Outcome.FAIL: Answer("failed", "cross", "bad"),
    Outcome.INDETERMINATE: Answer("could not say", "question", "warn"),
    Outcome.NOT_APPLICABLE: Answer("left out", "dash", "neutral"),
}
_BESIDE: Final = frozenset({"trust", "lookalike", "endorsement"})  # a "no" of theirs is the reader's to judge
_CSV_HEAD: Final = (
    "row",
    "reference",
    "place",
    "verdict",
    "whose it should be",
    "title",
    "issuer",
    "credential",
    "sha256",
    "needs you",
    "found",
)


def pdf(receipt: Receipt, *, now: datetime) -> bytes:
    """Return the receipt or report as PDF.

    Raises:
        ExtraMissingError: Typst is not installed here.
        TypesettingBusyError: Others are being set; it did not get its turn in time.
        TypesettingError: It could not be set; a mistake of ours, or too much.
    """
    files = {"qr.svg": qr.svg(receipt.address), "record.json": receipt.record}
    attached = [_attached("record.json", "application/json", "data", "The record of what was found")]
    if receipt.signed is not None:
        files["signed.json"] = receipt.signed
        attached.insert(
            0, _attached("signed.json", "application/vc+ld+json", "source", "The signed statement")
        )
    if receipt.examined is not None:
        name, kind = file_of(receipt.examined)
        files[name] = receipt.examined
        attached.append(_attached(name, kind, "supplement", "What was examined, as it came"))
    if receipt.kind == BATCH:
        view = views.batch_view(receipt)
        files["results.csv"] = csv(view)
        attached.append(_attached("results.csv", "text/csv", "data", "The results as a table"))
        shown, template = _batch(view), "verifier/report.typ"
    else:
        shown, template = _check(receipt), "verifier/receipt.typ"
    values = {**_common(receipt), **shown, "attachments": attached}
    return typeset(template, values, now=now, files=files)


def csv(view: BatchView) -> bytes:
    """Return the results as a table that no spreadsheet program takes for formulas."""
    return spreadsheet.write(
        _CSV_HEAD,
        (
            (
                line.number.replace(".", "_"),  # programs for tables take "7.10" for 7.1
                line.reference,
                line.place,
                line.answer.word,
                line.recipient,
                line.title,
                line.issuer,
                line.credential,
                line.sha256,
                "yes" if line.needs_you else "",
                line.sentence,
            )
            for line in view.lines
        ),
    )


def file_of(examined: bytes) -> tuple[str, str]:
    """Return name and media type of the credential that was examined."""
    if examined.lstrip()[:1] in (b"{", b"["):
        return "credential.json", "application/vc+ld+json"
    return "credential.jwt", "application/vc+jwt"


def steps(receipt: Receipt) -> tuple[str, ...]:
    """Return how anybody checks a receipt, in sentences."""
    if receipt.signed is None:
        return (
            f"Open {receipt.address} (until {text.day(receipt.ends_at)}) and compare.",
            "Or check the credential itself anew; then nobody has to be believed.",
        )
    return (
        f"Open {receipt.address} (until {text.day(receipt.ends_at)}) and compare, or bring the PDF to a page "
        "where credentials are checked.",
        "Without us: signed.json is an Open Badges 3.0 endorsement, and any verifier of those can check it. "
        "Its signature holds as long as nothing in it was changed.",
        "Then compare the SHA-256 digest of record.json with the one in signed.json (relatedResource, "
        "digestMultibase): they are the same as long as nothing in the record was changed. Page and paper "
        "show what stands in the record.",
    )


def _common(receipt: Receipt) -> dict[str, Any]:
    when, signer = text.time(receipt.made_at), views.signer(receipt)
    title = "Verification report" if receipt.kind == BATCH else "Verification receipt"
    return {
        "title": title,
        "site": views.site(receipt),
        "description": f"{title} of {when}",
        "link": receipt.address,
        "link_text": receipt.address.partition("://")[2],
        "foot": f"{title} {receipt.id} · {when}",
        "signer": f"{signer.name} ({signer.id})" if signer is not None else "",
        "steps": steps(receipt),
    }


def _check(receipt: Receipt) -> dict[str, Any]:
    view = views.check_view(receipt)
    return {
        "lede": f"What was found on {text.time(receipt.made_at)}.",
        "verdict": {**asdict(view.answer), "sentence": view.sentence},
        "facts": _facts(view.facts),
        "circumstances": _facts(view.circumstances),
        "rows": [
            {
                "number": row.number,
                "title": row.title,
                "sentence": row.sentence,
                "look_at": row.look_at,
                **asdict(_MARKS[row.mark]),
            }
            for row in view.rows
        ],
        "checks": [
            {"title": check.title, "sentence": check.explanation, **asdict(_said(check))}
            for check in view.checks
        ],
        "digests": _facts(view.digests),
    }


def _batch(view: BatchView) -> dict[str, Any]:
    return {
        "lede": f"{view.label}: {view.extent}",
        "verdicts": [asdict(answer) for answer in view.answers],
        "circumstances": _facts(view.circumstances),
        "lines": [
            {
                "number": line.number,
                "place": " · ".join(filter(None, (line.reference, line.place))),
                "title": line.title,
                "issuer": line.issuer,
                "sentence": line.sentence,
                "digest": line.sha256[:16],
                **asdict(line.answer),
            }
            for line in view.lines
        ],
        "digests": _facts(view.digests),
    }


def _said(check: Check) -> Answer:
    if check.outcome is Outcome.FAIL and check.check in _BESIDE:
        return _MARKS[Mark.YOU_DECIDE]
    return _OUTCOMES[check.outcome]


def _facts(facts: Iterable[views.Fact]) -> list[dict[str, Any]]:
    return [asdict(fact) for fact in facts]


def _attached(name: str, media_type: str, relationship: str, description: str) -> dict[str, str]:
    return {
        "file": name,
        "media_type": media_type,
        "relationship": relationship,
        "description": description,
    }
