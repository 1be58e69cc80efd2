# SPDX-License-Identifier: Apache-2.0
"""The editor: form and text over one draft, faults with places, preview, publishing, and nothing lost."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from earning.catalogue import catalogue
from earning.catalogue.version import VersionState
from earning.programme import Programme
from service.accounts.people import Role
from tests.earning.house import somebody
from tests.earning.visits import Visitor, sign_in

MANAGER = (Role.MANAGER, "example-education")


@pytest.fixture
def manager(programme: Programme, client: FlaskClient) -> Visitor:
    return sign_in(programme, client, somebody(programme, "Mara Manager", MANAGER))


def begin(manager: Visitor, key: str = "SEL1-v1") -> str:
    """Begin a draft from a version and return its path."""
    return str(manager.post("/manage/drafts", {"from": key}).headers["Location"])


def fields(page: str) -> dict[str, str]:
    """What a browser would send of the form with fields of a draft, nothing changed."""
    form = re.search(
        r'<form action="/manage/drafts/[^"]+" method="post" class="editor"[^>]*>(.*?)</form>', page, re.S
    )
    assert form is not None
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form[1]):
        attributes = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if "checkbox" in tag and " checked" not in tag:
            continue
        if "name" in attributes:
            found[attributes["name"]] = unescape(attributes.get("value", ""))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>', form[1], re.S):
        found[name] = unescape(text)
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form[1], re.S):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', options)
        first = re.search(r'<option(?: value="([^"]*)")?>([^<]*)', options)
        picked = chosen or first
        found[name] = "" if picked is None else unescape(picked[1] if picked[1] is not None else picked[2])
    found.pop("csrf", None)
    return {unescape(name): value.replace("\n", "\r\n") for name, value in found.items()}


def form(manager: Visitor, path: str) -> dict[str, str]:
    return fields(manager.get(path).get_data(as_text=True))


def text_of(manager: Visitor, path: str) -> str:
    page = manager.get(f"{path}/text").get_data(as_text=True)
    found = re.search(r'name="source"[^>]*>\n(.*?)</textarea>', page, re.S)
    assert found is not None
    return unescape(found[1])


def words(answer: TestResponse) -> str:
    return unescape(re.sub(r"<[^>]+>", "", answer.get_data(as_text=True)))


def test_a_draft_from_a_version_has_no_faults_and_the_next_number(manager: Visitor) -> None:
    path = begin(manager)
    page = manager.get(path).get_data(as_text=True)
    assert 'id="faults"' not in page
    assert form(manager, path)["version"] == "2"
    assert "no-store" in manager.get(path).headers["Cache-Control"]


def test_saving_the_form_unchanged_keeps_every_word(programme: Programme, manager: Visitor) -> None:
    from earning.catalogue import drafts

    path = begin(manager)
    before = drafts.read(text_of(manager, path).encode())
    manager.post(path, {**form(manager, path), "do": "save"})
    assert drafts.read(text_of(manager, path).encode()) == before


def test_rows_are_added_moved_and_removed_without_losing_what_was_typed(manager: Visitor) -> None:
    path = begin(manager)
    sent = {**form(manager, path), "title": "A new title & more", "do": "add:part.0.prompt"}
    answer = manager.post(path, sent)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("#part.0.prompt.2")
    now = form(manager, path)
    assert now["title"] == "A new title & more"
    assert now["part.0.prompt.2.id"] == "prompt-1"
    first = now["part.0.prompt.0.text"]
    manager.post(path, {**now, "part.0.prompt.2.text": "Third?", "do": "up:part.0.prompt.1"})
    now = form(manager, path)
    assert now["part.0.prompt.1.text"] == first
    manager.post(path, {**now, "do": "remove:part.0.prompt.0"})
    now = form(manager, path)
    assert [now["part.0.prompt.0.text"], now["part.0.prompt.1.text"]] == [first, "Third?"]
    assert "part.0.prompt.2.text" not in now


@pytest.mark.parametrize(
    "act",
    ["add:part.99.prompt", "remove:part.77", "up:criterion.0", "down:scale.9", "add:../../x", "remove:title"],
)
def test_a_button_that_fits_nothing_does_nothing(manager: Visitor, act: str) -> None:
    path = begin(manager)
    before = form(manager, path)
    assert manager.post(path, {**before, "do": act}).status_code == 303
    after = form(manager, path)
    assert {**after, "revision": ""} == {**before, "revision": ""}


def test_every_list_can_grow_and_every_fault_is_listed_with_a_link(manager: Visitor) -> None:
    path = begin(manager)
    for name in ("method.components", "research", "resource", "part", "scale", "criterion", "alignment"):
        manager.post(path, {**form(manager, path), "do": f"add:{name}"})
    manager.post(path, {**form(manager, path), "title": "", "hours.min": "twelve", "do": "save"})
    page = manager.get(path).get_data(as_text=True)
    places = re.findall(r'<li><a href="#([^"]+)">', page)
    for place in ("title", "hours.min", "method.components.4.title", "research.1.cite"):
        assert place in places
    for place in ("scale.2.levels", "criterion.5.title", "criterion.5.descriptor.Basic", "alignment.0.name"):
        assert place in places
    for place in places:
        assert f'id="{place}"' in page, place
    assert "Publish SEL1" not in page


def test_a_part_that_gets_another_name_takes_its_criteria_along(manager: Visitor) -> None:
    path = begin(manager)
    sent = form(manager, path)
    manager.post(path, {**sent, "part.1.id": "evidence", "scale.0.id": "levels", "do": "save"})
    now = form(manager, path)
    assert now["criterion.1.part"] == "evidence"
    assert now["criterion.1.scale"] == "levels"
    assert 'id="faults"' not in manager.get(path).get_data(as_text=True)


def test_text_and_form_show_one_draft(manager: Visitor) -> None:
    path = begin(manager)
    text = text_of(manager, path).replace("Adult SEL 1: Self-Awareness", "Über «Ich»")
    manager.post(f"{path}/text", {"revision": "1", "source": text})
    assert form(manager, path)["title"] == "Über «Ich»"


def test_a_text_that_is_no_toml_is_kept_and_its_line_named(manager: Visitor) -> None:
    path = begin(manager)
    manager.post(f"{path}/text", {"revision": "1", "source": 'title = "half\n# my note'})
    page = words(manager.get(path))
    assert "not TOML" in page
    assert "line 1" in page
    assert "# my note" in text_of(manager, path)
    assert manager.get(f"{path}/preview").status_code == 303


def test_a_text_with_an_unknown_key_is_not_forced_into_the_form(manager: Visitor) -> None:
    path = begin(manager)
    manager.post(f"{path}/text", {"revision": "1", "source": 'colour = "red"\n' + text_of(manager, path)})
    assert "colour is nothing that the form knows" in words(manager.get(path))
    assert 'class="editor"' not in manager.get(path).get_data(as_text=True)


def test_stale_edits_are_refused_with_both_texts(manager: Visitor) -> None:
    path = begin(manager)
    old = form(manager, path)
    manager.post(path, {**old, "title": "The first one", "do": "save"})
    answer = manager.post(path, {**old, "title": "The second one", "do": "save"})
    assert answer.status_code == 409
    assert "The first one" in words(answer)
    assert "The second one" in words(answer)
    assert form(manager, path)["title"] == "The first one"
    mine = re.search(r'name="source"[^>]*>\n(.*?)</textarea>', answer.get_data(as_text=True), re.S)
    assert mine is not None
    manager.post(f"{path}/text", {"revision": "2", "source": unescape(mine[1])})
    assert form(manager, path)["title"] == "The second one"


def test_the_preview_is_the_page_of_the_catalogue(manager: Visitor, client: FlaskClient) -> None:
    path = begin(manager)
    preview = manager.get(f"{path}/preview").get_data(as_text=True)
    public = client.get("/catalogue/SEL1").get_data(as_text=True)

    def rubric(page: str) -> str:
        return page.split('id="rubric"')[1].split("</section>", maxsplit=1)[0]

    assert rubric(preview) == rubric(public)
    assert "This is a preview" in preview
    assert manager.get(f"{path}/image.svg").mimetype == "image/svg+xml"


def test_publishing_opens_the_new_version_and_closes_the_older_one(
    programme: Programme, manager: Visitor, client: FlaskClient
) -> None:
    path = begin(manager)
    manager.post(path, {**form(manager, path), "title": "Second edition", "do": "save"})
    answer = manager.post(f"{path}/publish", {"revision": "2", "version": "2", "sure": "2"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/manage/catalogue/SEL1?published=2#published"
    assert "Version 2 is published." in words(manager.get("/manage/catalogue/SEL1?published=2"))
    assert "is published." not in words(manager.get("/manage/catalogue/SEL1?published=7"))
    with programme.db.reading() as session:
        assert catalogue.get(session, "SEL1-v2").is_open
        assert catalogue.get(session, "SEL1-v1").state is VersionState.CLOSED
    page = client.get("/catalogue/SEL1").get_data(as_text=True)
    assert "Second edition" in page
    older = words(client.get("/catalogue/SEL1?version=1"))
    assert "keep this version until their due date" in older
    assert client.get("/achievements/SEL1-v2/image.svg").status_code == 200
    again = manager.post(f"{path}/publish", {"revision": "2", "version": "3", "sure": "3"})
    assert again.status_code == 409
    assert manager.post(path, {"revision": "2", "title": "x"}).status_code == 409


@pytest.mark.parametrize(("version", "says"), [("1", "higher number"), ("0.9", "higher"), ("two", "number")])
def test_a_version_number_must_be_new(manager: Visitor, version: str, says: str) -> None:
    path = begin(manager)
    answer = manager.post(f"{path}/publish", {"revision": "1", "version": version, "sure": version})
    assert answer.status_code == 422
    assert says in words(answer)


@pytest.mark.parametrize("sure", ["", "2"])
def test_publishing_needs_the_tick_for_this_very_number(
    programme: Programme, manager: Visitor, sure: str
) -> None:
    path = begin(manager)
    assert "Publish version 2 for everybody; version 1 closes to new applicants" in words(manager.get(path))
    answer = manager.post(f"{path}/publish", {"revision": "1", "version": "2.5", "sure": sure})
    assert answer.status_code == 422
    assert "Nothing was published yet. Tick the box" in words(answer)
    assert "Publish version 2.5 for everybody" in words(answer)
    assert catalogue.current(programme, "SEL1").version == "1"


@pytest.mark.parametrize(("go", "there"), [("text", "/text"), ("preview", "/preview"), ("form", "")])
def test_a_tab_saves_what_was_typed_and_goes_there(manager: Visitor, go: str, there: str) -> None:
    path = begin(manager)
    answer = manager.post(path, {**form(manager, path), "title": "Typed just now", "go": go})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{path}{there}?saved=1#saved")
    page = manager.get(f"{path}{there}?saved=1").get_data(as_text=True)
    assert "Typed just now" in page
    assert 'id="saved"' in page
    text = text_of(manager, path).replace("Typed just now", "Typed as text")
    answer = manager.post(f"{path}/text", {"revision": "2", "source": text, "go": go})
    assert answer.headers["Location"] == f"{path}{there}?saved=1#saved"
    assert form(manager, path)["title"] == "Typed as text"


def test_the_tabs_of_a_form_are_buttons_and_enter_still_saves(manager: Visitor) -> None:
    path = begin(manager)
    for there, others in (("", ["text", "preview"]), ("/text", ["form", "preview"])):
        page = manager.get(path + there).get_data(as_text=True)
        assert re.findall(r'form="draft-form" name="go" value="([a-z]+)"', page) == others
        first = re.search(r'<button[^>]*(?:form="draft-form")[^>]*>', page)
        assert first is not None
        assert 'name="do" value="save" hidden' in first[0]
    assert 'name="go"' not in manager.get(f"{path}/preview").get_data(as_text=True)


def test_a_tab_loses_nothing_of_a_draft_with_faults_or_a_stale_one(manager: Visitor) -> None:
    path = begin(manager)
    old = form(manager, path)
    manager.post(path, {**old, "title": "", "competency": "Half of it", "go": "text"})
    assert 'id="faults"' in manager.get(f"{path}/text").get_data(as_text=True)
    assert "Half of it" in text_of(manager, path)
    answer = manager.post(path, {**old, "title": "The second one", "go": "preview"})
    assert answer.status_code == 409
    assert "The second one" in words(answer)
    manager.post(f"{path}/text", {"revision": "2", "source": 'title = "half', "go": "form"})
    assert "cannot be shown as a form" in words(manager.get(path))
    assert 'title = "half' in text_of(manager, path)


def test_an_unfinished_draft_is_not_published(programme: Programme, manager: Visitor) -> None:
    path = begin(manager)
    manager.post(path, {**form(manager, path), "competency": "", "do": "save"})
    sent = {"revision": "2", "version": "2", "sure": "2"}
    assert manager.post(f"{path}/publish", sent).status_code == 422
    assert catalogue.current(programme, "SEL1").version == "1"


def test_a_new_micro_credential_begins_blank(programme: Programme, manager: Visitor) -> None:
    answer = manager.post("/manage/drafts", {"code": "new1", "issuer": "example-education"})
    path = str(answer.headers["Location"])
    sent = form(manager, path)
    assert sent["code"] == "NEW1"
    filled = {name: value or "Filled" for name, value in sent.items()}
    for name in sent:
        if name.endswith((".low", ".high")):
            filled[name] = "100"
    filled |= {"title": "Brand new", "stacks.SEL": "yes", "keywords": "fresh", "do": "save"}
    filled |= {f"criterion.0.descriptor.{level}": "Seen." for level in ("Developing", "Basic", "Proficient")}
    filled["first_stacks"] = ""
    manager.post(path, filled)
    answer = manager.post(f"{path}/publish", {"revision": "2", "version": "1", "sure": "1"})
    assert answer.status_code == 303, words(answer)
    assert catalogue.current(programme, "NEW1").title == "Brand new"


@pytest.mark.parametrize(
    ("code", "says"), [("SEL1", "taken by your"), ("TPT1", "taken by another"), ("a b", "capitals")]
)
def test_a_code_must_be_free(manager: Visitor, code: str, says: str) -> None:
    answer = manager.post("/manage/drafts", {"code": code, "issuer": "example-education"})
    assert answer.status_code == 422
    assert says in words(answer)


def test_a_version_goes_into_revision_with_a_reason_and_back(manager: Visitor, client: FlaskClient) -> None:
    sent = {"key": "SEL1-v1", "state": "revision", "note": "New research <b>comes</b>."}
    assert manager.post("/manage/catalogue/SEL1/state", sent).status_code == 303
    page = client.get("/catalogue/SEL1").get_data(as_text=True)
    assert "New research &lt;b&gt;comes&lt;/b&gt;." in page
    assert "/catalogue/SEL1/apply" not in page
    again = manager.post("/manage/catalogue/SEL1/state", sent)
    assert again.status_code == 409
    manager.post("/manage/catalogue/SEL1/state", {"key": "SEL1-v1", "state": "open"})
    assert "/catalogue/SEL1/apply" in client.get("/catalogue/SEL1").get_data(as_text=True)
    wrong = {"key": "TRA1-v1", "state": "closed"}
    assert manager.post("/manage/catalogue/SEL1/state", wrong).status_code == 404


def test_a_draft_is_thrown_away(manager: Visitor) -> None:
    path = begin(manager)
    assert manager.post(f"{path}/discard", {}).status_code == 303
    assert manager.get(path).status_code == 404


def test_drafts_versions_and_portals_of_others_do_not_exist(
    programme: Programme, client: FlaskClient
) -> None:
    own = sign_in(programme, client, somebody(programme, "Mara Manager", MANAGER))
    path = begin(own)
    other = sign_in(programme, client, somebody(programme, "Olga Other", (Role.MANAGER, "example-state")))
    for there in ("", "/text", "/preview", "/image.svg"):
        assert other.get(path + there).status_code == 404
    for there in ("", "/text", "/publish", "/discard"):
        assert other.post(path + there, {"revision": "1", "version": "2"}).status_code == 404
    assert other.get("/manage/catalogue/SEL1").status_code == 404
    assert (
        other.post("/manage/catalogue/SEL1/state", {"key": "SEL1-v1", "state": "closed"}).status_code == 404
    )
    assert other.post("/manage/drafts", {"from": "SEL1-v1"}).status_code == 404
    assert other.post("/manage/drafts", {"code": "X9", "issuer": "example-education"}).status_code == 404
    assert other.get("/manage/portals/wa").status_code == 404
    assert other.post("/manage/portals/wa", {"source": "x", "revision": "1"}).status_code == 404
    assert "SEL1" not in words(other.get("/manage/catalogue"))


def test_educators_and_reviewers_stay_outside(programme: Programme, client: FlaskClient) -> None:
    for roles in ((), ((Role.REVIEWER, "example-education"),)):
        visitor = sign_in(programme, client, somebody(programme, f"E{len(roles)} Somebody", *roles))
        assert visitor.get("/manage/catalogue").status_code == 403
        assert visitor.post("/manage/drafts", {"from": "SEL1-v1"}).status_code == 403
        assert visitor.get("/manage/portals/wa").status_code == 403


def test_naughty_strings_stay_text_everywhere(manager: Visitor) -> None:
    """W5: what somebody writes is never markup, here and on the public page."""
    path = begin(manager)
    nasty = "<script>alert(1)</script>\"'>{{ 7*7 }} <img src=x onerror=alert(1)>"
    sent = form(manager, path)
    naughty = {
        name: f"{value} {nasty}"
        for name, value in sent.items()
        if name.endswith((".text", ".title", "title", "competency", ".cite", "method.key"))
        or ".descriptor." in name
    }
    manager.post(path, {**sent, **naughty, "do": "save"})
    for there in ("", "/text", "/preview"):
        page = manager.get(path + there).get_data(as_text=True)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "49" not in re.sub(r"[^{}0-9 ]", "", page.split("{{ 7*7 }}")[1][:20])
    assert 'id="faults"' not in manager.get(path).get_data(as_text=True)


def test_an_affiliate_officer_edits_the_portal_with_preview(
    programme: Programme, client: FlaskClient
) -> None:
    officer = sign_in(
        programme, client, somebody(programme, "Avery Affiliate", (Role.AFFILIATE, "example-wa"))
    )
    assert "Washington" in words(officer.get("/manage/catalogue"))
    page = officer.get("/manage/portals/wa").get_data(as_text=True)
    found = re.search(r'name="source"[^>]*>\n(.*?)</textarea>', page, re.S)
    assert found is not None
    source = unescape(found[1])
    assert "\n[[season]]" not in source
    changed = source.replace("Washington sample portal", "Evergreen <i>portal</i>")
    preview = officer.post("/manage/portals/wa", {"source": changed, "revision": "1", "do": "preview"})
    assert "Evergreen &lt;i&gt;portal" in preview.get_data(as_text=True)
    assert "Evergreen" not in client.get("/wa").get_data(as_text=True)
    saved = officer.post("/manage/portals/wa", {"source": changed, "revision": "1", "do": "save"})
    assert saved.status_code == 303
    assert "Evergreen &lt;i&gt;portal" in client.get("/wa").get_data(as_text=True)
    stale = officer.post("/manage/portals/wa", {"source": source, "revision": "1", "do": "save"})
    assert stale.status_code == 409
    wrong = officer.post("/manage/portals/wa", {"source": "slug = 5 # note", "revision": "2", "do": "save"})
    assert wrong.status_code == 422
    assert "# note" in words(wrong)
    moved = changed.replace('slug = "wa"', 'slug = "vt"')
    assert officer.post("/manage/portals/wa", {"source": moved, "revision": "2"}).status_code == 422
    assert officer.get("/manage/portals/vt").status_code == 404


def test_a_large_rubric_fits_the_form(manager: Visitor) -> None:
    path = begin(manager)
    for _ in range(18):
        manager.post(path, {**form(manager, path), "do": "add:criterion"})
    sent = form(manager, path)
    assert len(sent) > 150
    assert manager.post(path, {**sent, "title": "Large", "do": "save"}).status_code == 303
    assert form(manager, path)["title"] == "Large"
