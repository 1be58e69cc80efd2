# SPDX-License-Identifier: Apache-2.0
"""An educator's pages without scripts: applying, writing, adding, sending in; and what strangers try."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from earning.catalogue import catalogue
from earning.catalogue.version import VersionState
from earning.programme import Programme
from earning.store import work as rows
from earning.work.applications import State
from earning.work.submissions import ANSWER_CHARS
from earning.work.work import workplace
from service import mail
from service.accounts.people import Person
from tests.earning.house import NOW, somebody
from tests.earning.uploads import jpeg
from tests.earning.visits import BROWSER, COOKIE, Visitor, sign_in
from tests.earning.working import ANSWERS, TEXT, apply, fresh, put, season, send, sent_in, upload, write


@pytest.fixture
def alex(programme: Programme) -> Person:
    return somebody(programme, state="WA")


@pytest.fixture
def visitor(programme: Programme, client: FlaskClient, alex: Person) -> Visitor:
    return sign_in(programme, client, alex)


def texts(answers: dict[str, str], base: int = 0) -> dict[str, str]:
    """Fields of a form with ``answers``."""
    return {f"a:{place}": text for place, text in answers.items()} | {
        f"r:{place}": str(base) for place in answers
    }


def part(number: int) -> dict[str, str]:
    return {place: text for place, text in ANSWERS.items() if place.startswith(f"part-{number}/")}


# -- the whole way ----------------------------------------------------------------------------------------


def test_e8_e13_e19_the_whole_way_works_with_forms_alone(
    programme: Programme, visitor: Visitor, alex: Person
) -> None:
    page = visitor.get("/catalogue/SEL1/apply")
    assert page.status_code == 200
    assert "It costs nothing" in page.text
    made = visitor.post("/catalogue/SEL1/apply", {"zone": "America/New_York", "season": ""})
    assert made.status_code == 303
    path = made.location.partition("?")[0]
    assert "Begin" in visitor.get("/work").text
    for number in (1, 2, 3):
        shown = visitor.get(f"{path}/parts/part-{number}")
        assert shown.status_code == 200
        saved = visitor.post(f"{path}/parts/part-{number}", texts(part(number)))
        assert saved.status_code == 303
    page = visitor.get(f"{path}/submit")
    assert "Everything is there" in page.text
    stated = {"students": "yes", "own_work": "yes", "judged": "yes", "ai": "none", "revision": "1"}
    sent = visitor.post(f"{path}/submit", stated)
    assert sent.status_code == 303, sent.text
    assert sent.location == f"{path}?done=sent"
    assert "with the reviewers" in visitor.get(path).text
    assert ANSWERS["part-1/context"] in visitor.get(f"{path}/sent/1").text
    with programme.db.reading() as session:
        mails = mail.listing(session, limit=10, person=alex.id)
    assert [each.kind for each in mails] == ["received", "applied"]


@pytest.mark.parametrize(
    "ending",
    ["", "/parts/part-1", "/parts/part-2", "/add?place=part-2/journal", "/submit", "/feedback", "/withdraw",
     "/reminders", "/sent/1"],
)  # fmt: skip
def test_every_page_of_ones_own_work_opens_and_is_kept_nowhere(
    programme: Programme, client: FlaskClient, ending: str
) -> None:
    alex, application, _ = sent_in(programme)
    page = sign_in(programme, client, alex).get(f"/work/{application.id}{ending}")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/work", "/awards", "/goals", "/catalogue/apply?code=SEL1&code=SEL2"])
def test_the_overviews_open(visitor: Visitor, path: str) -> None:
    page = visitor.get(path)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"


# -- applying ---------------------------------------------------------------------------------------------


def test_several_at_once_and_twice_is_once(programme: Programme, visitor: Visitor, alex: Person) -> None:
    fields = {"zone": "America/New_York", "with-SEL1": "yes", "with-SEL2": "yes"}
    for _ in range(2):
        made = visitor.post("/catalogue/apply?code=SEL1&code=SEL2&code=SEL3", fields)
        assert made.location == "/work?done=applied"
    with programme.db.reading() as session:
        assert {each.version for each in rows.of_person(session, alex.id)} == {"SEL1-v1", "SEL2-v1"}


def test_e29_e30_what_is_closed_or_for_others_is_refused_with_the_reason(
    programme: Programme, visitor: Visitor
) -> None:
    refused = visitor.post("/catalogue/PGC1/apply", {"zone": "America/New_York"})
    assert refused.status_code == 409
    assert "education support professionals" in refused.text
    catalogue.set_state(programme, "SEL3-v1", VersionState.REVISION, now=NOW, actor="test")
    refused = visitor.post("/catalogue/SEL3/apply", {"zone": "America/New_York"})
    assert refused.status_code == 409
    assert "closed to new applicants" in refused.text
    assert visitor.get("/catalogue/SEL3/apply").status_code == 200
    assert visitor.get("/catalogue/NO1/apply").status_code == 404


@pytest.mark.parametrize("changes", [{"zone": "Mars/Base"}, {"season": "wa/never"}])
def test_an_unknown_season_or_zone_is_refused(visitor: Visitor, changes: dict[str, str]) -> None:
    answer = visitor.post("/catalogue/SEL1/apply", {"zone": "America/New_York", **changes})
    assert answer.status_code == 422
    assert "from the list" in answer.text


def test_the_season_of_ones_own_state_is_offered_first_with_what_it_means(
    programme: Programme, visitor: Visitor
) -> None:
    mine = season(programme, last=NOW.date() + timedelta(days=60))
    page = visitor.get("/catalogue/SEL1/apply").text
    assert page.index(f'value="{mine.id}"') < page.index('name="season" value=""')
    assert "because it comes first" in page


def test_nobody_chooses_columns_by_fields_of_a_form(
    programme: Programme, visitor: Visitor, alex: Person
) -> None:
    extra = {"state": "passed", "award": "1", "due_at": "2099-01-01", "person": "x", "shows_name": "yes"}
    visitor.post("/catalogue/SEL1/apply", {"zone": "America/New_York", **extra})
    with programme.db.reading() as session:
        made = rows.of_person(session, alex.id)[0]
    assert (made.state, made.award, made.person, made.shows_name) == (State.DRAFT, None, alex.id, False)
    assert made.due_at < NOW + timedelta(days=190)


# -- what strangers try -----------------------------------------------------------------------------------

PIECE = "00000000-0000-4000-8000-000000000000"


def paths(id: str, piece: str) -> list[tuple[str, str]]:
    """Every route about one application."""
    base = f"/work/{id}"
    reading = ["", "/calendar.ics", "/sent/1", "/withdraw", "/reminders", "/parts/part-1", "/submit",
               "/feedback", "/add?place=part-2/journal",
               f"/artefacts/{piece}", f"/artefacts/{piece}/file"]  # fmt: skip
    writing = ["/withdraw", "/reminders", "/parts/part-1", "/answers", "/submit", "/take-back", "/feedback",
               "/add", f"/artefacts/{piece}", f"/artefacts/{piece}/remove"]  # fmt: skip
    return [("GET", base + each) for each in reading] + [("POST", base + each) for each in writing]


def test_the_list_of_routes_is_whole(client: FlaskClient) -> None:
    known = {
        (method, path.replace("ID", "<uuid:id>").replace(PIECE, "<uuid:piece>").partition("?")[0])
        for method, path in paths("ID", PIECE)
    }
    known = {
        (method, path.replace("/parts/part-1", "/parts/<part>").replace("/sent/1", "/sent/<int:number>"))
        for method, path in known
    }
    routes = {
        (method, rule.rule)
        for rule in client.application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/work/<uuid:id>")
    }
    assert routes == known


@pytest.mark.parametrize("place", range(len(paths("", ""))))
def test_w1_somebody_elses_work_is_not_there(
    programme: Programme, client: FlaskClient, visitor: Visitor, place: int
) -> None:
    bea = somebody(programme, "Bea Educator")
    application = apply(programme, bea)
    piece = upload(programme, application)
    method, path = paths(application.id, piece.id)[place]
    fields = {**texts({"part-1/context": "Mine now."}), "place": "part-1/context", "text": "x",
              "typed": "SEL1", "wanted": "no", "description": "x", "url": "https://a.example/x"}  # fmt: skip
    if path.endswith("/add"):
        fields["place"] = "part-2/plan"
    answer = visitor.get(path) if method == "GET" else visitor.post(path, fields)
    assert answer.status_code == 404
    unknown = path.replace(application.id, PIECE).replace(piece.id, PIECE)
    missing = visitor.get(unknown) if method == "GET" else visitor.post(unknown, fields)
    assert missing.status_code == 404
    work = workplace(programme, application.id, person=bea.id)
    assert work.application == application
    assert not work.answers
    assert len(work.artefacts) == 1


def test_a_piece_of_another_application_is_not_there_even_ones_own(
    programme: Programme, visitor: Visitor, alex: Person
) -> None:
    first, second = apply(programme, alex, "SEL1"), apply(programme, alex, "SEL2")
    piece = upload(programme, first)
    for ending in ("", "/file"):
        assert visitor.get(f"/work/{second.id}/artefacts/{piece.id}{ending}").status_code == 404
    assert visitor.post(f"/work/{second.id}/artefacts/{piece.id}/remove").status_code == 404


def test_a_form_without_its_token_does_nothing_and_what_was_typed_comes_back(
    programme: Programme, visitor: Visitor, alex: Person
) -> None:
    application = apply(programme, alex)
    path = f"/work/{application.id}/parts/part-1"
    answer = visitor.post(path, texts({"part-1/context": "Long and dear."}), csrf="")
    assert answer.status_code == 403
    assert "Long and dear." in answer.text
    assert not workplace(programme, application.id, person=alex.id).answers


# -- writing ----------------------------------------------------------------------------------------------


def test_two_windows_lose_nothing(programme: Programme, visitor: Visitor, alex: Person) -> None:
    application = apply(programme, alex)
    path = f"/work/{application.id}/parts/part-1"
    assert visitor.post(path, texts({"part-1/context": "From the first."})).status_code == 303
    answer = visitor.post(path, texts({"part-1/context": "From the second.", "part-1/expectation": "New."}))
    assert answer.status_code == 409
    assert "From the first." in answer.text
    assert "From the second." in answer.text
    kept = workplace(programme, application.id, person=alex.id).answers
    assert kept["part-1/context"].text == "From the first."
    assert kept["part-1/expectation"].text == "New."
    assert visitor.post(path, texts({"part-1/context": "From the second."}, base=1)).status_code == 303
    kept = workplace(programme, application.id, person=alex.id).answers
    assert kept["part-1/context"].text == "From the second."


def test_what_was_not_touched_is_no_conflict(programme: Programme, visitor: Visitor, alex: Person) -> None:
    application = apply(programme, alex)
    path = f"/work/{application.id}/parts/part-1"
    page = visitor.get(path).text
    digest = page.split('name="d:part-1/context" value="')[1].split('"')[0]
    write(programme, application, {"part-1/context": "Meanwhile, on the phone."})
    fields = {**texts({"part-1/context": "", "part-1/expectation": "New."}), "d:part-1/context": digest}
    assert visitor.post(path, fields).status_code == 303
    kept = workplace(programme, application.id, person=alex.id).answers
    assert kept["part-1/context"].text == "Meanwhile, on the phone."


def test_a_huge_text_is_refused_with_a_sentence_and_stays_in_the_field(
    programme: Programme, visitor: Visitor, alex: Person
) -> None:
    application = apply(programme, alex)
    huge = "wort " * (ANSWER_CHARS // 4)
    answer = visitor.post(
        f"/work/{application.id}/parts/part-1",
        texts({"part-1/context": huge, "part-1/expectation": "Short."}),
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    assert huge in answer.text
    assert f"up to {ANSWER_CHARS:,} are kept" in answer.text
    kept = workplace(programme, application.id, person=alex.id).answers
    assert set(kept) == {"part-1/expectation"}


def test_what_came_after_the_last_second_is_shown_again(
    programme: Programme, visitor: Visitor, alex: Person
) -> None:
    application = put(programme, apply(programme, alex), due_at=NOW - timedelta(days=2))
    answer = visitor.post(
        f"/work/{application.id}/parts/part-1", texts({"part-1/context": "A second too late."})
    )
    assert answer.status_code == 409
    assert "A second too late." in answer.text
    assert "ask for more time" in answer.text


def test_the_script_saves_one_answer(programme: Programme, visitor: Visitor, alex: Person) -> None:
    application = apply(programme, alex)
    path = f"/work/{application.id}/answers"
    fields = {"place": "part-1/context", "text": "Two words.", "base": "0"}
    saved = visitor.post(path, fields, Accept="application/json")
    assert saved.status_code == 200
    assert (saved.json or {})["revision"] == 1
    assert (saved.json or {})["words"] == 2
    conflict = visitor.post(path, {**fields, "text": "Other."}, Accept="application/json")
    assert conflict.status_code == 409
    assert conflict.json == {"theirs": "Two words.", "revision": 1}
    long = visitor.post(path, {**fields, "text": "x" * 40_000, "base": "1"}, Accept="application/json")
    assert long.status_code == 422
    assert (long.json or {})["code"] == "work.too-long"
    for place in ("part-9/none", "reply/anything", "", "../x"):
        wrong = visitor.post(path, {**fields, "place": place}, Accept="application/json")
        assert wrong.status_code == 422


def test_the_script_needs_the_token_and_a_sign_in(
    programme: Programme, visitor: Visitor, client: FlaskClient, alex: Person
) -> None:
    application = apply(programme, alex)
    path = f"/work/{application.id}/answers"
    fields = {"place": "part-1/context", "text": "x", "base": "0"}
    assert visitor.post(path, fields, csrf="", Accept="application/json").status_code == 403
    header = visitor.post(
        path, fields, csrf="", **{"Accept": "application/json", "X-CSRF-Token": visitor.csrf}
    )
    assert header.status_code == 200
    stranger = client.post(
        path, data=fields, headers={"Accept": "application/json", "Sec-Fetch-Site": "same-origin"}
    )
    assert stranger.status_code == 401
    assert (stranger.json or {})["detail"] == "Your draft is safe. Sign in to go on."
    elsewhere = visitor.post(path, fields, **{"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403


def test_what_somebody_writes_is_never_markup(programme: Programme, visitor: Visitor, alex: Person) -> None:
    application = apply(programme, alex)
    attack = '</textarea><script>alert(1)</script>"><img src=x onerror=alert(1)>'
    write(programme, application, {**ANSWERS, "part-1/context": attack})
    send(programme, application, alex)
    for ending in ("/parts/part-1", "/sent/1"):
        assert "<script>alert" not in visitor.get(f"/work/{application.id}{ending}").text


# -- evidence ---------------------------------------------------------------------------------------------


def file(data: bytes, name: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


def test_e21_a_picture_is_cleaned_and_its_report_shown(
    programme: Programme, visitor: Visitor, alex: Person
) -> None:
    application = apply(programme, alex)
    fields = {"place": "part-2/journal", "file": file(jpeg(), "Alex Educator.jpg"), "made_on": "2026-03-01",
              "is_existing": "yes", "description": "My board."}  # fmt: skip
    added = visitor.post(f"/work/{application.id}/add", fields)
    assert added.status_code == 303
    page = visitor.get(added.location)
    assert "location" in page.text
    assert "evidence-1.jpg" in page.text
    assert "Alex Educator.jpg" not in page.text
    piece = workplace(programme, application.id, person=alex.id).artefacts[0]
    assert (piece.made_on, piece.is_existing, piece.description) == (date(2026, 3, 1), True, "My board.")
    got = visitor.get(f"/work/{application.id}/artefacts/{piece.id}/file")
    assert got.headers["Content-Disposition"] == 'attachment; filename="evidence-1.jpg"'
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert got.headers["Cache-Control"] == "no-store"
    assert b"Xaviera" not in got.data


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<svg onload='alert(1)' xmlns='http://www.w3.org/2000/svg'/>", "drawing.svg"),
        (b"<script>alert(1)</script>", "page.html"),
        (b"MZ\x90\x00" + b"\0" * 200, "notes.pdf"),
        (b"", "empty.txt"),
        (b"hello", "../../etc/passwd"),
    ],
)
def test_a_refused_upload_stores_nothing_and_loses_nothing(
    programme: Programme, visitor: Visitor, alex: Person, data: bytes, name: str
) -> None:
    application = apply(programme, alex)
    write(programme, application)
    path = f"/work/{application.id}/add"
    fields = {"place": "part-2/journal", "file": file(data, name), "description": "Typed with care."}
    answer = visitor.post(path, fields)
    assert answer.status_code == 422
    assert "Typed with care." in answer.text
    assert 'class="fault"' in answer.text
    work = workplace(programme, application.id, person=alex.id)
    assert work.artefacts == ()
    assert len(work.answers) == len(ANSWERS)
    assert stored(programme.settings.data) == []
    fields["file"] = file(data, name)
    told = visitor.post(path, fields, Accept="application/json")
    assert told.status_code >= 400
    assert json.loads(told.data)["code"].startswith("upload")


def test_a_large_file_is_refused_with_its_size_and_a_larger_one_is_not_even_read(
    programme: Programme, visitor: Visitor, alex: Person
) -> None:
    application = apply(programme, alex)
    refused = post_large(visitor, f"/work/{application.id}/add", 26_500_000)
    assert refused.status_code == 422
    assert "up to 25 MB fit" in refused.text
    assert post_large(visitor, f"/work/{application.id}/add", 28_000_000).status_code == 413
    assert stored(programme.settings.data) == []


def post_large(visitor: Visitor, path: str, size: int) -> TestResponse:
    """Send a file of ``size`` bytes; the body is made here, since the test client would leave a file open."""
    head = ""
    for name, value in (("csrf", visitor.csrf), ("place", "part-2/journal")):
        head += f'--mark\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
    head += '--mark\r\nContent-Disposition: form-data; name="file"; filename="big.txt"\r\n\r\n'
    visitor.client.set_cookie(COOKIE, visitor.cookie)
    return visitor.client.post(
        path,
        data=head.encode() + b"x" * size + b"\r\n--mark--\r\n",
        content_type="multipart/form-data; boundary=mark",
        headers=BROWSER,
    )


@pytest.mark.parametrize(
    "url",
    ["http://video.example/a", "javascript:alert(1)", "https://localhost/x", "https://10.0.0.1/x",
     "https://u:p@video.example/a", "https://video.example:8443/a", "https://video.example/<script>", "file:///etc"],
)  # fmt: skip
def test_a_link_that_no_reviewer_should_open_is_refused(
    programme: Programme, visitor: Visitor, alex: Person, url: str
) -> None:
    application = apply(programme, alex)
    answer = visitor.post(f"/work/{application.id}/add", {"place": "part-2/plan", "url": url})
    assert answer.status_code == 422
    assert not workplace(programme, application.id, person=alex.id).artefacts


def test_pieces_are_linked_replaced_ordered_and_removed(
    programme: Programme, visitor: Visitor, alex: Person
) -> None:
    application = apply(programme, alex)
    base = f"/work/{application.id}"
    link = {"place": "part-2/plan", "url": "https://video.example/a?b=1", "name": "A film"}
    assert visitor.post(f"{base}/add", link).status_code == 303
    assert (
        visitor.post(f"{base}/add", {"place": "part-2/plan", "file": file(TEXT, "a.txt")}).status_code == 303
    )
    first, second = workplace(programme, application.id, person=alex.id).artefacts
    moved = visitor.post(f"{base}/parts/part-2", {"go": f"up:{second.id}", **texts({"part-2/plan": "Kept."})})
    assert moved.status_code == 303
    work = workplace(programme, application.id, person=alex.id)
    assert [each.id for each in work.artefacts] == [second.id, first.id]
    assert work.answers["part-2/plan"].text == "Kept."
    again = visitor.post(f"{base}/artefacts/{second.id}", {"file": file(b"Better.\n", "b.txt")})
    fresh_id = again.location.split("/artefacts/")[1].partition("?")[0]
    work = workplace(programme, application.id, person=alex.id)
    assert [each.id for each in work.artefacts] == [fresh_id, first.id]
    assert len(stored(programme.settings.data)) == 1
    assert visitor.post(f"{base}/artefacts/{fresh_id}/remove").status_code == 303
    assert stored(programme.settings.data) == []
    assert len(workplace(programme, application.id, person=alex.id).artefacts) == 1


def test_a_shared_piece_says_so(programme: Programme, visitor: Visitor, alex: Person) -> None:
    application = apply(programme, alex)
    assert "Made as a team?" not in visitor.get(f"/work/{application.id}/parts/part-2").text


def stored(data: Path) -> list[Path]:
    """Every file of evidence on the disk."""
    return [path for path in (data / "files").rglob("*") if path.is_file()]


# -- sending ----------------------------------------------------------------------------------------------


def test_e13_gaps_are_listed_with_links_and_nothing_is_sent(
    programme: Programme, visitor: Visitor, alex: Person
) -> None:
    application = apply(programme, alex)
    write(programme, application, {"part-1/context": "Only this."})
    page = visitor.get(f"/work/{application.id}/submit").text
    assert "4 things still missing" in page
    assert f"/work/{application.id}/parts/part-3#part-3.change" in page
    stated = {"students": "yes", "own_work": "yes", "judged": "yes", "ai": "none", "revision": "1"}
    refused = visitor.post(f"/work/{application.id}/submit", stated)
    assert refused.status_code == 422
    assert fresh(programme, application).state is State.DRAFT


def test_statements_are_needed_and_stay_as_they_were_ticked(
    programme: Programme, visitor: Visitor, alex: Person
) -> None:
    application = apply(programme, alex)
    write(programme, application)
    refused = visitor.post(
        f"/work/{application.id}/submit", {"own_work": "yes", "ai": "assisted", "revision": "1"}
    )
    assert refused.status_code == 422
    assert "Your work is complete, but a statement is still missing" in refused.text
    assert "Something is still missing" not in refused.text
    assert "Everything is there" not in refused.text
    assert 'href="#statement.students"' in refused.text
    assert 'href="#statement.ai-words"' in refused.text
    assert 'name="own_work" value="yes" checked' in refused.text
    assert fresh(programme, application).state is State.DRAFT


def test_what_will_be_sent_is_shown_before_it_is_sent(
    programme: Programme, visitor: Visitor, alex: Person
) -> None:
    application = apply(programme, alex)
    write(programme, application)
    piece = upload(programme, application)
    page = visitor.get(f"/work/{application.id}/submit").text
    _, _, shown = page.partition("<summary>What you are about to send</summary>")
    shown, _, _ = shown.partition("</details>")
    assert all(text in shown for text in ANSWERS.values())
    assert f"/work/{application.id}/artefacts/{piece.id}/file" in shown
    assert piece.name in shown
    assert "Look once more" not in page


def test_an_answer_that_tells_who_somebody_is_is_pointed_out_and_can_be_sent(
    programme: Programme, visitor: Visitor
) -> None:
    lee = somebody(programme, "Lee Lindqvist", school="Oak")
    application = apply(programme, lee)
    telling = {
        "part-1/context": "I, lee\nLINDQVIST, teach at Oak.",
        "part-1/expectation": "Alee Lindqvists are others.",
        "part-3/change": "Write to lee.lindqvist@school.example or to Mrs. Moreau.",
    }
    write(programme, application, {**ANSWERS, **telling})
    visitor = sign_in(programme, visitor.client, lee)
    page = visitor.get(f"/work/{application.id}/submit").text
    assert "This may tell who you are: “Lee Lindqvist”. Reviewers read it as it stands." in page
    assert "This may tell who you are: “lee.lindqvist@school.example”." in page
    assert "This may tell who somebody is: “Mrs. Moreau”." in page
    assert page.count("This may tell") == 3
    assert f'href="/work/{application.id}/parts/part-1#part-1.context"' in page
    assert "Everything is there" in page
    stated = {"students": "yes", "own_work": "yes", "judged": "yes", "ai": "none", "revision": "1"}
    assert visitor.post(f"/work/{application.id}/submit", stated).status_code == 303


def test_pressing_the_button_twice_sends_once(programme: Programme, visitor: Visitor, alex: Person) -> None:
    application = apply(programme, alex)
    write(programme, application)
    stated = {"students": "yes", "own_work": "yes", "judged": "yes", "ai": "none", "revision": "1"}
    for _ in range(2):
        assert visitor.post(f"/work/{application.id}/submit", stated).status_code == 303
    assert len(workplace(programme, application.id, person=alex.id).submissions) == 1


def test_a_form_from_before_a_change_is_not_sent(
    programme: Programme, visitor: Visitor, alex: Person
) -> None:
    application = put(programme, apply(programme, alex), wants_reminders=False)
    write(programme, application)
    stated = {"students": "yes", "own_work": "yes", "judged": "yes", "ai": "none", "revision": "1"}
    assert visitor.post(f"/work/{application.id}/submit", stated).status_code == 409


def test_ending_it_asks_for_the_code(programme: Programme, visitor: Visitor, alex: Person) -> None:
    application = apply(programme, alex)
    path = f"/work/{application.id}/withdraw"
    assert visitor.post(path, {"typed": "yes"}).status_code == 422
    assert visitor.post(path, {"typed": "sel1"}).location == "/work?done=withdrawn"
    assert fresh(programme, application).state is State.WITHDRAWN
    assert visitor.post(path, {"typed": "SEL1"}).status_code == 409
    assert visitor.post("/catalogue/SEL1/apply", {"zone": "America/New_York"}).status_code == 303


def test_reminders_are_switched_off_and_on(programme: Programme, visitor: Visitor, alex: Person) -> None:
    application = apply(programme, alex)
    path = f"/work/{application.id}/reminders"
    assert "Stop the reminders" in visitor.get(path).text
    visitor.post(path, {"wanted": "no"})
    assert not fresh(programme, application).wants_reminders
    assert "Remind me again" in visitor.get(path).text


def test_e9_the_dates_come_as_a_calendar_file(programme: Programme, visitor: Visitor, alex: Person) -> None:
    application = apply(programme, alex)
    got = visitor.get(f"/work/{application.id}/calendar.ics")
    assert got.mimetype == "text/calendar"
    assert f"UID:due-{application.id}@".encode() in got.data.replace(b"\r\n ", b"")


def test_goals_are_for_oneself(programme: Programme, visitor: Visitor, alex: Person) -> None:
    assert visitor.post("/goals", {"text": "Breathe."}).location == "/goals?done=saved"
    assert "Breathe." in visitor.get("/work").text
    long = visitor.post("/goals", {"text": "x" * 6_000})
    assert long.status_code == 422
    assert "x" * 6_000 in long.text


def test_the_way_out_of_a_demo_is_a_sign_in(client: FlaskClient) -> None:
    answer = client.get("/work", headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/work"
