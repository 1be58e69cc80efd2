# SPDX-License-Identifier: Apache-2.0
"""The issuer's commands, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import app
from credentials.document import parse
from hallmark import HallmarkRoof, cli
from service import access, clock, terminal
from service.settings import Settings
from tests.issuer.house import open_mint, verdict


class Hallmark:
    """Runs commands in one data folder and one working folder."""

    def __init__(self, data: Path, work: Path) -> None:
        self.data = data
        self.work = work

    def __call__(self, *args: str, code: int = 0) -> str:
        codes: list[int] = []
        runner = CliRunner()
        with runner.isolation() as (out, err, _both):
            codes.append(terminal.run(cli, roof=HallmarkRoof(), args=[*args, "--data", str(self.data)]))
        printed, said = out.getvalue().decode(), err.getvalue().decode()
        assert codes == [code], said
        self.said = said
        return printed.strip()

    def issue(self, name: str = "badge.json", *args: str, code: int = 0) -> Path:
        out = self.work / name
        self(
            "issue",
            "--achievement",
            "SEL1",
            "--email",
            "alex@school.example",
            "--out",
            str(out),
            *args,
            code=code,
        )
        return out

    def verdict(self, path: Path) -> str:
        mint = open_mint(self.data)
        found = verdict(mint, path.read_bytes(), now=clock.now())
        mint.db.close()
        return found


@pytest.fixture
def hallmark(folder: Path, tmp_path: Path) -> Hallmark:
    return Hallmark(folder, tmp_path)


@pytest.mark.parametrize("form", ["json", "jwt", "png", "svg"])
def test_issue_writes_every_form_and_prints_the_link(hallmark: Hallmark, form: str) -> None:
    out = hallmark.issue(f"badge.{form}", "--name", "Zoë Educator", "--format", form)
    assert hallmark.verdict(out) == "valid"
    assert "written to" in hallmark.said


def test_issue_takes_results_and_evidence(hallmark: Hallmark) -> None:
    journal = hallmark.work / "maria-lopez-class-4b.pdf"
    journal.write_bytes(b"%PDF-")
    out = hallmark.issue(
        "badge.json",
        "--evidence",
        f"Reflective journal={journal}",
        "--evidence",
        str(journal),
        "--result",
        "noticing=Proficient",
    )
    members: dict[str, Any] = json.loads(out.read_bytes())
    assert [each["name"] for each in members["evidence"]] == ["Reflective journal", "Evidence 2"]
    assert members["evidence"][0]["digestMultibase"] != members["evidence"][1]["digestMultibase"]
    assert "maria" not in out.read_text()


def test_issue_refuses_what_was_not_earned(hallmark: Hallmark) -> None:
    out = hallmark.issue("badge.json", "--result", "noticing=Basic", code=1)
    assert not out.exists()
    assert "award.not-earned" in hallmark.said


@pytest.mark.parametrize("option", [("--result", "noticing"), ("--evidence", "/nowhere/at/all")])
def test_issue_tells_what_was_typed_wrongly(hallmark: Hallmark, option: tuple[str, str]) -> None:
    hallmark.issue("badge.json", *option, code=64)


def test_what_the_file_ends_with_is_its_format(hallmark: Hallmark) -> None:
    starts = {
        "badge.PNG": b"\x89PNG",
        "badge.svg": b"<",
        "badge.jwt": b"ey",
        "badge.json": b"{",
        "badge": b"{",
    }
    for name, start in starts.items():
        assert hallmark.issue(name).read_bytes().startswith(start), name
    out = hallmark.issue("other.png", "--format", "json", code=64)
    assert "ends with .png, but --format says json" in hallmark.said
    assert not out.exists()
    assert hallmark.issue("other.txt", "--format", "jwt").read_bytes().startswith(b"ey")


def test_what_cannot_be_written_is_not_awarded(hallmark: Hallmark) -> None:
    hallmark.issue("nodir/badge.json", "--submission", "s", code=64)
    assert f"there is no folder {hallmark.work / 'nodir'}" in hallmark.said
    hallmark.issue("badge.json", "--submission", "s")
    hallmark("sign", str(hallmark.work / "badge.json"), "--out", str(hallmark.work / "no" / "x"), code=64)


def test_who_has_it_already_is_told_and_awarded_again(hallmark: Hallmark) -> None:
    link = json.loads(hallmark.issue("one.json").read_bytes())["id"]
    assert "already has" not in hallmark.said
    hallmark.issue("two.json", "--email", "alex@SCHOOL.example")
    assert f"alex@SCHOOL.example already has SEL1-v1: {link}" in hallmark.said
    for name in ("one.json", "two.json"):
        hallmark("revoke", str(hallmark.work / name), "--reason", "other")
    hallmark.issue("three.json")
    assert "already has" not in hallmark.said


def test_an_achievement_is_found_by_its_code_in_any_case(hallmark: Hallmark) -> None:
    for name in ("sel1", "Sel1-V1"):
        hallmark.issue("badge.json", "--achievement", name)
    hallmark.issue("badge.json", "--achievement", "SEL11", code=1)
    assert 'There is no micro-credential "SEL11". Did you mean SEL1?' in hallmark.said
    hallmark.issue("badge.json", "--achievement", "juggling", code=1)
    assert "There are ASM1, CLIM1, CLIM2, CM1, COOP1," in hallmark.said
    assert "and more." in hallmark.said


def test_one_achievement_is_shown_with_what_result_takes(hallmark: Hallmark) -> None:
    shown = hallmark("achievements", "show", "sel1")
    assert "noticing=Proficient" in shown
    assert "Adult SEL 1: Self-Awareness" in shown
    hallmark("achievements", "show", "nothing", code=1)


def test_what_was_typed_wrongly_is_told_in_words_of_the_terminal(hallmark: Hallmark) -> None:
    hallmark.issue("badge.json", "--result", "nonsense=x", code=1)
    assert 'has no criterion "nonsense"; it has ' in hallmark.said
    assert "noticing" in hallmark.said
    hallmark.issue("badge.json", "--email", "alex", code=1)
    assert "(at /" not in hallmark.said
    assert "[award.request]" in hallmark.said
    hallmark.issue("badge.json", "--evidence", "nope.txt", code=64)
    assert "there is no file nope.txt" in hallmark.said
    hallmark.issue("badge.json", "--evidence", str(hallmark.work), code=64)
    assert "cannot be read" in hallmark.said


def test_a_reason_in_own_words_is_kept_and_said(hallmark: Hallmark) -> None:
    out = str(hallmark.issue())
    hallmark("suspend", out, "--reason", "somebody called")
    assert "Kept as your own words; the codes are issued-in-error, " in hallmark.said
    hallmark("revoke", out, "--reason", "other")
    assert "Kept as" not in hallmark.said
    hallmark("reinstate", out, "--reason", "other", code=1)
    assert "was withdrawn for ever and cannot be reinstated. Issue a new one." in hallmark.said
    hallmark("suspend", out, "--reason", "other", code=1)
    assert "was withdrawn for ever, so it cannot be put under review." in hallmark.said


def test_what_names_no_credential_is_told_apart(hallmark: Hallmark) -> None:
    hallmark("revoke", "nope.json", "--reason", "other", code=1)
    assert "There is no file nope.json, and no credential with that link or key." in hallmark.said
    hallmark("revoke", "x" * 5_000, "--reason", "other", code=1)
    assert "There is no file xxx" in hallmark.said
    hallmark("revoke", "https://other.example/credentials/1", "--reason", "other", code=1)
    assert "no credential with the link https://other.example/credentials/1" in hallmark.said
    foreign = hallmark.work / "foreign.json"
    foreign.write_text('{"id": "urn:uuid:5b1f8c0e-0000-4000-8000-000000000000"}')
    hallmark("revoke", str(foreign), "--reason", "other", code=1)
    assert f"We have not signed the credential in {foreign}"[:120] in hallmark.said


def test_one_submission_is_issued_once(hallmark: Hallmark) -> None:
    hallmark.issue("one.json", "--submission", "s")
    hallmark.issue("two.json", "--submission", "s", code=1)


@pytest.mark.parametrize("form", ["json", "jwt", "png", "svg"])
def test_a_file_says_which_credential_is_meant(hallmark: Hallmark, form: str) -> None:
    out = hallmark.issue(f"badge.{form}", "--format", form)
    hallmark("suspend", str(out), "--reason", "under-review")
    assert hallmark.verdict(out) == "suspended"
    hallmark("reinstate", str(out), "--reason", "review-ended")
    assert hallmark.verdict(out) == "valid"
    hallmark("revoke", str(out), "--reason", "Typed the wrong name", "--public", "Issued in error.")
    assert hallmark.verdict(out) == "revoked"
    hallmark("reinstate", str(out), "--reason", "other", code=1)


def test_a_link_or_a_key_says_it_too(hallmark: Hallmark) -> None:
    out = hallmark.issue()
    link = json.loads(out.read_bytes())["id"]
    assert hallmark("suspend", link, "--reason", "under-review") == link
    assert hallmark("revoke", link.rpartition("/")[2], "--reason", "other") == link
    hallmark("revoke", "http://127.0.0.1:8080/credentials/nothing", "--reason", "other", code=1)


def test_sign_signs_what_is_given_and_nothing_else(hallmark: Hallmark) -> None:
    members = dict(parse(hallmark.issue().read_bytes()).members)
    del members["proof"], members["credentialStatus"]
    members["id"] = "urn:uuid:0e3c4a52-4f9a-4f3e-8d58-6b7a1a0f3c22"
    document, signed = hallmark.work / "document.json", hallmark.work / "signed.json"
    document.write_text(json.dumps(members))
    hallmark("sign", str(document), "--out", str(signed))
    assert hallmark.verdict(signed) == "valid"
    found = json.loads(signed.read_bytes())
    del found["proof"]
    assert found == members
    hallmark("sign", str(document), "--jwt", "--out", str(signed))
    assert signed.read_bytes().count(b".") == 2
    assert hallmark.verdict(signed) == "valid"
    hallmark("sign", str(document), "--issuer", "example-state", code=1)
    document.write_text(json.dumps({**members, "id": "urn:x:another", "surprise": 1}))
    hallmark("sign", str(document), code=1)
    assert "lint" in hallmark.said
    document.write_text("not json")
    hallmark("sign", str(document), code=1)


def test_a_recognizer_is_given_keys_and_listed_apart_from_issuers(hallmark: Hallmark) -> None:
    profile = hallmark.work / "our-district.toml"
    source = (
        'slug = "our-district"\nname = "Our School District"\ndescription = "Recognises."\n'
        'monogram = "OSD"\nrecognizer = true\n'
    )
    profile.write_text(source)
    for _ in range(2):
        hallmark("issuers", "add", str(profile))
        assert "Recognizer Our School District (did:web:" in hallmark.said
    listed = {each["slug"]: each for each in json.loads(hallmark("issuers", "list", "--json"))}
    assert listed["our-district"]["recognizer"] is True
    assert listed["our-district"]["id"].endswith(":issuers:our-district")
    assert listed["example-education"]["recognizer"] is False
    assert "recognizer  Our School District" in hallmark("issuers", "list")
    profile.write_text(source + "surprise = 1\n")
    hallmark("issuers", "add", str(profile), code=1)
    profile.write_text("#" * 70_000)
    hallmark("issuers", "add", str(profile), code=64)


def test_achievements_are_listed_for_people_and_programs(hallmark: Hallmark) -> None:
    assert "Adult SEL 1: Self-Awareness" in hallmark("achievements", "list")
    listed = json.loads(hallmark("achievements", "list", "--json"))
    sel1 = next(each for each in listed if each["code"] == "SEL1")
    assert sel1["id"] == "http://127.0.0.1:8080/achievements/SEL1-v1"
    assert (sel1["name"], sel1["version"]) == ("Adult SEL 1: Self-Awareness", "1")
    assert sel1["issuer"] == "did:web:badges.hallmark.example"
    hallmark.issue("by-id.json", "--achievement", sel1["id"])


def test_export_writes_a_map(hallmark: Hallmark) -> None:
    hallmark("export", str(hallmark.work / "public"))
    names = json.loads((hallmark.work / "public" / "map.json").read_bytes())
    assert "did:web:badges.hallmark.example" in names


def test_a_programme_of_ones_own_can_be_added(hallmark: Hallmark) -> None:
    folder = hallmark.work / "programme"
    folder.mkdir()
    (folder / "issuer.toml").write_text(
        'slug = "own"\nname = "Own"\ndescription = "An own issuer."\nmonogram = "OWN"\n'
    )
    hallmark("achievements", "add", str(folder))
    assert "did:web:badges.hallmark.example:issuers:own" in hallmark.said
    hallmark("achievements", "add", str(hallmark.work), code=1)


def test_every_scope_that_a_route_asks_for_can_be_given_to_a_token(hallmark: Hallmark) -> None:
    rows = access.table(app.create_app(Settings(data=hallmark.data)))
    assert {row.scope for _, _, row in rows if row and row.scope} == set(HallmarkRoof().scopes)


def test_resume_finds_nothing_to_do(hallmark: Hallmark) -> None:
    hallmark("resume")
    assert "Finished: 0" in hallmark.said


@pytest.mark.parametrize(
    "command", ["issue", "sign", "revoke", "suspend", "reinstate", "reissue", "export", "resume"]
)
def test_every_command_has_an_example(command: str) -> None:
    result: Result = CliRunner().invoke(cli, [command, "--help"], obj=HallmarkRoof())
    assert "Example: hallmark" in result.output
