# SPDX-License-Identifier: Apache-2.0
"""What an officer brings: a forwarded mail is opened for its attachments and links, and is hostile input."""

from __future__ import annotations

import base64
import io
import zipfile
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import HallmarkError
from recognition.attesting import forwarded
from recognition.errors import RecognitionFieldError
from tests.world import World
from verifier.errors import NotACredentialError

LINK = "https://badges.example/credentials/7f3c0a52"


@pytest.fixture(scope="module")
def credential() -> bytes:
    return World().issuer("union").mint()


def letter(
    *, text: str = "", markup: str = "", files: tuple[tuple[bytes, str, str], ...] = (), inside: bool = False
) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = (
        "ada@school.example",
        "officer@vt.example",
        "Fwd: You earned it",
    )
    made.set_content(text or "Here it is.\n")
    if markup:
        made.add_alternative(markup, subtype="html")
    for body, kind, name in files:
        main, _, sub = kind.partition("/")
        made.add_attachment(body, maintype=main, subtype=sub, filename=name)
    if not inside:
        return made.as_bytes()
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "ada@home.example", "Fwd: Fwd"
    outer.set_content("As you asked.")
    outer.add_attachment(made)
    return outer.as_bytes()


@pytest.mark.parametrize("inside", [False, True])
def test_finds_the_credential_that_is_attached(credential: bytes, inside: bool) -> None:
    files = (
        (credential, "application/ld+json", "credential.json"),
        (b"%PDF-1.7 not", "application/pdf", "x.pdf"),
    )
    found = forwarded.read(letter(files=files, inside=inside))
    assert [each.body for each in found] == [credential]
    assert found[0].place.startswith("attachment")


def test_an_attachment_comes_before_links_and_each_stands_once(credential: bytes) -> None:
    files = ((credential, "application/json", "a.json"), (credential, "application/octet-stream", "b"))
    raw = letter(text=f"{LINK} and {LINK}\n", markup=f'<a href="{LINK}">it</a>', files=files)
    found = forwarded.read(raw)
    assert [(each.body, each.url) for each in found] == [(credential, ""), (None, LINK)]


def test_finds_links_that_look_like_those_of_credentials_and_no_others() -> None:
    raw = letter(
        text=f"See {LINK}. Help: https://badges.example/help, https://x.example/\n",
        markup='<a href="https://badges.example/badges/9?a=1&amp;b=2">b</a><img src="https://t.example/pixel">',
    )
    assert {each.url for each in forwarded.read(raw)} == {LINK, "https://badges.example/badges/9?a=1&b=2"}


def test_a_mail_with_nothing_in_it_is_told() -> None:
    for raw in (letter(), letter(text="https://x.example/\n"), b"From: a@b.example\n\n", b"Subject: x\n"):
        with pytest.raises(RecognitionFieldError, match="No credential"):
            forwarded.read(raw)


def test_what_is_no_mail_goes_to_the_verifier_as_it_is(credential: bytes) -> None:
    assert [each.body for each in forwarded.read(credential, name="credential.json")] == [credential]
    assert [each.url for each in forwarded.read(LINK.encode())] == [LINK]
    with pytest.raises(NotACredentialError):
        forwarded.read(b"just words")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("a.json", credential)
    assert [each.body for each in forwarded.read(archive.getvalue())] == [credential]


def test_what_outlook_saves_is_told_apart() -> None:
    with pytest.raises(RecognitionFieldError, match="Outlook"):
        forwarded.read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


def test_limits_hold() -> None:
    many = "".join(f"https://x.example/credentials/{n}\n" for n in range(200))
    assert len(forwarded.read(letter(text=many))) <= forwarded.PIECES
    with pytest.raises(RecognitionFieldError, match="up to 15 MB"):
        forwarded.read(b"From: a@b.example\n\n" + b"x" * forwarded.MAIL_BYTES)
    nested = b"From: a@b.example\n"
    for depth in range(3_000):
        nested += b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (depth, depth)
    with pytest.raises(RecognitionFieldError, match="nested"):
        forwarded.read(nested)
    forwards = b"From: a@b.example\n" + b"Content-Type: message/rfc822\n\n" * 2_000
    with pytest.raises(RecognitionFieldError):
        forwarded.read(forwards)


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Type: text/plain; charset=does-not-exist",
        b"Content-Type: text/html; charset*=utf-8''%FF; name*0*=x; name*2=y",
        b"Content-Type: application/json\nContent-Transfer-Encoding: base64",
        b"Content-Type: application/json\nContent-Transfer-Encoding: x-uuencode",
        b"Content-Type: multipart/mixed",
        b"Content-Type: multipart/mixed; boundary=",
        b"Content-Type: ;;;===",
        b"Content-Disposition: attachment; filename*=utf-16'x'%00",
        b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64",
        b'Content-Type: message/external-body; access-type=URL; URL="file:///etc/passwd"',
    ],
)
def test_odd_headers_are_read_or_told_and_never_break(head: bytes) -> None:
    for body in (b"", b"%%%", b"\xff\xfe\x00", b"begin 644 x\n!!!", base64.b64encode(b"{}"), LINK.encode()):
        try:
            found = forwarded.read(b"From: a@b.example\n" + head + b"\n\n" + body)
        except HallmarkError:
            continue
        assert all(each.url or each.body or each.trouble for each in found)


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_any_bytes_are_read_or_told(head: bytes, body: bytes) -> None:
    for raw in (b"From: x\n" + head + b"\n\n" + body, b"From: x\nContent-Type: " + head + b"\n\n" + body):
        try:
            found = forwarded.read(raw)
        except HallmarkError:
            continue
        assert 0 < len(found) <= forwarded.PIECES


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize(
    "header",
    [
        b'Content-Type: multipart/mixed; x="' + b";" * 100_000 + b"; boundary=b",
        b"content-disposition: attachment" + b"; a=b" * 100,
        b"Content-Type: text/plain;" + b"\n x=y;" * 3_000,
        b"Content-Type: text/plain; name=" + b"x" * 10_000,
    ],
)
def test_a_header_that_takes_the_square_of_its_length_is_not_opened(header: bytes, end: bytes) -> None:
    raw = b"From: a@b.example\nSubject: x\n" + header + b"\n\n--b\n\nhello\n--b--"
    with pytest.raises(RecognitionFieldError, match="header"):
        forwarded.read(raw.replace(b"\n", end))


def test_a_part_with_such_a_header_is_not_opened_either() -> None:
    part = b"--b\nContent-Type: text/plain; " + b"a=b;" * 1_000 + b"\n\nhello\n--b--"
    with pytest.raises(RecognitionFieldError, match="header"):
        forwarded.read(b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + part)
