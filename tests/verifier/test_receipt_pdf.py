# SPDX-License-Identifier: Apache-2.0
"""Receipts and reports on paper: what is attached is what is kept, and everybody can read it."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from credentials.digests import sha256_hex
from service.db import Database
from tests.verifier.sealing import kept, open_bureau
from tests.world import Issuer, World
from verifier import receipt, receipt_pdf, receipt_view
from verifier.asked import NOTHING
from verifier.bureau import Bureau
from verifier.desk import Desk
from verifier.receipt import Receipt
from verifier.receipt_record import BatchLine, BatchSummary
from verifier.unpack import unpack
from verifier.verdict import Verdict

pytest.importorskip("typst")


@pytest.fixture
def union(world: World) -> Issuer:
    return world.issuer("union")


@pytest.fixture
def bureau(tmp_path: Path, db: Database, desk: Desk, world: World) -> Bureau:
    return open_bureau(tmp_path, db, desk, world.issuer("house"))


def paper(found: Receipt) -> tuple[bytes, PdfReader, str]:
    made = receipt_pdf.pdf(found, now=found.made_at)
    reader = PdfReader(io.BytesIO(made))
    text = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
    return made, reader, text


def attached(reader: PdfReader) -> dict[str, bytes]:
    return {name: contents[0] for name, contents in reader.attachments.items()}


def line(number: int, verdict: Verdict | None, title: str) -> BatchLine:
    return BatchLine(
        place=f"row {number}",
        reference=f"=A{number}",
        verdict=verdict,
        sentence="This is what was found.",
        credential_id=None,
        title=title,
        issuer="union.example",
        recognised=True,
        sha256=f"{number:064x}",
        needs_you=False,
        checked_at=None,
    )


def test_what_is_attached_is_what_is_kept(bureau: Bureau, world: World, union: Issuer) -> None:
    for badge, name in ((union.mint(), "credential.json"), (union.mint(jwt=True), "credential.jwt")):
        found = kept(bureau, badge, now=world.clock.now())
        _, reader, _ = paper(found)
        assert attached(reader) == {"signed.json": found.signed, "record.json": found.record, name: badge}


def test_it_is_tagged_named_and_short(bureau: Bureau, world: World, union: Issuer) -> None:
    found = kept(bureau, union.mint(), now=world.clock.now())
    _, reader, text = paper(found)
    root: dict[str, Any] = dict(reader.root_object)
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]) == "en"
    assert reader.metadata is not None
    assert reader.metadata.title == "Verification receipt"
    assert b"pdfaid" in root["/Metadata"].get_object().get_data()
    assert len(reader.pages) <= 3
    for expected in ("Valid", "Teamwork in the classroom", "What a district asks", "How to check this paper"):
        assert expected in text
    assert found.address.partition("://")[2] in text.replace(" ", "")


def test_what_is_copied_from_it_has_no_hidden_signs(bureau: Bureau, world: World, union: Issuer) -> None:
    found = kept(bureau, union.mint(), now=world.clock.now())
    _, _, text = paper(found)
    assert "\u200b" not in text
    assert sha256_hex(found.record) in text.replace(" ", "")  # A line may end within it.
    assert " ago" not in text  # It is kept for years.


def test_the_same_receipt_gives_the_same_bytes(bureau: Bureau, world: World, union: Issuer) -> None:
    found = kept(bureau, union.mint(), now=world.clock.now())
    assert paper(found)[0] == paper(found)[0]


def test_brought_back_it_shows_the_credential_and_the_statement(
    bureau: Bureau, world: World, union: Issuer
) -> None:
    now = world.clock.now()
    found = kept(bureau, union.mint(), now=now)
    claims = unpack(paper(found)[0])
    reports = [bureau.desk.look_at(claim, now=now) for claim in claims if claim.presented is not None]
    assert {(str(report.verdict), report.is_statement) for report in reports} == {
        ("valid", True),
        ("valid", False),
    }


def test_of_what_is_not_genuine_the_paper_tells_nothing(bureau: Bureau, world: World, union: Issuer) -> None:
    forged = union.mint().replace(b"Teamwork in the classroom", b"Doctor of everything")
    _, _, text = paper(kept(bureau, forged, now=world.clock.now()))
    assert "Not genuine" in text
    assert "Doctor of everything" not in text
    assert union.title not in text


def test_without_a_signature_the_paper_says_so(
    bureau: Bureau, world: World, union: Issuer, tmp_path: Path
) -> None:
    unsigned = open_bureau(tmp_path, bureau.db, bureau.desk, None)
    _, reader, text = paper(kept(unsigned, union.mint(), now=world.clock.now()))
    assert "This paper is not signed" in text
    assert "signed.json" not in attached(reader)


def test_odd_titles_are_set_and_turn_nothing_round(bureau: Bureau, world: World, union: Issuer) -> None:
    title = "Zoë #let x = 1 \u202e$odd$ \u0007*b* @cite <tag> \\ " + "y" * 400
    badge = union.draft()
    badge["credentialSubject"]["achievement"]["name"] = title
    _, _, text = paper(kept(bureau, union.sign(badge), now=world.clock.now()))
    assert "#let x = 1" in text
    assert "\u202e" not in text


def test_a_report_about_five_hundred_has_them_all(bureau: Bureau, world: World) -> None:
    verdicts = (*Verdict, None)
    lines = [
        line(number, verdicts[number % len(verdicts)], f"Award number {number}") for number in range(1, 501)
    ]
    found = receipt.keep_batch(bureau, BatchSummary("b", "staff.csv", NOTHING), lines, now=world.clock.now())
    _, reader, text = paper(found)
    assert all(f"Award number {number} " in text for number in range(1, 501))
    files = attached(reader)
    assert files.keys() == {"signed.json", "record.json", "results.csv"}
    assert files["results.csv"] == receipt_pdf.csv(receipt_view.batch_view(found))


def test_the_table_of_a_report_holds_no_formula(bureau: Bureau, world: World) -> None:
    lines = [line(1, Verdict.VALID, "@SUM(A1)"), line(2, None, "+1")]
    found = receipt.keep_batch(bureau, BatchSummary("b", "x", NOTHING), lines, now=world.clock.now())
    table = receipt_pdf.csv(receipt_view.batch_view(found))
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert [row["reference"] for row in rows] == ["'=A1", "'=A2"]
    assert [row["title"] for row in rows] == ["'@SUM(A1)", "'+1"]
