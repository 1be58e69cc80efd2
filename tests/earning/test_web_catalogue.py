# SPDX-License-Identifier: Apache-2.0
"""The public pages: catalogue, micro-credential, comparison, portals, help. No cookie, no script, no 5xx."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from earning.catalogue import gateway
from earning.catalogue.questions import PER_HOUR, PER_NETWORK
from earning.programme import Programme
from issuer import achievements
from service import mail

HOSTILE = (
    "%00",
    "\0",
    "%25",
    "'; DROP TABLE earning_versions;--",
    '"><script>alert(1)</script>',
    "{{7*7}}",
    "x" * 5000,
    "9" * 400,
    "-1",
    "٣",
    "\ud7ff\uffff",
    "../../etc/passwd",
    "\u202e",
)
FIELDS = (
    "q",
    "stack",
    "audience",
    "hours",
    "students",
    "language",
    "recognised",
    "after",
    "before",
    "view",
    "code",
    "version",
)


def words(answer: TestResponse) -> str:
    return unescape(re.sub(r"<[^>]+>", "", answer.get_data(as_text=True)))


@pytest.mark.parametrize(
    "path", ["/catalogue", "/catalogue/SEL1", "/catalogue/compare?code=SEL1", "/wa", "/help"]
)
def test_public_pages_are_alike_for_everybody_and_kept_for_seconds(client: FlaskClient, path: str) -> None:
    plain = client.get(path)
    assert plain.status_code == 200
    assert "Set-Cookie" not in plain.headers
    assert "Cookie" not in plain.headers.get("Vary", "")
    assert re.fullmatch(r"public, max-age=[1-9][0-9]?", plain.headers["Cache-Control"])
    client.set_cookie("hallmark-session", "anything")
    assert client.get(path).get_data() == plain.get_data()
    assert client.get(path, headers={"If-None-Match": plain.headers["ETag"]}).status_code == 304


def test_e5_everything_is_read_before_applying(programme: Programme, client: FlaskClient) -> None:
    text = achievements.get(programme.mint, "DECC1-v2").micro_credential
    page = words(client.get("/catalogue/DECC1"))
    for criterion in text.criteria:
        for name, descriptor in criterion.levels:
            assert name in page
            assert descriptor in page
    for part in text.parts:
        for prompt in part.prompts:
            assert prompt.text in page
        for artefact in part.artefacts:
            assert artefact.text in page
    assert text.competency in page
    assert "an estimate" in page
    assert "six calendar months" in page


def test_the_worth_is_told_with_source_and_doubt(client: FlaskClient) -> None:
    page = words(client.get("/catalogue/DECC1"))
    assert "unverified" in page
    assert "Source:" in page
    assert "no hours and no points" in page
    assert "on its Equity list" in page


def test_e30_both_versions_have_a_page(client: FlaskClient) -> None:
    newest, older = client.get("/catalogue/DECC1"), client.get("/catalogue/DECC1?version=1")
    assert "/catalogue/DECC1/apply" in newest.get_data(as_text=True)
    assert "/catalogue/DECC1/apply" not in older.get_data(as_text=True)
    assert "keep this version until their due date" in words(older)
    assert client.get("/catalogue/DECC1?version=9").status_code == 404


@pytest.mark.parametrize("code", ["NOPE", "sel1", "SEL1'", "A" * 300, "%00", "..%2f", "SEL1%20"])
def test_what_is_not_there_is_not_found(client: FlaskClient, code: str) -> None:
    assert client.get(f"/catalogue/{code}").status_code == 404


def test_e1_search_and_filters_are_plain_links_and_forms(client: FlaskClient) -> None:
    page = client.get("/catalogue?q=self&stack=SEL").get_data(as_text=True)
    assert 'method="get"' in page
    assert "<script" not in page
    assert re.search(r'<option value="SEL" selected>Adult Social Emotional Learning \(\d+\)', page)
    assert 'href="/catalogue?stack=SEL"' in page  # takes the words away


def test_nothing_found_leads_on(client: FlaskClient) -> None:
    page = client.get("/catalogue?q=zzz&stack=SEL").get_data(as_text=True)
    assert "Nothing matches" in page
    assert re.search(r'<a href="/catalogue">see all \d+</a>', page)


def test_the_printed_list_has_everything(client: FlaskClient) -> None:
    page = client.get("/catalogue?view=print").get_data(as_text=True)
    assert page.count('<th scope="row">') >= 25


def test_the_comparison_takes_four_and_says_what_it_left_out(client: FlaskClient) -> None:
    query = "&".join(f"code={code}" for code in ("SEL1", "TRA1", "DECC1", "CM1", "FE1", "SEL1", "x"))
    page = words(client.get(f"/catalogue/compare?{query}"))
    assert "FE1 is left out" in page
    assert "Choose up to 4" in words(client.get("/catalogue/compare"))


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", HOSTILE)
def test_no_address_breaks_the_catalogue(client: FlaskClient, field: str, value: str) -> None:
    for path in ("/catalogue", "/catalogue/SEL1", "/catalogue/compare", "/help", "/wa"):
        answer = client.get(path, query_string={field: value})
        assert answer.status_code in (200, 404)
        assert "<script>alert" not in answer.get_data(as_text=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(query=st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=40), max_size=6))
def test_no_combination_breaks_it(client: FlaskClient, query: dict[str, str]) -> None:
    assert client.get("/catalogue", query_string=query).status_code == 200


def test_e3_a_portal_shows_its_lists_first_and_all_others_stay_reachable(client: FlaskClient) -> None:
    page = client.get("/wa").get_data(as_text=True)
    shown = words(client.get("/wa"))
    for title in (
        "For substitute educators",
        "For paraeducators",
        "For educational staff associates",
        "STEM list",
        "Equity list",
    ):
        assert title in shown
    assert re.search(r'<a href="/catalogue">All \d+ micro-credentials</a>', page)
    assert "/catalogue?recognised=wa-stem" in page


def test_e4_each_portal_has_its_own_steps_and_contacts(programme: Programme, client: FlaskClient) -> None:
    shown = {slug: words(client.get(f"/{slug}")) for slug in ("wa", "vt", "ma", "nh")}
    for slug, portal in gateway.every(programme).items():
        for step in portal.steps:
            assert step.title in shown[slug]
        for contact in portal.contacts:
            assert contact.email in shown[slug]
    assert "clock-hours@wa-education.example" not in shown["vt"]


def test_a_season_that_is_over_is_folded_away(programme: Programme) -> None:
    page = gateway.portal_page(programme, "wa", today=date(2026, 11, 22))
    assert [each.id for each in page.past] == ["wa/2023-24"]
    assert page.seasons[0].id == "wa/2026-27"


@pytest.mark.parametrize("path", ["/xx", "/favicon.ico", "/WA", "/" + "a" * 400, "/%00"])
def test_other_addresses_are_not_portals(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "There is no page here" in words(answer)


def question(**changes: str) -> dict[str, str]:
    fields = {
        "portal": "wa",
        "topic": "clock-hours",
        "email": "ada@teachers.example",
        "text": "When?\r\nWhere?",
    }
    return {**fields, **changes}


@pytest.mark.parametrize(
    ("topic", "to"),
    [
        ("technical-help", "help@wa-education.example"),
        ("clock-hours", "clock-hours@wa-education.example"),
        ("content-support", "micro-credentials@wa-education.example"),
    ],
)
def test_e18_each_channel_gets_its_own_questions(
    programme: Programme, client: FlaskClient, topic: str, to: str
) -> None:
    answer = client.post("/help", data=question(topic=topic))
    assert answer.status_code == 200
    assert "on its way" in words(answer)
    with programme.db.reading() as session:
        sent = mail.listing(session, limit=9)
    assert [each.address for each in sent] == [to]
    assert "Set-Cookie" not in answer.headers


def test_without_a_portal_the_programme_answers(programme: Programme, client: FlaskClient) -> None:
    answer = client.post("/help", data=question(portal="", topic="accessibility"))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"topic": ""},
        {"topic": "nothing"},
        {"email": "nobody"},
        {"email": "a@b.example\r\nBcc: c@d.example"},
        {"text": "  "},
        {"text": "x" * 5001},
    ],
)
def test_a_question_that_lacks_something_keeps_what_was_typed(
    client: FlaskClient, wrong: dict[str, str]
) -> None:
    answer = client.post("/help", data=question(**wrong))
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "was not sent yet" in page
    if "text" not in wrong:
        assert "When?\nWhere?" in unescape(page)


def test_a_question_is_text_and_nothing_else(programme: Programme, client: FlaskClient) -> None:
    answer = client.post("/help", data=question(text="<script>alert(1)</script>\0{{ 7*7 }}"))
    assert answer.status_code == 200
    assert "<script>alert" not in answer.get_data(as_text=True)


def test_a_mailbox_is_not_filled_through_ours(client: FlaskClient) -> None:
    for _ in range(PER_HOUR):
        assert client.post("/help", data=question()).status_code == 200
    assert client.post("/help", data=question(email="ADA@teachers.example")).status_code == 422
    assert client.post("/help", data=question(email="ben@teachers.example")).status_code == 200


def test_one_network_asks_a_few_times_an_hour_whatever_addresses_it_gives(client: FlaskClient) -> None:
    network = {"REMOTE_ADDR": "203.0.113.9"}
    codes = []
    for number in range(PER_NETWORK.most + 1):
        form = question(email=f"q{number}@teachers.example")
        codes.append(client.post("/help", data=form, environ_base=network).status_code)
    assert codes == [200] * PER_NETWORK.most + [422]
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    assert client.post("/help", data=question(), environ_base=elsewhere).status_code == 200


def test_a_page_of_another_site_sends_no_question(client: FlaskClient) -> None:
    answer = client.post("/help", data=question(), headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
