# SPDX-License-Identifier: Apache-2.0
"""Programme files are read strictly, and every mistake has a place."""

from __future__ import annotations

import pytest

from issuer import achievement, micro_credential, profile, programme
from issuer.errors import ProgrammeError

GOOD = """
code = "SEL1"
version = "1"
title = "Self-Awareness"
stacks = ["SEL"]
audience = ["all"]
hours = { min = 10, max = 15 }
competency = "The educator notices."
[method]
key = "Notice."
[[part]]
id = "part-1"
title = "Part 1"
[[scale]]
id = "rubric"
levels = ["Developing", "Proficient"]
[[criterion]]
part = "part-1"
id = "clear"
title = "Clear"
scale = "rubric"
required = "Proficient"
descriptors = { Developing = "Not yet.", Proficient = "Yes." }
"""


def read(text: str) -> micro_credential.MicroCredential:
    return micro_credential.read(text.encode(), name="sel1")


def test_reads_a_whole_micro_credential() -> None:
    found = read(GOOD)
    assert found.key == "SEL1-v1"
    assert found.hours == (10, 15)
    assert found.criteria[0].levels == (("Developing", "Not yet."), ("Proficient", "Yes."))
    assert found.criteria[0].rank("Proficient") == 1


def test_an_artefact_may_have_a_name_and_be_shared() -> None:
    text = GOOD.replace(
        'title = "Part 1"',
        'title = "Part 1"\n[[part.artefact]]\nid = "shared-plan"\ntext = "A plan."\nkinds = ["file"]',
    )
    plain = read(text).parts[0].artefacts[0]
    assert (plain.name, plain.label, plain.shared) == (None, "Shared plan", False)
    told = read(text.replace('kinds = ["file"]', 'kinds = ["file"]\nname = "Plan of two"\nshared = true'))
    artefact = told.parts[0].artefacts[0]
    assert (artefact.name, artefact.label, artefact.shared) == ("Plan of two", "Plan of two", True)
    assert "- **Plan of two.** A plan." in achievement.narrative(told)


def test_resources_are_part_of_the_narrative() -> None:
    told = achievement.narrative(read(GOOD + '\n[[resource]]\ncite = "A sheet of paper"\n'))
    assert told.endswith("## Resources\n\n- A sheet of paper")


def test_every_sample_is_read() -> None:
    for folder in programme.samples():
        for file in folder.iterdir():
            if file.name == programme.ISSUER_FILE:
                assert profile.read(file.read_bytes(), name=file.name).sample
            else:
                assert micro_credential.read(file.read_bytes(), name=file.name).criteria


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('title = "Self-Awareness"', 'title = "Self-Awareness"\ntitel = "x"', "titel"),
        ('title = "Self-Awareness"', "", "title"),
        ('title = "Self-Awareness"', 'title = "  "', "title"),
        ('title = "Self-Awareness"', 'title = "a\\u0001b"', "title"),
        ('code = "SEL1"', 'code = "sel 1"', "code"),
        ('version = "1"', "version = 1", "version"),
        ('stacks = ["SEL"]', "stacks = []", "stacks"),
        ('stacks = ["SEL"]', 'stacks = ["SEL", "SEL"]', "stacks"),
        ('audience = ["all"]', 'audience = ["everybody"]', "audience"),
        ("min = 10, max = 15", "min = 15, max = 10", "hours"),
        ("min = 10, max = 15", "min = true, max = 15", "min"),
        ('scale = "rubric"\nrequired', 'scale = "other"\nrequired', "scale"),
        ('part = "part-1"', 'part = "part-9"', "part"),
        ('required = "Proficient"', 'required = "Excellent"', "required"),
        ('required = "Proficient"', "", "criterion"),
        ('Developing = "Not yet.", ', "", "Developing"),
        ('Proficient = "Yes." }', 'Proficient = "Yes.", Other = "?" }', "Other"),
        ('levels = ["Developing", "Proficient"]', 'levels = ["Proficient"]', "levels"),
        ('levels = ["Developing", "Proficient"]', 'levels = ["Not yet", "not-yet"]', "levels"),
        ('[method]\nkey = "Notice."', "", "method"),
        ('key = "Notice."', 'key = "Notice."\nextra = 1', "extra"),
    ],
)
def test_a_mistake_is_told_with_its_place(old: str, new: str, place: str) -> None:
    assert old in GOOD
    with pytest.raises(ProgrammeError, match=rf"sel1\.toml.*\b{place}\b"):
        read(GOOD.replace(old, new))


@pytest.mark.parametrize("raw", [b"\xff", b"code = ", b"x" * 300_000])
def test_what_is_no_toml_is_refused(raw: bytes) -> None:
    with pytest.raises(ProgrammeError):
        micro_credential.read(raw, name="sel1")


@pytest.mark.parametrize(
    "changed",
    ['slug = "Bad Slug"', 'slug = "ok"\nurl = "javascript:alert(1)"', 'slug = "ok"\nemail = "nobody"'],
)
def test_an_issuer_is_read_as_strictly(changed: str) -> None:
    text = f'{changed}\nname = "N"\ndescription = "D"\nmonogram = "N"\n'
    with pytest.raises(ProgrammeError):
        profile.read(text.encode(), name="issuer.toml")
