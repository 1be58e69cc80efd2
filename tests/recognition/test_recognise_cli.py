# SPDX-License-Identifier: Apache-2.0
"""``hallmark recognise``, as a person types it, over credentials that are verified for real."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from recognition import cli
from recognition.rule.policy_reader import sample
from service import terminal
from tests.recognition.test_bringing import coded
from tests.world import World

Run = Callable[..., tuple[int, str, str]]
FACTS = """
as_of = 2026-05-04
licence_level = "professional"
renewing = "yes"
licences_held = ["biology"]
cycle = { from = 2022-01-01, until = 2026-12-31 }
"""
UNION = ("--issuer", "national-programme=did:web:union.example")


@click.group()
def hallmark() -> None:
    """Offer the commands of this room."""


for command in cli.commands:
    hallmark.add_command(command)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    found = World()
    monkeypatch.setattr("service.clock.now", found.clock.now)
    return found


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def type_in(*words: str) -> tuple[int, str, str]:
        code = terminal.run(hallmark, roof=None, args=("recognise", *words))  # type: ignore[arg-type]
        out, err = capsys.readouterr()
        return int(code), out, err

    return type_in


@pytest.fixture
def offline(tmp_path: Path, world: World) -> tuple[str, str]:
    """Three badges and a stranger's in files, facts, and the option that names everything about the union."""
    union = world.issuer("union")
    public = tmp_path / "public"
    public.mkdir()
    files = {union.id: "did.json", union.list_url(): "list.json"}
    for number in (1, 2, 3):
        draft = coded(union, f"SEL{number}")
        draft["credentialSubject"]["achievement"]["id"] = f"https://union.example/achievements/SEL{number}"
        draft["credentialSubject"].pop("result")
        draft["credentialSubject"]["achievement"].pop("resultDescription")
        (tmp_path / f"{number}.json").write_bytes(union.sign(draft))
    stranger = world.issuer("stranger")
    (tmp_path / "stranger.json").write_bytes(stranger.sign(coded(stranger, "X1")))
    files |= {stranger.id: "stranger-did.json", stranger.list_url(): "stranger-list.json"}
    for name, file in files.items():
        (public / file).write_bytes(world(name, max_bytes=1_000_000).body)
    (public / "map.json").write_text(json.dumps(files))
    (tmp_path / "me.toml").write_text(FACTS)
    return "--offline-documents", str(public)


def test_two_badges_are_ten_points_and_the_third_is_left_over(run: Run, offline: tuple[str, str]) -> None:
    words = ("--policy", "us-ma-renewal", "--facts", "me.toml", *UNION, *offline)
    code, out, err = run(*words, "1.json", "2.json", "3.json")
    assert code == 0, err
    assert "Granted: 10 professional development points (Massachusetts)" in out
    assert "Left over" in out
    assert "Example rule" in out
    assert "What would change it:" in out
    assert "one more micro-credential in SEL" in out
    assert "MTA post" in out


def test_json_is_the_object_of_the_api(run: Run, offline: tuple[str, str]) -> None:
    words = ("--policy", "us-ma-renewal", "--facts", "me.toml", "--json", *UNION, *offline)
    code, out, _ = run(*words, "2.json", "1.json")
    assert code == 0
    answer = json.loads(out)
    assert answer["outcome"] == "granted"
    assert answer["granted"] == "10"
    assert answer["unit"] == "PDP-MA"
    assert answer["policy"]["version"] == "2018-07-02"
    assert [each["outcome"] for each in answer["credentials"]] == ["granted", "granted"]
    assert answer["groups"][0]["buckets"] == {"content": "10"}
    assert [step["step"] for step in answer["credentials"][0]["steps"]] == list(range(1, 16))


def test_a_purpose_that_is_always_refused_needs_no_credential(run: Run, world: World) -> None:
    del world
    code, out, _ = run("--policy", "us-ma-renewal", "--purpose", "licence-endorsement")
    assert code == 1
    assert "Micro-credentials may NOT be used" in out


def test_how_it_ends(run: Run, offline: tuple[str, str], world: World, tmp_path: Path) -> None:
    union = world.issuer("union")
    raw = union.sign(coded(union, "SEL9"))
    union.revoke(raw)
    (tmp_path / "revoked.json").write_bytes(raw)
    (tmp_path / "public" / "list.json").write_bytes(world(union.list_url(), max_bytes=1_000_000).body)
    (tmp_path / "first.toml").write_text('licence_level = "initial"')
    (tmp_path / "wa.json").write_text(
        '{"member_of": ["WEA"], "cycle": {"from": "2022-07-01", "until": "2027-06-30"}}'
    )
    renewal = ("--policy", "us-ma-renewal", *UNION, *offline)
    for words, expected, said in (
        ((*renewal, "--facts", "me.toml", "1.json"), 1, "Left over"),
        ((*renewal, "--facts", "first.toml", "1.json"), 1, "For learning"),
        ((*renewal, "1.json", "2.json"), 2, "Fact missing (licence level)"),
        ((*renewal, "--facts", "me.toml", "revoked.json"), 1, "Not counted (status: revoked)"),
        ((*renewal, "--facts", "me.toml", "stranger.json"), 1, "not from an issuer this rule accepts"),
        ((*renewal, "--facts", "me.toml", "--purpose", "add-licence", "1.json"), 0, "Supporting document"),
        ((*renewal, "--facts", "me.toml", "--purpose", "rank-change", "1.json"), 2, "Not known"),
        (
            (*renewal, "--facts", "me.toml", "1.json", "--recipient", "else@school.example"),
            1,
            "not issued to the address",
        ),
        (("--policy", "us-wa-clock-hours", *UNION, *offline, "--facts", "wa.json", "1.json"), 2, "Waiting"),
        (("--policy", "us-tn-pdp", *offline, "--facts", "me.toml", "1.json"), 1, "not from an issuer"),
    ):
        code, out, err = run(*words)
        assert (code, said in out) == (expected, True), (words, out, err)
    (tmp_path / "public" / "map.json").write_text(json.dumps({union.id: "did.json"}))
    code, out, _ = run(*renewal, "--facts", "me.toml", "1.json")
    assert (code, "Waiting (verification)" in out) == (2, True), out


def test_a_rule_in_a_file_and_a_list_of_issuers(run: Run, offline: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "us-tn-pdp.toml").write_bytes(sample("us-tn-pdp").source)
    (tmp_path / "union.json").write_text(
        json.dumps({"title": "Ours", "issuers": [{"did": "did:web:union.example", "name": "The Union"}]})
    )
    code, out, err = run(
        "--policy",
        "us-tn-pdp.toml",
        "--facts",
        "me.toml",
        *offline,
        "--issuer",
        "us=did:web:union.example",
        "1.json",
    )
    assert code == 0, err
    assert "6 professional development points (Tennessee)" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--policy", "nowhere"), "there is neither a file nor a rule nowhere"),
        (("--policy", "broken.toml"), "grant[0].ammount: unknown key"),
        (("--policy", "us-tn-pdp", "--facts", "odd.toml"), "rolle: unknown key"),
        (("--policy", "us-tn-pdp", "--facts", "gone.toml"), "does not exist"),
        (("--policy", "us-tn-pdp", "--issuer", "union.example"), "NAME=DID"),
        (("--policy", "us-tn-pdp", "--list", "nowhere"), "neither a list nor a file"),
        (("--policy", "us-tn-pdp", "--purpose", "fun"), "is not one of"),
        (("--policy", "us-tn-pdp", "gone.json"), "There is no file gone.json"),
        (("badge.json",), "Missing option '--policy'"),
    ],
)
def test_a_wrong_command_says_what_is_wrong_and_where(
    run: Run, world: World, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    del world
    (tmp_path / "broken.toml").write_bytes(
        sample("us-tn-pdp").source.replace(b"amount = 6\n", b"ammount = 6\n")
    )
    (tmp_path / "odd.toml").write_text('rolle = "teacher"')
    code, _, err = run(*words)
    assert code == 64
    assert said in err


def test_help_has_an_example_and_the_exit_codes(run: Run) -> None:
    _, out, _ = run("--help")
    assert "hallmark recognise --policy us-ma-renewal --facts me.toml" in out
    assert "Ends with 0" in out


def test_what_a_file_says_never_steers_the_terminal(
    run: Run, offline: tuple[str, str], world: World, tmp_path: Path
) -> None:
    union = world.issuer("union")
    draft = coded(union, "SEL7")
    draft["credentialSubject"]["achievement"]["name"] = "[bold]Red[/bold] :smile: \u001b[31m"
    (tmp_path / "odd.json").write_bytes(union.sign(draft))
    _, out, _ = run("--policy", "us-ma-renewal", "--facts", "me.toml", *UNION, *offline, "odd.json")
    assert "[bold]Red[/bold] :smile:" in out
    assert "\u001b" not in out


def test_what_is_missing_is_asked_in_the_words_of_the_form(run: Run, offline: tuple[str, str]) -> None:
    code, out, _ = run("--policy", "us-ma-renewal", *UNION, *offline, "1.json", "2.json")
    assert code == 2
    told = " ".join(out.split())
    assert "Fact missing (licence level):" in told
    for each in (
        "Which level is your licence? (licence_level)",
        "Do you have to renew it in this cycle? (renewing)",
        "Which is your cycle? (cycle)",
    ):
        assert each in told
    assert (
        "If your licence is professional and you renew in this cycle and your cycle includes the day of the "
        "award: 10 professional development points (Massachusetts) in all." in told
    )


def test_units_are_named_by_their_words(run: Run, offline: tuple[str, str]) -> None:
    words = ("--policy", "us-ma-renewal", "--facts", "me.toml", *UNION, *offline)
    _, out, _ = run(*words, "1.json", "2.json")
    assert "In professional development points (Massachusetts)" in out
    assert "PDP-MA" not in out
    _, never, _ = run("--policy", "us-ma-renewal", "--purpose", "licence-endorsement")
    assert "Never counted: Micro-credentials may NOT" in never


def test_the_help_shows_what_a_file_of_facts_looks_like(run: Run) -> None:
    _, out, _ = run("--help")
    assert 'licence_level = "professional"' in out
    assert "docs/recognise.md" in out


def test_units_that_make_no_credit_yet_are_not_told_as_nothing(run: Run, offline: tuple[str, str]) -> None:
    _, out, _ = run("--policy", "us-co-aurora-lane", *UNION, *offline, "1.json")
    told = " ".join(out.split())
    assert "0 credits" not in told
    assert "wait for the rest" in told
