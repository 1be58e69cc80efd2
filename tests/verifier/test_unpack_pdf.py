# SPDX-License-Identifier: Apache-2.0
"""PDFs: attached credentials and links, each once; what is neither is left out."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.annotations import Link
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, create_string_object

from credentials.baking import png, svg
from service import qr
from tests.journeys import browser
from tests.verifier.bringing import (
    LINK,
    OTHER,
    Page,
    archive,
    file_note,
    opened,
    pdf,
    places,
    saved,
    troubles,
    urls,
)
from tests.world import World, members_of
from verifier.errors import FileDamagedError, FileLockedError, NothingInsideError, TooMuchInsideError
from verifier.intake import Container
from verifier.unpack import links, unpack
from verifier.unpack.found import PDF_ATTACHMENTS, PDF_LINKS, PDF_PAGES

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect width="1" height="1"/></svg>'


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def badge(world: World) -> bytes:
    return world.issuer("union").mint()


# -- attachments ------------------------------------------------------------------------------------------


def test_attached_credentials_of_every_form_are_claims(world: World, badge: bytes) -> None:
    token = world.issuer("union").mint(jwt=True)
    picture = png.bake(saved(Image.new("L", (1, 1)), "PNG"), badge.decode())
    drawing = svg.bake(DRAWING, token.decode())
    files = [("a.json", badge), ("b.jwt", token), ("c.png", picture), ("d.svg", drawing)]
    claims = opened(pdf(attached=files))
    assert [claim.presented.container for claim in claims if claim.presented] == [
        Container.JSON,
        Container.JWT,
        Container.PNG,
        Container.SVG,
    ]
    assert [claim.presented.raw for claim in claims if claim.presented] == [content for _, content in files]
    assert places(claims) == [f"attachment {name}" for name, _ in files]


def test_files_behind_notes_and_associated_with_pages_are_attachments_too(badge: bytes) -> None:
    note, objects = file_note("behind a note.json", badge, 1_001)
    objects[1_002] = objects[1_001]
    objects[1_003] = objects[1_001]
    associated = "/AF[<</Type/Filespec/UF(%s)/EF<</UF %d 0 R>>>>]"
    raw = pdf(
        [Page(notes=[note], more=associated % ("of the page.json", 1_002))],
        catalogue=associated % ("of the document.json", 1_003),
        objects=objects,
    )
    assert places(opened(raw)) == [
        "attachment of the document.json",
        "attachment of the page.json",
        "attachment behind a note.json",
    ]


def test_a_file_that_is_attached_in_two_ways_counts_once(badge: bytes) -> None:
    raw = pdf(attached=[("a.json", badge)], catalogue="/AF[2000 0 R]")
    assert places(opened(raw)) == ["attachment a.json"]


def test_other_attachments_are_left_out_unless_nothing_else_is_there(badge: bytes) -> None:
    record = json.dumps({"receipt": "record"}).encode()
    picture = saved(Image.new("L", (9, 9)), "PNG")
    others = [
        ("record.json", record),
        ("photo.png", picture),
        ("notes.txt", b"hello"),
        ("a.zip", archive({})),
    ]
    assert places(opened(pdf(attached=[*others, ("a.json", badge)]))) == ["attachment a.json"]
    (claim,) = opened(pdf(attached=others))
    assert isinstance(claim.trouble, NothingInsideError)
    assert "files attached" in claim.trouble.message
    assert urls(opened(pdf([Page(links=[LINK])], attached=others))) == [LINK]


def test_a_damaged_credential_is_told_beside_a_good_one(badge: bytes) -> None:
    twice = badge.replace(b'"type"', b'"type": 1, "type"', 1)
    claims = opened(pdf(attached=[("a.json", badge), ("b.json", twice)]))
    assert places(claims) == ["attachment a.json", "attachment b.json"]
    assert troubles(claims) == ["document.duplicate-member"]


def test_names_of_attachments_are_labels(badge: bytes) -> None:
    (claim,) = opened(pdf(attached=[("..\\\\..\\\\etc\\\\" + "x" * 300, badge)]))
    assert claim.place.startswith("attachment ..")
    assert len(claim.place) <= 120


# -- links ------------------------------------------------------------------------------------------------


def test_links_are_claims_in_their_order_each_once() -> None:
    raw = pdf([Page(links=[OTHER, LINK, OTHER + "#top"]), Page(links=[LINK + "/", OTHER + "2"])])
    claims = opened(raw)
    assert urls(claims) == [OTHER, LINK, OTHER + "2"]
    assert places(claims) == ["link on page 1", "link on page 1", "link on page 2"]


def test_what_is_no_link_to_a_web_page_is_ignored() -> None:
    odd = ["mailto:ada@example.org", "javascript:alert(1)", "file:///etc/passwd", "tel:555", "https:///x",
           "https://user:secret@evil.example/x", "data:text/html,x", "https://", "#top"]  # fmt: skip
    assert urls(opened(pdf([Page(links=[*odd, LINK])]))) == [LINK]
    (claim,) = opened(pdf([Page(links=odd)]))
    assert isinstance(claim.trouble, NothingInsideError)


def test_programs_and_other_actions_are_not_looked_at() -> None:
    notes = [
        "<</Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F(https://evil.example/a)/URI(https://evil.example/a)>>>>",
        "<</Subtype/Link/Rect[0 0 9 9]/A<</S/JavaScript/JS(app.launchURL\\('https://evil.example/b'\\))>>>>",
        "<</Subtype/Widget/Rect[0 0 9 9]/A<</S/URI/URI(https://evil.example/c)>>>>",
        "<</Subtype/Link/Rect[0 0 9 9]/A<</S/GoToR/F(https://evil.example/d)>>>>",
    ]
    actions = "/OpenAction<</S/URI/URI(https://evil.example/e)>>/AA<</WC<</S/Launch/F(calc.exe)>>>>"
    assert urls(opened(pdf([Page(notes=notes, links=[LINK])], catalogue=actions))) == [LINK]


def test_links_are_also_read_from_the_text() -> None:
    text = Page(lines=[f"See {LINK}, and ({OTHER}).", "Also www.example.org and https://union.example."])
    claims = opened(pdf([text]))
    assert urls(claims) == [LINK, OTHER]
    assert set(places(claims)) == {"text on page 1"}


def test_a_link_in_the_text_of_a_real_link_is_not_counted_twice() -> None:
    raw = pdf([Page(lines=[LINK[:40], LINK[40:], OTHER], links=[LINK, OTHER])])
    assert urls(opened(raw)) == [LINK, OTHER]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://a.example/credentials/7f3c12ab-55aa-\n4c11-9e0d-77aa and", "7f3c12ab-55aa-4c11-9e0d-77aa"),
        ("https://a.example/credentials/\n7f3c12ab-55aa-4c11", "7f3c12ab-55aa-4c11"),
        ("https://a.example/credentials/7f3c\n2019 to 2024", "7f3c"),
        ("https://a.example/credentials/7f3c\nTeacher since", "7f3c"),
        ("https://a.example/credentials/7f3c.\nb81d0e6ff9", "7f3c"),
        ("“https://a.example/credentials/7f3c”", "7f3c"),
        ("https://a.example/credentials/7f\u00ad3c", "7f3c"),
        ("https://a.example/credentials/of\ufb01ce", "office"),
        ("HTTPS://a.example/credentials/x_(y)", "x_(y)"),
    ],
)  # fmt: skip
def test_a_link_that_goes_on_in_the_next_line_is_put_together(text: str, found: str) -> None:
    ((link, _),) = links.in_text(text)
    assert link.partition("/credentials/")[2] == found


def test_a_link_to_an_attached_credential_counts_once(world: World, badge: bytes) -> None:
    members = members_of(badge)
    id_, issuer = members["id"], members["issuer"]["id"]
    check = f"https://any.example/verify?url={id_}&list=x"
    own = [id_, id_ + "/", id_ + ".json", id_ + ".pdf#page=1", check, issuer, OTHER]
    claims = opened(pdf([Page(links=own)], attached=[("a.json", badge)]))
    assert [claim.url for claim in claims] == [None, OTHER]


def test_what_an_attached_credential_names_is_a_claim_of_its_own(world: World) -> None:
    """A genuine credential whose evidence or criteria are a withdrawn one does not hide that."""
    union = world.issuer("union")
    withdrawn = "https://union.example/shown/withdrawn"
    draft = union.draft()
    draft["evidence"] = [{"id": withdrawn, "type": ["Evidence"], "name": "My portfolio"}]
    draft["credentialSubject"]["achievement"]["criteria"] = {"id": withdrawn + "2"}
    raw = pdf([Page(links=[withdrawn, withdrawn + "2"])], attached=[("a.json", union.sign(draft))])
    claims = opened(raw)
    assert urls(claims) == [withdrawn, withdrawn + "2"]
    assert claims[0].presented is not None
    unsigned = (
        b'{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"x":"%s"}'
    )
    raw = pdf([Page(links=[withdrawn])], attached=[("a.json", unsigned % withdrawn.encode())])
    assert urls(opened(raw)) == [withdrawn]


def test_nobody_takes_the_address_of_somebody_elses_credential(world: World) -> None:
    """Who signs that his credential stands at another's address has not made that one disappear."""
    mine, theirs = "https://mine.example/shown/1", "https://union.example/shown/1"
    for signer in (world.issuer("mine"), world.issuer("le"), world.did_key_issuer("self")):
        attached = [("a.json", signer.sign({**signer.draft(), "id": theirs}))]
        assert urls(opened(pdf([Page(links=[theirs])], attached=attached))) == [theirs]
    issuer = world.issuer("mine")
    own = [("a.json", issuer.sign({**issuer.draft(), "id": mine + ".json"}))]
    same = [mine, mine + ".json", mine + ".pdf", mine + "/"]
    other = [mine + ".json.pdf", mine + "?x=1", mine + "1", mine + "/evidence"]
    assert urls(opened(pdf([Page(links=[*same, *other])], attached=own))) == other


@pytest.mark.parametrize(
    ("issuer", "is_theirs"),
    [
        ("did:web:union.example", True),
        ("did:web:union.example%3A8443:people:7", True),
        ("https://UNION.example/profile", True),
        ("did:web:example", True),
        ("did:web:badges.union.example", False),
        ("did:web:nunion.example", False),
        ("did:web:", False),
        ("did:key:z6Mk", False),
        ("", False),
        ("https://[", False),
    ],
)
def test_an_address_belongs_to_the_issuer_of_its_host(issuer: str, is_theirs: bool) -> None:
    assert bool(links.keys_of("https://union.example/1", issuer)) is is_theirs
    assert links.keys_of("http://127.0.0.1:8080/1", issuer)  # a house on one's own machine
    for odd in ("urn:uuid:1", "https://union.example/1#x", "https://[", ""):
        assert not links.keys_of(odd, issuer)


def test_links_of_two_forms_are_two_unless_the_credential_is_attached() -> None:
    assert urls(opened(pdf([Page(links=[LINK + ".json", LINK + ".png"])]))) == [LINK + ".json", LINK + ".png"]


def test_a_printed_link_is_not_hidden_by_a_longer_one_behind_it() -> None:
    printed, checked = "https://union.example/shown/1", "https://union.example/shown/2"
    behind = f"{printed}/verify?url={checked}"
    assert urls(opened(pdf([Page(lines=[printed], links=[behind])]))) == [checked, printed]
    assert urls(opened(pdf([Page(lines=[printed], links=[printed + "2"])]))) == [printed + "2", printed]
    assert urls(opened(pdf([Page(lines=[printed + "/", "777"], links=[printed + "/777"])]))) == [
        printed + "/777"
    ]


def test_a_link_among_others_is_told_from_one_that_looks_like_a_credential() -> None:
    plain = "https://union.example/blog"
    assert [claim.among for claim in opened(pdf([Page(links=[LINK, plain, plain + "2"])]))] == [
        False,
        True,
        True,
    ]
    assert [claim.among for claim in opened(pdf([Page(links=[plain])]))] == [False]
    named = {"link on page 1": plain.encode(), "cv.pdf": pdf([Page(links=[plain + "2", plain + "3"])])}
    assert [claim.among for claim in opened(archive(named))] == [False, True, True]


def test_a_link_to_a_check_means_what_is_checked() -> None:
    from urllib.parse import quote

    raw = pdf([Page(links=[f"https://v.example/verify?url={quote(LINK, safe='')}", LINK])])
    assert urls(opened(raw)) == [LINK]
    loop = "https://v.example/verify?url=https%3A%2F%2Fv.example%2Fverify%3Furl%3Dx"
    assert urls(opened(pdf([Page(links=[loop])]))) == [loop]


def test_the_front_page_of_a_site_counts_only_if_nothing_else_is_there() -> None:
    front = "https://union.example/"
    assert urls(opened(pdf([Page(links=[front, LINK])]))) == [LINK]
    assert urls(opened(pdf([Page(links=[front])]))) == [front]


def test_more_links_than_the_limit_are_said_to_be_left() -> None:
    many = [f"{OTHER}/{number}" for number in range(PDF_LINKS + 1)]
    claims = opened(pdf([Page(links=many)]))
    assert urls(claims) == many[:-1]
    assert troubles(claims) == ["credential.too-much"]
    assert not troubles(opened(pdf([Page(links=many[:-1])])))


# -- limits and damage ------------------------------------------------------------------------------------


def test_pages_and_attachments_have_a_limit(badge: bytes) -> None:
    assert urls(opened(pdf([Page()] * (PDF_PAGES - 1) + [Page(links=[LINK])]))) == [LINK]
    with pytest.raises(TooMuchInsideError, match="301 pages"):
        opened(pdf([Page()] * (PDF_PAGES + 1)))
    files = [(f"{number}.txt", b"hello") for number in range(PDF_ATTACHMENTS - 1)]
    assert len(opened(pdf(attached=[*files, ("a.json", badge)]))) == 1
    with pytest.raises(TooMuchInsideError, match="files attached"):
        opened(pdf(attached=[*files, ("b.txt", b"hello"), ("a.json", badge)]))


@pytest.mark.parametrize("password", ["", "secret"])
def test_a_locked_pdf_is_refused_with_advice(password: str, badge: bytes) -> None:
    writer = PdfWriter(io.BytesIO(pdf(attached=[("a.json", badge)])))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    target = io.BytesIO()
    writer.write(target)
    with pytest.raises(FileLockedError, match="without a password"):
        opened(target.getvalue())


@pytest.mark.parametrize("keep", [9, 60, 200])
def test_a_pdf_that_is_cut_off_is_damaged_or_empty(keep: int) -> None:
    try:
        found = troubles(opened(pdf([Page(links=[LINK])])[:keep]))
    except FileDamagedError as error:
        found = [error.code]
    assert found in (["credential.damaged-file"], ["credential.nothing-inside"])


def test_a_pdf_whose_cross_references_are_wrong_is_read_all_the_same() -> None:
    raw = pdf([Page(links=[LINK])])
    start = raw.rindex(b"startxref")
    assert urls(opened(raw[:start] + b"startxref\n7\n%%EOF\n")) == [LINK]
    assert urls(opened(b"junk of a mail\n" + raw)) == [LINK]


# -- made by others ---------------------------------------------------------------------------------------


def test_what_pypdf_writes_is_read(badge: bytes) -> None:
    writer = PdfWriter()
    writer.add_blank_page(300, 300)
    writer.add_attachment("credential.json", badge)
    writer.add_annotation(0, Link(rect=(1, 1, 9, 9), url=LINK))
    target = io.BytesIO()
    writer.write(target)
    assert places(opened(target.getvalue())) == ["attachment credential.json", "link on page 1"]


def test_a_document_that_points_at_itself_is_left_in_the_end(badge: bytes) -> None:
    writer = PdfWriter(io.BytesIO(pdf([Page(links=[LINK])])))
    tree = DictionaryObject()
    reference = writer._add_object(tree)
    tree[NameObject("/Kids")] = ArrayObject([reference, reference])
    tree[NameObject("/Names")] = ArrayObject([create_string_object("x"), reference])
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/EmbeddedFiles"): reference})
    writer.root_object[NameObject("/AF")] = ArrayObject([reference])
    target = io.BytesIO()
    writer.write(target)
    assert urls(opened(target.getvalue())) == [LINK]


def test_what_typst_sets_is_read(badge: bytes, tmp_path: Path) -> None:
    typst = pytest.importorskip("typst")
    (tmp_path / "credential.json").write_bytes(badge)
    (tmp_path / "qr.svg").write_bytes(qr.svg(LINK))
    (tmp_path / "main.typ").write_text(f"""
        #set document(title: "Résumé")
        #link("{LINK}")[My badge] and {OTHER}
        #image("qr.svg", alt: "QR code", width: 3cm)
        #pdf.attach("credential.json", relationship: "source", mime-type: "application/ld+json",
                    description: "The signed credential")
    """)
    raw = typst.compile(tmp_path / "main.typ", format="pdf", pdf_standards=["a-3b"])
    claims = opened(raw)
    assert places(claims) == ["attachment credential.json", "link on page 1", "link on page 1"]
    assert urls(claims) == [LINK, OTHER]
    assert claims[0].presented is not None
    assert claims[0].presented.raw == badge


@pytest.mark.browser
@pytest.mark.enable_socket
@pytest.mark.skipif(not browser.available(), reason="no Chromium is installed here")
def test_what_a_browser_prints_is_read() -> None:
    """A résumé that somebody has written in a web application and saved as PDF."""
    page = (
        "<!doctype html><html lang=en><title>Ada Moreau</title><h1>Résumé</h1><p>English learners: "
        f"<a href='{LINK}'>my badge</a>.<p style='width:16em'>Equity: {OTHER}"
        "<p>Write to <a href='mailto:ada@example.org'>ada@example.org</a>"
    )
    with browser.launch() as chromium:
        tab = chromium.new_page()
        tab.set_content(page)
        raw = tab.pdf(format="A4")
    assert urls(opened(raw)) == [LINK, OTHER]
    assert urls(unpack(raw)) == [LINK, OTHER]


@pytest.mark.browser
@pytest.mark.enable_socket
@pytest.mark.skipif(not browser.available(), reason="no Chromium is installed here")
def test_a_link_that_a_browser_has_wrapped_is_read() -> None:
    style = "font: 11pt sans-serif; width: 40ch; overflow-wrap: anywhere"
    page = f"<!doctype html><html lang=en><title>A</title><p style='{style}'>English learners: {LINK}"
    with browser.launch() as chromium:
        tab = chromium.new_page()
        tab.set_content(page)
        raw = tab.pdf(format="A4")
    assert urls(opened(raw)) == [LINK]
