# SPDX-License-Identifier: Apache-2.0
"""Certificate and résumé: what they say, what they carry, and that paper leads back to the page."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import text

import app
from credentials.document import parse, write
from issuer import documents, issuance, names, printed, reissue, revocation
from issuer.award import AwardState
from issuer.cli.printing import certificate as command
from issuer.documents import RESUME_ITEMS, Shelf
from issuer.errors import DocumentChoiceError, NoSuchCredentialError, NoSuchDocumentError, UnverifiedError
from issuer.mint import Mint
from issuer.revocation import Decision, Reason
from service import typeset
from service.errors import ExtraMissingError
from tests.issuer.house import NOW, issued, members, verdict
from tests.issuer.test_cli import Hallmark

typst = pytest.importorskip("typst", reason="the extra pdf is not installed")

NAME = "Alex Educator"
GIVEN = "0e3c4a52-4f9a-4f3e-8d58-6b7a1a0f3c22"  # the last part of a given document's id
STRANGER = {"REMOTE_ADDR": "203.0.113.9"}
LONG = (
    "Understanding the interdisciplinary relationship between self-awareness, institutional responsibility "
    "and culturally sustaining pedagogy in linguistically diverse early-childhood classrooms of rural towns "
)


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def words(pdf: bytes, *pages: int) -> str:
    """The text, on one line."""
    found = read(pdf).pages
    told = "\n".join(found[each].extract_text() for each in pages or range(len(found)))
    return " ".join(told.split())


def flat(told: str) -> str:
    """Without blanks: a line may end after a hyphen."""
    return "".join(told.split())


def links(pdf: bytes) -> list[str]:
    found = []
    for page in read(pdf).pages:
        notes: Any = page.get("/Annots", [])
        for note in notes:
            action = note.get_object().get("/A", {})
            if "/URI" in action:
                found.append(str(action["/URI"]))
    return found


def tags(pdf: bytes) -> Iterator[tuple[str, str]]:
    """Every element of the structure with its alternative text."""
    root: Any = read(pdf).trailer["/Root"]
    todo = [root["/StructTreeRoot"]]
    while todo:
        node = todo.pop()
        if "/S" in node:
            yield str(node["/S"]), str(node.get("/Alt", ""))
        kids = node.get("/K", [])
        for kid in kids if isinstance(kids, list) else [kids]:
            value = kid.get_object() if hasattr(kid, "get_object") else kid
            if isinstance(value, dict) and "/S" in value:
                todo.append(value)


def drawn(draft: documents._Draft, ppi: int = 144) -> list[Image.Image]:
    """The pages as pictures, by the same templates."""
    import json

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        templates = typeset.ROOT / "templates"
        for source in (*templates.glob("*.typ"), *(templates / "issuer").glob("*.typ")):
            (root / source.name).write_bytes(source.read_bytes())
        for name, body in draft.files.items():
            (root / name).write_bytes(body)
        made = typst.compile(
            str(root / Path(draft.template).name),
            root=folder,
            format="png",
            ppi=ppi,
            ignore_system_fonts=True,
            sys_inputs={"values": json.dumps(typeset._printable(draft.values))},
        )
    return [
        Image.open(io.BytesIO(page)).convert("L") for page in (made if isinstance(made, list) else [made])
    ]


def codes(picture: Image.Image) -> list[str]:
    zxing = pytest.importorskip("zxingcpp", reason="no QR reader is installed (zxing-cpp)")
    return [str(code.text) for code in zxing.read_barcodes(picture)]


def decide(mint: Mint, key: str, state: AwardState, words: str | None = None, *, now: datetime = NOW) -> None:
    revocation.decide(mint, key, Decision(state, Reason.OTHER, public_reason=words), now=now)


def of(mint: Mint, key: str, name: str | None = NAME, now: datetime = NOW) -> bytes:
    return documents.certificate(mint, key, name=name, now=now)


# -- the certificate -----------------------------------------------------------------------------------------


def test_the_certificate_says_who_what_when_and_how_to_check(mint: Mint) -> None:
    found = issued(mint, hides_name=True)
    pdf = of(mint, found.key)
    front, behind = words(pdf, 0), words(pdf, 1)
    assert "\u200b" not in front + behind  # What is copied has no hidden signs.
    for said in ("Adult SEL 1: Self-Awareness", NAME, "Example Education Association", "1 Sample Square"):
        assert said in front
    assert "Signed with the issuer’s key did:web:badges.hallmark.example#" in front
    assert "Valid as of" in front
    for said in ("Level reached", "Required level", "Proficient", "Journal", "private", "Version", "SHA-256"):
        assert said in behind
    assert issuance.credential_url(mint, found.key) in links(pdf)
    for result in printed.read(mint, found.key, name=NAME, now=NOW).values["results"]:
        assert result["criterion"] in behind
        assert result["meaning"] in behind
    assert "fingerprint of the name" in behind
    assert "hour" not in (front + behind).lower()


def test_the_same_credential_at_the_same_moment_gives_the_same_bytes(mint: Mint) -> None:
    key = issued(mint).key
    assert of(mint, key) == of(mint, key)
    assert of(mint, key) != of(mint, key, now=NOW + timedelta(minutes=1))


def test_the_attachment_is_the_signed_credential_and_verifies(
    mint: Mint, folder: Path, tmp_path: Path
) -> None:
    found = issued(mint)
    reader = read(of(mint, found.key))
    ((name, (inside,)),) = reader.attachments.items()
    assert name == "credential.json"
    assert inside == found.signed_json
    assert verdict(mint, inside) == "valid"
    specification: Any = reader.trailer["/Root"]["/AF"][0].get_object()  # type: ignore[index]
    assert specification["/AFRelationship"] == "/Source"
    assert specification["/EF"]["/F"].get_object()["/Subtype"] == "/application/ld+json"
    (tmp_path / name).write_bytes(inside)
    assert "Valid" in Hallmark(folder, tmp_path)("verify", str(tmp_path / name))


def test_what_was_signed_as_a_token_is_attached_as_a_token(mint: Mint) -> None:
    document = members(issued(mint))
    del document["proof"], document["credentialStatus"]
    document["id"] = f"{mint.public_url}/credentials/{GIVEN}"
    token = issuance.sign_document(mint, parse(write(document)), now=NOW, jwt=True)
    pdf = of(mint, GIVEN)
    assert read(pdf).attachments == {"credential.jwt": [token]}
    assert "Signed with the issuer’s key did:web:" in words(pdf, 0)


def test_the_code_on_both_pages_leads_back_to_the_page(mint: Mint) -> None:
    found = issued(mint)
    draft = documents._certificate(printed.read(mint, found.key, name=NAME, now=NOW))
    pages = drawn(draft)
    assert [codes(page) for page in pages] == [[found.credential_id]] * len(pages)


def test_it_is_tagged_and_named_for_those_who_cannot_see_it(mint: Mint) -> None:
    pdf = of(mint, issued(mint).key)
    root: Any = read(pdf).trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    metadata = read(pdf).metadata
    assert metadata is not None
    assert metadata.title == "Certificate: Adult SEL 1: Self-Awareness, Example Education Association"
    assert metadata.author == "Example Education Association"
    stated = root["/Metadata"].get_object().get_data().decode()
    for claim in ("pdfaid:part>3<", "pdfaid:conformance>A<", "pdfuaid:part>1<"):
        assert claim in stated
    found = list(tags(pdf))
    names = [name for name, _ in found]
    assert names.count("/H1") == 1
    assert names.count("/TH") == 4
    assert {"/H2", "/Table", "/TR", "/TD", "/L", "/Link", "/Figure"} <= set(names)
    alternatives = [alternative for name, alternative in found if name == "/Figure"]
    assert all(alternatives)
    assert any(
        each.startswith("Badge image: Adult SEL 1") and each.endswith("valid") for each in alternatives
    )
    assert any(each.startswith("QR code") for each in alternatives)


# -- states --------------------------------------------------------------------------------------------------


def test_one_that_was_withdrawn_says_so_at_its_head_and_never_looks_valid(mint: Mint) -> None:
    found = issued(mint)
    decide(mint, found.key, AwardState.REVOKED, "The journal was not the earner's own.")
    pdf = of(mint, found.key)
    for page in (0, 1):
        assert "Withdrawn The issuer withdrew it on" in words(pdf, page)
        assert "It does not count." in words(pdf, page)
        assert "The journal was not the earner" in words(pdf, page)
        assert "Valid" not in words(pdf, page)
    metadata = read(pdf).metadata
    assert metadata is not None
    assert str(metadata.title).startswith("Withdrawn: ")
    assert any("barred" in alternative for _, alternative in tags(pdf))


def test_one_under_review_says_so_and_is_valid_again_afterwards(mint: Mint) -> None:
    found = issued(mint)
    decide(mint, found.key, AwardState.SUSPENDED)
    assert "Under review The issuer has been looking into it since" in words(of(mint, found.key), 0)
    decide(mint, found.key, AwardState.ISSUED)
    assert "Under review" not in words(of(mint, found.key))


def test_one_that_was_issued_again_points_to_the_newer(mint: Mint) -> None:
    found = issued(mint)
    newer = reissue.reissue(mint, found.key, reason="other", now=NOW)
    assert "Replaced A newer issue of the same award took its place" in words(of(mint, found.key), 0)
    assert "Replaced" not in words(of(mint, newer.key))
    assert all(newer.key not in link for link in links(of(mint, found.key)))


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-2, "Not yet valid Genuine, but it begins on"),
        (1, "Valid as of"),
        (9, "Expired Genuine, but it ended on"),
    ],
)
def test_dates_are_told(mint: Mint, days: int, said: str) -> None:
    document = members(issued(mint))
    del document["proof"], document["credentialStatus"]
    document["id"] = f"{mint.public_url}/credentials/{GIVEN}"
    document["validUntil"] = (NOW + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
    issuance.sign_document(mint, parse(write(document)), now=NOW)
    pdf = of(mint, GIVEN, now=NOW + timedelta(days=days))
    assert said in words(pdf, 0)


def test_what_does_not_verify_gets_no_certificate(mint: Mint) -> None:
    found = issued(mint)
    forged = (found.signed_json or b"").replace(b"Self-Awareness", b"Self-Awarenesz")
    with mint.db.transaction() as session:
        session.execute(
            text("UPDATE issuer_credentials SET signed_json = :forged WHERE key = :key"),
            {"forged": forged, "key": found.key},
        )
    with pytest.raises(UnverifiedError):
        of(mint, found.key)
    with pytest.raises(UnverifiedError):
        documents.resume(mint, [issued(mint, submission="2").key, found.key], name=None, now=NOW)


def test_there_is_none_of_what_is_no_badge_or_not_there(mint: Mint) -> None:
    found = issued(mint)
    endorsement = {
        "@context": members(found)["@context"],
        "id": f"{mint.public_url}/credentials/{GIVEN}",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "A word about it",
        "issuer": members(found)["issuer"],
        "validFrom": members(found)["validFrom"],
        "awardedDate": members(found)["awardedDate"],
        "credentialSubject": {
            "id": found.credential_id,
            "type": ["EndorsementSubject"],
            "endorsementComment": "Good.",
        },
    }
    issuance.sign_document(mint, parse(write(endorsement)), now=NOW)
    with pytest.raises(NoSuchDocumentError):
        of(mint, GIVEN)
    with pytest.raises(NoSuchCredentialError):
        of(mint, "7d3c4a52-4f9a-4f3e-8d58-6b7a1a0f3c22")


# -- names ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signed", "hides", "given", "said"),
    [
        (NAME, True, NAME, NAME),
        (NAME, True, None, "chosen not to show a name"),
        (NAME, True, "Eve Else", "is not the one that was signed"),
        (NAME, False, None, NAME),
        (NAME, False, "Eve Else", "is not the one that was signed"),
        (None, False, NAME, "is not the one that was signed"),
        ("Đặng Ngọc Łucja ʻOkina", True, "Đặng Ngọc Łucja ʻOkina", "Đặng Ngọc Łucja ʻOkina"),
    ],
)
def test_a_name_is_printed_only_if_the_signature_holds_it(
    mint: Mint, signed: str | None, hides: bool, given: str | None, said: str
) -> None:
    found = issued(mint, name=signed, hides_name=hides)
    told = words(of(mint, found.key, name=given), 0)
    assert said in told
    assert "Eve Else" not in told


def test_a_name_that_no_font_has_is_not_maimed(mint: Mint) -> None:
    name = "Ada \U00013000\U00013001"
    found = issued(mint, name=name, hides_name=True)
    told = words(of(mint, found.key, name=name))
    assert "\U00013000" in told or (
        "has letters that the fonts of this file lack" in told and "▯" not in told
    )


# -- everything fits -----------------------------------------------------------------------------------------


@pytest.fixture
def huge(mint: Mint) -> printed.Printed:
    """What is printed at most: everything as long as it may be."""
    found = printed.read(mint, issued(mint).key, name=NAME, now=NOW)
    result = found.values["results"][0]
    values = {
        **found.values,
        "title": printed.cut(LONG * 9, printed.TITLE_CHARS),
        "name": printed.cut(LONG * 9, printed.NAME_CHARS),
        "competency": printed.cut(LONG * 9, printed.SENTENCE_CHARS),
        "issuer": {
            **found.values["issuer"],
            "name": printed.cut(LONG * 9, printed.NAME_CHARS),
            "domain": "sub-domain." * 20 + "example",
            "address": [printed.cut(LONG * 9, printed.LINE_CHARS)] * 2,
            "key": "did:web:" + "x" * (printed.KEY_CHARS - 8),
        },
        "state": {"verdict": "revoked", "word": "Withdrawn", "sentence": printed.cut(LONG * 9, 400)},
        "results": [
            {
                **result,
                "criterion": f"Criterion {number:02d} " + printed.cut(LONG, printed.LINE_CHARS - 13),
                "reached": printed.cut(LONG, printed.LINE_CHARS),
                "meaning": printed.cut(LONG * 9, printed.MEANING_CHARS - 10) + f" End {number:02d}.",
                "met": False,
            }
            for number in range(12)
        ],
        "evidence": [
            {"name": printed.cut(LONG, printed.LINE_CHARS), "genre": "Video", "url": None, "sealed": True}
        ]
        * printed.PIECES,
        "more_evidence": 60,
        "standards": [
            {
                "name": "x" * printed.LINE_CHARS,
                "framework": LONG[:160],
                "url": "https://x.example/" + "y" * 300,
            }
        ]
        * printed.PIECES,
        "link": "https://badges.example.edu/" + "folder/" * 12 + found.link[-50:],
    }
    return replace(found, values=values)


def margins_are_empty(page: Image.Image, *, millimetres: float) -> bool:
    """Whether nothing is drawn so near the edge: what did not fit would be."""
    width, height = page.size
    band = round(millimetres / 25.4 * 72)
    inner = page.crop((band, band, width - band, height - band))
    blank = Image.new("L", page.size, 255)
    blank.paste(inner, (band, band))
    return blank.tobytes() == page.tobytes()


def test_the_longest_certificate_loses_nothing(huge: printed.Printed) -> None:
    draft = documents._certificate(huge)
    pdf = draft.pdf(now=NOW)
    front = words(pdf, 0)
    values = draft.values
    for said in (values["title"], values["name"], values["competency"], values["issuer"]["name"]):
        assert flat(said) in flat(front)
    assert flat(values["state"]["sentence"]) in flat(front)
    pages = [words(pdf, number) for number in range(len(read(pdf).pages))]
    for number in range(12):
        (at,) = (page for page, said in enumerate(pages) if f"Criterion {number:02d}" in said)
        assert f"End {number:02d}." in pages[at], "a row is on one page"
    assert sum("Level reached" in page for page in pages[1:]) > 1, "each page of the table has its head"
    first, *others = drawn(draft, ppi=72)
    assert margins_are_empty(first, millimetres=7)
    assert all(margins_are_empty(page, millimetres=8) for page in others)


def test_the_longest_resume_loses_nothing(huge: printed.Printed) -> None:
    found = [
        replace(
            huge,
            link=f"{huge.link[:-2]}{number:02d}",
            values={**huge.values, "title": f"Nr{number:02d} {LONG}"},
        )
        for number in range(RESUME_ITEMS)
    ]
    draft = documents._resume(found, name=printed.cut(LONG, printed.NAME_CHARS), verifier="x/verify", now=NOW)
    pdf = draft.pdf(now=NOW)
    assert len(read(pdf).attachments) == RESUME_ITEMS
    pages = [words(pdf, number) for number in range(len(read(pdf).pages))]
    for number in range(RESUME_ITEMS):
        (at,) = (page for page, said in enumerate(pages) if f"Nr{number:02d} Under" in said)
        assert f"Attached: {number + 1:02d}-sel1.json" in pages[at], "an entry is on one page"
    assert all(margins_are_empty(page, millimetres=8) for page in drawn(draft, ppi=72))


# -- the résumé ----------------------------------------------------------------------------------------------


@pytest.fixture
def three(mint: Mint) -> list[str]:
    """Two of one year and an older one, in no order."""
    return [
        issued(mint, submission="a", hides_name=True, awarded_at=NOW - timedelta(days=3)).key,
        issued(mint, submission="b", hides_name=True, achievement="SEL2-v1").key,
        issued(
            mint, submission="c", name="Alex Before", hides_name=True, awarded_at=NOW - timedelta(days=400)
        ).key,
    ]


def test_a_resume_has_each_credential_with_link_code_file_and_state(mint: Mint, three: list[str]) -> None:
    decide(mint, three[1], AwardState.SUSPENDED)
    pdf = documents.resume(mint, [*three, three[0]], name=NAME, now=NOW)
    told = words(pdf)
    assert told.startswith(f"{NAME} 3 micro-credentials, as of")
    addresses = [issuance.credential_url(mint, key) for key in three]
    assert links(pdf) == [addresses[1], addresses[0], addresses[2]]  # newest first
    attached = read(pdf).attachments
    assert sorted(attached) == ["01-sel2.json", "02-sel1.json", "03-sel1.json"]
    for (body,) in attached.values():
        assert verdict(mint, body) in ("valid", "suspended")
    assert told.count("Under review.") == 1
    assert told.count("Signed without the name above.") == 1
    draft = documents._resume(
        [printed.read(mint, key, name=NAME, now=NOW) for key in three], name=NAME, verifier="x", now=NOW
    )
    scanned = [link for page in drawn(draft) for link in codes(page)]
    assert sorted(scanned) == sorted(addresses)
    assert documents.resume(mint, three, name=NAME, now=NOW) == pdf


def test_a_resume_without_a_name_is_one_of_micro_credentials(mint: Mint, three: list[str]) -> None:
    told = words(documents.resume(mint, three, name=None, now=NOW))
    assert told.startswith("Micro-credentials 3 micro-credentials")
    assert NAME not in told
    assert "Signed without" not in told


def test_the_verifier_finds_each_credential_of_ours_once(mint: Mint, three: list[str]) -> None:
    from verifier.unpack import unpack

    for pdf, count in (
        (documents.resume(mint, three, name=NAME, now=NOW), 3),
        (of(mint, three[0]), 1),
    ):
        claims = unpack(pdf, name="brought.pdf", media_type="application/pdf")
        assert len(claims) == count
        assert all(claim.presented is not None and claim.place.startswith("attachment") for claim in claims)


@pytest.mark.parametrize("count", [0, RESUME_ITEMS + 1])
def test_a_resume_has_room_for_so_many(mint: Mint, count: int) -> None:
    with pytest.raises(DocumentChoiceError):
        documents.resume(mint, [f"key-{number}" for number in range(count)], name=None, now=NOW)


# -- the address ---------------------------------------------------------------------------------------------


def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count what is set from here on."""
    made: list[str] = []
    real: Callable[..., bytes] = typeset.typeset

    def counted(template: str, *args: Any, **options: Any) -> bytes:
        made.append(template)
        return real(template, *args, **options)

    monkeypatch.setattr(typeset, "typeset", counted)
    return made


def test_the_public_certificate_is_made_once_for_each_content(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = issued(mint, hides_name=True)
    made = counting(monkeypatch)
    shelf = Shelf(mint)
    first = shelf.certificate(found.key, now=NOW)
    assert shelf.certificate(found.key, now=NOW + timedelta(minutes=59)) == first
    assert len(made) == 1
    assert NAME not in words(first, 0)
    later = NOW + timedelta(minutes=60)
    names.show(mint, found.key, NAME, now=later, actor="test")
    assert NAME in words(shelf.certificate(found.key, now=later), 0)
    names.hide(mint, found.key, now=later, actor="test")
    assert shelf.certificate(found.key, now=later) == first
    assert len(made) == 2
    later = NOW + timedelta(minutes=61)
    assert shelf.certificate(found.key, now=later) != first
    decide(mint, found.key, AwardState.REVOKED, now=later)
    assert "Withdrawn" in words(shelf.certificate(found.key, now=later), 0)


def test_the_shelf_has_so_many_places(mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [issued(mint, submission=str(number)).key for number in range(3)]
    made = counting(monkeypatch)
    monkeypatch.setattr(documents, "KEPT", 2)
    shelf = Shelf(mint)
    for key in (*keys, keys[2], keys[1], keys[0]):
        shelf.certificate(key, now=NOW)
    assert len(made) == 4


@pytest.mark.parametrize("suffix", [True, False])
def test_the_certificate_is_at_the_address_of_its_credential(
    mint: Mint, client: FlaskClient, suffix: bool
) -> None:
    path = f"/credentials/{issued(mint).key}"
    answer = client.get(path + ".pdf") if suffix else client.get(path, headers={"Accept": "application/pdf"})
    assert answer.status_code == 200
    assert answer.content_type == "application/pdf"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert ("Accept" in answer.headers.get("Vary", "")) is not suffix
    assert "Set-Cookie" not in answer.headers
    assert answer.data.startswith(b"%PDF")
    again = client.get(path + ".pdf", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_without_the_extra_the_address_says_what_is_missing(
    mint: Mint, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/credentials/{issued(mint).key}"
    monkeypatch.setattr(typeset, "is_available", lambda: False)
    answer = client.get(path + ".pdf")
    assert answer.status_code == 501
    assert answer.get_json()["code"] == "extra.missing"
    assert "pip install" in answer.get_json()["detail"]
    assert client.get(path, headers={"Accept": "application/pdf"}).status_code == 406
    assert f"{path}.pdf" not in client.get(path, headers={"Accept": "text/html"}).text
    with pytest.raises(ExtraMissingError):
        of(mint, path.rpartition("/")[2])


def test_unknown_ones_are_not_there(client: FlaskClient) -> None:
    assert client.get("/credentials/0e3c4a52-4f9a-4f3e-8d58-6b7a1a0f3c22.pdf").status_code == 404


def test_one_address_may_ask_for_so_many(mint: Mint) -> None:
    key = issued(mint).key
    service = app.create_app(replace(mint.settings, checks_per_minute=2))
    client = service.test_client()
    asked = [
        client.get(f"/credentials/{key}.pdf", environ_base=STRANGER),
        client.get(f"/credentials/{key}", headers={"Accept": "application/pdf"}, environ_base=STRANGER),
        client.get(f"/credentials/{key}", headers={"Accept": "application/pdf"}, environ_base=STRANGER),
        client.get(f"/credentials/{key}.json", environ_base=STRANGER),
    ]
    assert [each.status_code for each in asked] == [200, 200, 429, 200]
    service.extensions["hallmark"].db.close()


# -- the command ---------------------------------------------------------------------------------------------


def test_the_command_writes_certificate_and_resume(mint: Mint, folder: Path, tmp_path: Path) -> None:
    one, other = issued(mint), issued(mint, submission="other")
    hallmark = Hallmark(folder, tmp_path)
    out = tmp_path / "paper.pdf"
    hallmark("certificate", one.credential_id, "--name", NAME, "--out", str(out))
    assert NAME in words(out.read_bytes(), 0)
    hallmark("certificate", one.key, other.key, "--out", str(out))
    assert words(out.read_bytes()).startswith("Micro-credentials 2 micro-credentials")
    hallmark("certificate", one.key, "--resume", "--out", str(out))
    assert words(out.read_bytes()).startswith("Micro-credentials 1 micro-credential,")
    hallmark("certificate", one.key, "--out", str(tmp_path / "nowhere" / "x.pdf"), code=64)
    assert command.help is not None
    assert "Example: hallmark certificate" in command.help
