# SPDX-License-Identifier: Apache-2.0
"""A credential of this house that a newer issue has replaced: said wherever it is checked, never green."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import app
from issuer import reissue
from issuer.mint import Mint
from issuer.reissue import Cause, Correction
from issuer.store.credentials import StoredCredential
from service import clock
from tests.issuer.house import issued, make_house, open_mint
from verifier import batch_work, batching, triage
from verifier.cli import printing
from verifier.intake import read
from verifier.lines import Line
from verifier.outcome import Mark
from verifier.verdict import Verdict

SENTENCE = "Genuine, but replaced by a newer issue of the same award."


@pytest.fixture
def mint(tmp_path: Path) -> Iterator[Mint]:
    found = open_mint(make_house(tmp_path))
    yield found
    found.db.close()


@pytest.fixture
def service(mint: Mint) -> Iterator[Flask]:
    made = app.create_app(mint.settings)
    yield made
    made.extensions["hallmark"].db.close()


@pytest.fixture
def both(mint: Mint) -> tuple[StoredCredential, StoredCredential]:
    old = issued(mint)
    new = reissue.reissue(
        mint,
        old.key,
        reason=Cause.NAME_CORRECTED,
        correction=Correction(name="Alexandra Educator"),
        now=clock.now(),
    )
    return old, new


def test_the_desk_says_it_and_leaves_the_verdict(
    service: Flask, both: tuple[StoredCredential, StoredCredential], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = both
    desk = service.extensions["hallmark"].desk
    for raw in (old.signed_json, old.signed_jwt):
        report = desk.look(read(raw or b""), now=clock.now())
        assert (report.verdict, report.superseded_by) == (Verdict.VALID, new.credential_id)
        assert report.sentence == SENTENCE
        assert [report.rows[number - 1].mark for number in (1, 10, 11)] == [
            Mark.YES,
            Mark.YOU_DECIDE,
            Mark.YOU_DECIDE,
        ]
        assert triage.needs_you(report)
        printing.show(report)
        assert f"Replaced by a newer issue of the same award: {new.credential_id}" in capsys.readouterr().out
    newest = desk.look(read(new.signed_json or b""), now=clock.now())
    assert (newest.superseded_by, newest.rows[10].mark, triage.needs_you(newest)) == (None, Mark.YES, False)


def test_what_was_changed_in_it_is_not_called_replaced(
    service: Flask, both: tuple[StoredCredential, StoredCredential]
) -> None:
    forged = (both[0].signed_json or b"").replace(b"Alex", b"Alec")
    report = service.extensions["hallmark"].desk.look(read(forged), now=clock.now())
    assert (report.verdict, report.superseded_by) == (Verdict.INVALID, None)


def test_the_page_the_api_and_the_receipt_say_it(
    service: Flask, both: tuple[StoredCredential, StoredCredential]
) -> None:
    old, new = both
    client = service.test_client()
    answer = client.post("/verify", json={"url": old.credential_id}).get_json()
    assert (answer["verdict"], answer["superseded_by"]) == ("valid", new.credential_id)
    page = client.get(f"/verify?url={old.credential_id}", headers={"Accept": "text/html"}).text
    assert '<div class="verdict neutral"' in page
    assert "Replaced by a newer issue of the same award" in page
    assert new.credential_id in page
    form = {"url": old.credential_id}
    kept = client.post("/verify/receipts", data=form, headers={"Accept": "text/html"}).headers["Location"]
    shown = client.get(kept, headers={"Accept": "text/html"}).text
    assert "Replaced" in shown
    assert SENTENCE in shown
    assert "verdict ok" not in shown
    assert client.get(f"{kept}.pdf").data.startswith(b"%PDF")


def test_a_batch_says_it_and_a_person_must_look(
    service: Flask, both: tuple[StoredCredential, StoredCredential]
) -> None:
    old, new = both
    bureau = service.extensions["hallmark"].bureau
    lines = [Line("old", url=old.credential_id), Line("new", url=new.credential_id)]
    key = batching.open(bureau, lines, label="two", now=clock.now())
    while batch_work.work(bureau, now=clock.now()):
        pass
    first, second = batching.lines_of(bureau, key)
    assert (first.item.needs_you, first.word, first.sentence) == (True, "Replaced", SENTENCE)
    assert first.is_recognised is None
    assert (second.item.needs_you, second.word) == (False, "Valid")
    client = service.test_client()
    table = client.get(f"/verify/batches/{key}.csv").text
    assert SENTENCE in table
    for page in (f"/verify/batches/{key}", f"/verify/batches/{key}/1"):
        assert "Replaced" in client.get(page, headers={"Accept": "text/html"}).text


def test_who_got_it_at_a_wrong_address_sees_it_withdrawn_and_is_led_nowhere(
    service: Flask, mint: Mint
) -> None:
    old = issued(mint)
    right = Correction(email="real.owner@school.example")
    new = reissue.reissue(mint, old.key, reason=Cause.ADDRESS_CORRECTED, correction=right, now=clock.now())
    client = service.test_client()
    answer = client.post("/verify", json={"url": old.credential_id}).get_json()
    assert (answer["verdict"], answer["superseded_by"]) == ("revoked", None)
    page = client.get(f"/credentials/{old.key}", headers={"Accept": "text/html"})
    assert "Withdrawn" in page.text
    assert new.key not in page.text + str(page.headers)
