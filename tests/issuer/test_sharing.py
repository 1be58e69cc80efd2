# SPDX-License-Identifier: Apache-2.0
"""What an earner takes along. Every mistake that others have made with LinkedIn's form has a test here."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import pytest

from credentials.summary import Summary
from issuer import profiles, publish, reissue, sharing
from issuer.errors import NoSuchCredentialError, ProgrammeError
from issuer.mint import Mint
from issuer.store.credentials import StoredCredential
from service import audit
from tests.issuer.house import NOW, issued

NOBODY = "00000000-0000-4000-8000-000000000000"


def asked(mint: Mint, found: StoredCredential) -> dict[str, str]:
    url = urlsplit(sharing.add_to_profile(mint, found.key).url)
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://www.linkedin.com/profile/add"
    pairs = parse_qsl(url.query, strict_parsing=True, encoding="utf-8", errors="strict")
    assert len({name for name, _ in pairs}) == len(pairs)
    return dict(pairs)


def number(mint: Mint, linkedin: str | None) -> None:
    """Register the issuer with this page on LinkedIn."""
    source = (
        'slug = "example-education"\nname = "R&D Education / École + Ω"\ndescription = "Sample."\n'
        'monogram = "EX"\nsample = true\nsuspension = true\n'
    )
    if linkedin is not None:
        source += f'linkedin = "{linkedin}"\n'
    profiles.register(mint, source.encode(), name="issuer", now=NOW)


def test_the_form_is_the_one_that_works(mint: Mint) -> None:
    found = issued(mint, awarded_at=datetime(2026, 5, 4, 12, tzinfo=UTC))
    assert list(asked(mint, found).items()) == [
        ("startTask", "CERTIFICATION_NAME"),
        ("name", "Adult SEL 1: Self-Awareness"),
        ("organizationName", "Example Education Association"),
        ("issueYear", "2026"),
        ("issueMonth", "5"),
        ("certUrl", found.credential_id),
        ("certId", found.key),
    ]


def test_the_dead_form_of_2017_is_not_used(mint: Mint) -> None:
    url = sharing.add_to_profile(mint, issued(mint).key).url
    assert "_ed" not in url
    assert "pfCertification" not in url


@pytest.mark.parametrize(
    ("awarded", "year", "month"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "2026", "1"),  # not month 0
        (datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC), "2025", "12"),  # not the visitor's January
        (datetime(2026, 5, 1, 0, 0, tzinfo=UTC), "2026", "5"),  # not the April of a place west of here
    ],
)
def test_months_are_counted_from_1_and_by_the_utc_day(
    mint: Mint, awarded: datetime, year: str, month: str
) -> None:
    values = asked(mint, issued(mint, awarded_at=awarded))
    assert (values["issueYear"], values["issueMonth"]) == (year, month)


def test_without_an_end_there_is_no_expiration(mint: Mint) -> None:
    values = asked(mint, issued(mint))
    assert not any(name.startswith("expiration") for name in values)
    labels = [field.label for field in sharing.add_to_profile(mint, issued(mint, submission="2").key).fields]
    assert "Expiration date" not in labels


def test_with_an_end_it_is_named_by_its_utc_month(mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    found = issued(mint)
    said = publish.said(found)
    end = datetime(2028, 5, 31, 23, 30, tzinfo=UTC)
    monkeypatch.setattr(publish, "said", lambda _found: _with_end(said, end))
    values = asked(mint, found)
    assert (values["expirationYear"], values["expirationMonth"]) == ("2028", "5")


def _with_end(said: Summary, end: datetime) -> Summary:
    return replace(said, valid_until=end)


def test_the_organisation_is_named_once_and_is_ours(mint: Mint) -> None:
    """A default number of somebody else's page put their logo beside our credentials."""
    found = issued(mint)
    assert "organizationId" not in asked(mint, found)
    number(mint, "4567")
    values = asked(mint, found)
    assert values["organizationId"] == "4567"
    assert "organizationName" not in values


@pytest.mark.parametrize("linkedin", ["acme", "0", "-1", "12 3", "1" * 30])
def test_the_number_of_a_page_is_a_number(mint: Mint, linkedin: str) -> None:
    with pytest.raises(ProgrammeError):
        number(mint, linkedin)


def test_every_value_is_encoded(mint: Mint) -> None:
    """An ampersand in "R&D" used to cut the title."""
    number(mint, None)
    found = issued(mint)
    url = sharing.add_to_profile(mint, found.key).url
    assert "organizationName=R%26D%20Education%20%2F%20%C3%89cole%20%2B%20%CE%A9" in url
    assert asked(mint, found)["organizationName"] == "R&D Education / École + Ω"
    assert url.isascii()
    assert "+" not in url
    assert "certUrl=http%3A%2F%2F127.0.0.1%3A8080%2Fcredentials%2F" in url


def test_the_link_is_the_page_of_this_learner_and_the_id_is_no_link(mint: Mint) -> None:
    first, second = issued(mint), issued(mint, submission="2", email="other@school.example")
    for found in (first, second):
        values = asked(mint, found)
        assert values["certUrl"] == f"{mint.public_url}/credentials/{found.key}"
        assert values["certId"] == found.key


def test_every_field_is_there_to_be_copied(mint: Mint) -> None:
    found = issued(mint, awarded_at=datetime(2026, 2, 27, tzinfo=UTC))
    fields = {field.label: field.value for field in sharing.add_to_profile(mint, found.key).fields}
    assert fields == {
        "Name": "Adult SEL 1: Self-Awareness",
        "Issuing organization": "Example Education Association",
        "Issue date": "February 2026",
        "Credential ID": found.key,
        "Credential URL": found.credential_id,
    }


def test_a_re_issue_keeps_the_month_of_the_award(mint: Mint) -> None:
    old = issued(mint, awarded_at=datetime(2025, 3, 1, tzinfo=UTC))
    new = reissue.reissue(mint, old.key, reason="key-replaced", now=NOW)
    values = asked(mint, new)
    assert (values["issueYear"], values["issueMonth"]) == ("2025", "3")
    assert values["certId"] == new.key


def test_a_post_begins_with_the_link(mint: Mint) -> None:
    found = issued(mint)
    url = urlsplit(sharing.post_url(mint, found.key))
    assert url.path == "/sharing/share-offsite/"
    assert parse_qsl(url.query) == [("url", found.credential_id)]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_snippet_is_a_link_with_a_picture_that_has_words(mint: Mint) -> None:
    profiles.register(
        mint,
        b'slug = "example-education"\nname = "A <b>\\"quoted\\"</b> & Co"\ndescription = "Sample."\n'
        b'monogram = "EX"\nsample = true\nsuspension = true\n',
        name="issuer",
        now=NOW,
    )
    found = issued(mint)
    tags = _Tags()
    tags.feed(sharing.snippet_html(mint, found.key))
    (link, link_values), (image, values) = tags.found
    assert (link, link_values["href"]) == ("a", found.credential_id)
    assert (image, values["src"]) == ("img", f"{found.credential_id}.png")
    assert (values["alt"] or "").startswith('Adult SEL 1: Self-Awareness, A <b>"quoted"</b> & Co.')


def test_the_frame_is_named_and_of_its_size(mint: Mint) -> None:
    found = issued(mint)
    tags = _Tags()
    tags.feed(sharing.embed_html(mint, found.key))
    ((tag, values),) = tags.found
    assert (tag, values["src"]) == ("iframe", f"{mint.public_url}/embed/{found.key}")
    assert (values["width"], values["height"]) == ("320", "120")
    assert values["title"]


def test_one_line_for_a_resume(mint: Mint) -> None:
    found = issued(mint, awarded_at=datetime(2026, 2, 27, tzinfo=UTC))
    assert sharing.text_line(mint, found.key) == (
        f"Adult SEL 1: Self-Awareness, Example Education Association, February 2026, {found.credential_id}"
    )


def test_search_engines_are_let_in_and_out_and_it_is_written_down(mint: Mint) -> None:
    key = issued(mint).key
    assert not sharing.is_indexed(mint, key)
    for on in (True, True, False):
        sharing.set_indexed(mint, key, on=on, now=NOW, actor="person:1")
        assert sharing.is_indexed(mint, key) is on
    with mint.db.reading() as session:
        told = [line.action for line in audit.lines(session, subject=key)]
    assert told[-2:] == ["credential.indexed", "credential.not-indexed"]
    assert told.count("credential.indexed") == 1


def test_of_nothing_nothing_is_shared(mint: Mint) -> None:
    for make in (
        sharing.add_to_profile,
        sharing.post_url,
        sharing.snippet_html,
        sharing.embed_html,
        sharing.text_line,
    ):
        with pytest.raises(NoSuchCredentialError):
            make(mint, NOBODY)
    with pytest.raises(NoSuchCredentialError):
        sharing.set_indexed(mint, NOBODY, on=True, now=NOW, actor="test")
