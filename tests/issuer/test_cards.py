# SPDX-License-Identifier: Apache-2.0
"""The card of a credential: what is on it, where it lies, and that it is drawn once."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from issuer import artwork, cards, credential_page, names, publish, reissue, revocation
from issuer.award import AwardState
from issuer.cards import drawing
from issuer.cards.face import LOOKS, Face
from issuer.cards.lettering import cut, drawable, font, lines
from issuer.mint import Mint
from issuer.revocation import Decision, Reason
from tests.issuer.house import NOW, issued

REVOKE = Decision(AwardState.REVOKED, Reason.ISSUED_IN_ERROR)
FACE = Face(
    site="Hallmark",
    host="badges.hallmark.example",
    achievement="SEL1-v1",
    kind="Micro-credential · SEL1",
    title="Adult SEL 1: Self-Awareness",
    issuer="Example Education Association",
    name="Maya Example",
    when="February 27, 2026",
    state="valid",
    is_recognised=True,
    marks=("struck", "struck", "struck", "struck"),
)
IMAGE = artwork.png("SEL1", stack="SEL")


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Forget the pictures of other tests' houses."""
    cards._read.cache_clear()
    yield
    cards._read.cache_clear()


def picture(png: bytes) -> Image.Image:
    with Image.open(io.BytesIO(png)) as image:
        image.load()
        return image


@pytest.mark.parametrize("state", sorted(LOOKS))
def test_a_card_is_a_png_of_the_size_that_is_shown_uncut(state: str) -> None:
    drawn = drawing.draw(replace(FACE, state=state), IMAGE)
    image = picture(drawn)
    assert (image.format or "PNG", image.size) == ("PNG", (1200, 627))
    assert len(drawn) < 1_000_000


def test_no_two_states_look_alike_even_without_colour() -> None:
    grey = {
        picture(drawing.draw(replace(FACE, state=state), IMAGE)).convert("L").tobytes() for state in LOOKS
    }
    assert len(grey) == len(LOOKS)


def test_the_same_face_is_the_same_picture() -> None:
    assert drawing.draw(FACE, IMAGE) == drawing.draw(FACE, IMAGE)


@pytest.mark.parametrize("name", [each.name for each in fields(Face)])
def test_everything_that_is_drawn_is_in_the_address(name: str) -> None:
    other: dict[str, Any] = {
        "is_recognised": False,
        "marks": ("struck", "struck", "struck", "barred"),
        "design": FACE.design + 1,
        "state": "expired",
    }
    assert replace(FACE, **{name: other.get(name, "other")}).hash != FACE.hash


def test_a_title_is_written_large_and_cut_only_when_nothing_helps() -> None:
    size, title = drawing._title("Adult SEL 1: Self-Awareness", 672)
    assert (size, " ".join(title)) == (60, "Adult SEL 1: Self-Awareness")
    size, title = drawing._title("A long word " * 40, 672)
    assert len(title) == 4
    assert title[-1].endswith("…")
    for line in title:
        assert font(size * 2, "SemiBold").getlength(line) <= 672 * 2


def test_a_word_that_is_longer_than_a_line_is_broken() -> None:
    letters = font(40)
    assert lines("W" * 200, letters=letters, width=600, most=3) is None
    broken = cut("W" * 200, letters=letters, width=600, most=3)
    assert len(broken) == 3
    assert all(letters.getlength(line) <= 600 for line in broken)


@pytest.mark.parametrize(
    ("written", "loose", "exact"),
    [
        ("Maya Example", "Maya Example", "Maya Example"),
        ("José Ñandú", "José Ñandú", "José Ñandú"),
        ("Nguyễn", "Nguyễn", "Nguyễn"),
        ("Dvořák", "Dvorák", None),
        ("a title 🎉 of joy", "a title of joy", None),
        ("山田", None, None),
        ("Ελλάδα", None, None),
        ("\u202eeman", "eman", None),
        ("   ", None, None),
    ],
)
def test_what_our_letters_cannot_write_is_left_out_and_never_a_box(
    written: str, loose: str | None, exact: str | None
) -> None:
    assert drawable(written) == loose
    assert drawable(written, exact=True) == exact


def test_the_card_says_what_the_page_says(mint: Mint) -> None:
    found = issued(mint)
    face = credential_page.face(mint, found.key, now=NOW)
    page = credential_page.credential_page(mint, found.key, now=NOW)
    assert page.preview.image == f"{mint.public_url}/credentials/{found.key}/card.png?v={face.hash}"
    assert (face.title, face.issuer, face.name) == (
        "Adult SEL 1: Self-Awareness",
        "Example Education Association",
        "Alex Educator",
    )
    assert (face.state, face.word, face.marks) == ("valid", "Valid", ("struck",) * 4)


def test_the_name_is_on_it_only_while_it_is_shown(mint: Mint) -> None:
    found = issued(mint, hides_name=True)
    hidden = credential_page.face(mint, found.key, now=NOW)
    names.show(mint, found.key, "Alex Educator", now=NOW, actor="test")
    shown = credential_page.face(mint, found.key, now=NOW)
    assert (hidden.name, shown.name) == (None, "Alex Educator")
    assert hidden.hash != shown.hash
    assert "Alex" not in hidden.label


def test_a_change_of_state_is_a_new_card_at_a_new_address(mint: Mint, client: FlaskClient) -> None:
    found = issued(mint)
    before = credential_page.face(mint, found.key, now=NOW)
    first = client.get(cards.path(found.key, before))
    revocation.decide(mint, found.key, REVOKE, now=NOW)
    after = credential_page.face(mint, found.key, now=NOW)
    assert (after.state, after.marks[3]) == ("revoked", "barred")
    second = client.get(cards.path(found.key, before))
    assert second.status_code == 200  # no redirect: the old address shows what is true now
    assert second.data != first.data
    assert second.data == client.get(cards.path(found.key, after)).data


def test_the_current_address_is_kept_for_a_day_and_with_a_name_for_an_hour(
    mint: Mint, client: FlaskClient
) -> None:
    found = issued(mint, hides_name=True)
    names.show(mint, found.key, "Alex Educator", now=NOW, actor="test")
    path = f"/credentials/{found.key}/card.png"
    face = credential_page.face(mint, found.key, now=NOW)
    kept = client.get(f"{path}?v={face.hash}")
    assert kept.content_type == "image/png"
    assert face.name == "Alex Educator"
    assert kept.headers["Cache-Control"] == "public, max-age=3600, no-transform"
    for query in ("", "?v=", "?v=00"):
        assert client.get(path + query).headers["Cache-Control"] == "public, max-age=60, no-transform"
    assert client.get(path, headers={"If-None-Match": kept.headers["ETag"]}).status_code == 304
    assert "Set-Cookie" not in kept.headers
    names.hide(mint, found.key, now=NOW, actor="test")
    nameless = credential_page.face(mint, found.key, now=NOW)
    assert nameless.name is None
    kept = client.get(f"{path}?v={nameless.hash}")
    assert kept.headers["Cache-Control"] == "public, max-age=86400, no-transform"
    assert client.get(f"{path}?v={face.hash}").headers["Cache-Control"] == "public, max-age=60, no-transform"


def test_a_replaced_one_says_so_and_a_worse_state_is_told_first(mint: Mint) -> None:
    old = issued(mint)
    new = reissue.reissue(mint, old.key, reason="key-replaced", now=NOW)
    assert credential_page.face(mint, old.key, now=NOW).state == "superseded"
    assert credential_page.face(mint, new.key, now=NOW).state == "valid"
    revocation.decide(mint, new.key, REVOKE, now=NOW)
    assert credential_page.face(mint, old.key, now=NOW).state == "revoked"


def test_of_what_is_not_genuine_nothing_is_drawn(mint: Mint) -> None:
    found = issued(mint)
    spoilt = replace(
        found, signed_json=(found.signed_json or b"").replace(b"Alex Educator", b"Alex Imposter")
    )
    face = cards.face(mint, spoilt, now=NOW)
    assert (face.state, face.title, face.name, face.issuer, face.achievement) == (
        "invalid",
        None,
        None,
        None,
        None,
    )
    assert face.marks[0] == "barred"
    assert picture(cards.card(mint, face)).size == (1200, 627)


def test_a_card_is_drawn_once_and_tidied_away_when_nobody_asks(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []

    def counting(face: Face, image: bytes | None) -> bytes:
        drawn.append(face.hash)
        return drawing.draw(face, image)

    monkeypatch.setattr(cards, "draw", counting)
    face = credential_page.face(mint, issued(mint).key, now=NOW)
    assert cards.card(mint, face) == cards.card(mint, face)
    assert drawn == [face.hash]
    (file,) = (mint.settings.data / "cards").glob("*.png")
    assert cards.tidy(mint, now=NOW) == 0
    old = (NOW - cards.KEPT - timedelta(days=1)).timestamp()
    os.utime(file, (old, old))
    assert cards.tidy(mint, now=NOW) == 1
    assert picture(cards.card(mint, face)).size == (1200, 627)
    assert len(drawn) == 2


def test_a_machine_without_the_job_tidies_its_cards_when_it_draws_one(mint: Mint) -> None:
    face = credential_page.face(mint, issued(mint).key, now=NOW)
    folder = mint.settings.data / "cards"
    folder.mkdir()
    for name in ("old.png", ".tidied"):
        (folder / name).touch()
        os.utime(folder / name, (0, 0))
    cards.card(mint, face)
    assert sorted(each.name for each in folder.iterdir()) == [".tidied", f"{face.hash}.png"]
    (folder / "older.png").touch()
    os.utime(folder / "older.png", (0, 0))
    (folder / f"{face.hash}.png").unlink()
    cards.card(mint, face)  # once a day is enough
    assert (folder / "older.png").exists()


def test_a_card_that_cannot_be_drawn_stops_nobody(
    mint: Mint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = issued(mint).key

    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cards, "draw", full)
    assert cards.prepare(mint, key, name=None, now=NOW) is False
    assert cards.prepare(mint, "00000000-0000-4000-8000-000000000000", name=None, now=NOW) is False
    assert list(tmp_path.rglob("*.part")) == []


def test_the_card_that_is_prepared_is_the_one_that_is_asked_for(mint: Mint) -> None:
    found = issued(mint, hides_name=True)
    assert cards.prepare(mint, found.key, name="Alex Educator", now=NOW)
    names.show(mint, found.key, "Alex Educator", now=NOW, actor="test")
    shown = credential_page.face(mint, found.key, now=NOW)
    assert (mint.settings.data / "cards" / f"{shown.hash}.png").is_file()
    assert cards.prepare(mint, found.key, name="Somebody Else", now=NOW)
    assert publish.find(mint, found.key) == found
