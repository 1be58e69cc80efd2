# SPDX-License-Identifier: Apache-2.0
"""Learning communities: invited by secret, dates and counts for all, contents for nobody."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from earning.company import communities, invitations
from earning.company import community as rules
from earning.company import community_letters as letters
from earning.company.community import MemberRole, Progress
from earning.company.company_data import CompanyData
from earning.errors import (
    CommunityFieldError,
    CommunityLimitError,
    CommunityStateError,
    InvitationError,
    NoSuchCommunityError,
)
from earning.programme import Programme
from earning.store.tables import AnswerRow, ApplicationRow, ArtefactRow, CommunityRow
from earning.work.applications import State
from service import audit, mail
from service.accounts.people import Person
from tests.earning.house import NOW, somebody
from tests.service.people import sign_in

FIELDS = rules.Fields(
    name="Rivertown learners",
    about="Thursdays after school.",
    portal=None,
    local="Rivertown EA",
    contact="ask@rivertown.example",
    is_listed=True,
)
CANARY = "CANARY-what-somebody-wrote"


def secret_of(path: str) -> str:
    return path.rsplit("/", 1)[1]


def begun(programme: Programme, lead: Person, *, shows_name: bool = True) -> tuple[str, str]:
    """A community and the secret of its link."""
    id = communities.start(programme, lead, FIELDS, shows_name=shows_name, now=NOW)
    return id, secret_of(invitations.renew_link(programme, lead, id, now=NOW))


def joined(
    programme: Programme, secret: str, *names: str, role: MemberRole = MemberRole.MEMBER, shows: bool = False
) -> list[Person]:
    found = [somebody(programme, name) for name in names]
    for each in found:
        invitations.join(programme, each, secret, role, shows_name=shows, now=NOW)
    return found


def works(
    programme: Programme, person: Person, *, state: State = State.DRAFT, submitted: bool = False
) -> str:
    """An application for SEL1 with an answer and an artefact in it."""
    id = str(uuid.uuid4())
    with programme.db.transaction() as session:
        session.add(
            ApplicationRow(
                id=id,
                person=person.id,
                version="SEL1-v1",
                portal=None,
                season=None,
                state=state,
                revision=0,
                zone=person.zone,
                applied_at=NOW - timedelta(days=9),
                due_at=NOW + timedelta(days=170),
                revise_by=None,
                submitted_at=NOW - timedelta(days=1) if submitted else None,
                ended_at=None,
                shows_name=False,
                wants_reminders=True,
                award=None,
            )
        )
        session.flush()
        session.add(AnswerRow(application=id, place="part-1/context", text=CANARY, revision=1, saved_at=NOW))
        values = {
            "place": "part-2/plan", "kind": "link", "name": CANARY, "description": CANARY, "file": None,
            "media_type": None, "size": 0, "url": f"https://{CANARY}.example/", "made_on": None,
            "is_existing": False, "removed": "[]", "findings": "[]", "salt": "0" * 32, "state": "ready",
            "added_at": NOW, "removed_at": None, "position": 0,
        }  # fmt: skip
        columns = set(ArtefactRow.__table__.columns.keys())
        row = {name: value for name, value in values.items() if name in columns}
        session.add(ArtefactRow(id=str(uuid.uuid4()), application=id, **row))
    return id


# -- the rules --------------------------------------------------------------------------------------------


def test_a_count_is_shown_only_if_it_tells_about_no_single_person() -> None:
    counts = [Progress("SEL1", "t", working, 1) for working in (1, 2, 3, 9)]
    assert [each.working for each in rules.shown(counts)] == [3, 9]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"about": "x" * 2001}, "about"),
        ({"contact": ""}, "contact"),
        ({"portal": "xx"}, "portal"),
        ({"local": "a\x00b"}, "local"),
    ],
)
def test_says_which_field_does_not_fit(changes: dict[str, str], path: str) -> None:
    typed = {"name": "A", "about": "", "portal": "", "local": "", "contact": "me", **changes}
    with pytest.raises(CommunityFieldError) as caught:
        rules.read(**typed, is_listed=True, portals=["wa"])
    assert caught.value.path == path


def test_addresses_are_read_however_they_are_separated() -> None:
    assert rules.read_addresses("a@x.example, b@x.example;c@x.example\na@x.example") == (
        "a@x.example",
        "b@x.example",
        "c@x.example",
    )
    with pytest.raises(CommunityFieldError):
        rules.read_addresses("  ")
    with pytest.raises(CommunityFieldError):
        rules.read_addresses(" ".join(f"p{n}@x.example" for n in range(21)))


# -- the steps --------------------------------------------------------------------------------------------


def test_who_has_the_link_joins_and_twice_is_once(programme: Programme) -> None:
    lead = somebody(programme, "Lee Lead")
    id, secret = begun(programme, lead)
    (member,) = joined(programme, secret, "Max Member")
    assert invitations.join(programme, member, secret, MemberRole.MENTOR, shows_name=True, now=NOW) == id
    seen = communities.view(programme, member, id)
    assert sorted((each.role, each.name) for each in seen.members) == [
        (MemberRole.LEAD, "Lee Lead"),
        (MemberRole.MEMBER, ""),
    ]
    assert seen.hidden == 1


def test_a_link_can_be_renewed_and_taken_back(programme: Programme) -> None:
    lead, other = somebody(programme, "Lee Lead"), somebody(programme, "Olli Other")
    id, old = begun(programme, lead)
    new = secret_of(invitations.renew_link(programme, lead, id, now=NOW))
    assert invitations.invitation(programme, new, now=NOW).community.id == id
    invitations.revoke_links(programme, lead, id, now=NOW)
    for secret in (old, new, "", "x" * 500):
        with pytest.raises(InvitationError):
            invitations.join(programme, other, secret, MemberRole.MEMBER, shows_name=False, now=NOW)


def test_a_mailed_invitation_is_good_once_and_for_a_while(programme: Programme) -> None:
    lead, known = somebody(programme, "Lee Lead"), somebody(programme, "Kim Known")
    id, _ = begun(programme, lead)
    addresses = ("kim.known@school.example", "stranger@elsewhere.example")
    assert invitations.invite(programme, lead, id, addresses, MemberRole.MENTOR, now=NOW) == 2
    with programme.db.reading() as session:
        stranger, kim = mail.listing(session, limit=9)
        said = {each.address: mail.content(session, each.id) for each in (stranger, kim)}
    assert "Rivertown" in kim.subject
    assert "Rivertown" not in stranger.subject
    texts = {address: each.text + each.html for address, each in said.items() if each}
    assert "Rivertown" not in texts["stranger@elsewhere.example"]
    assert all("Lee Lead" not in text for text in texts.values())
    secret = texts["kim.known@school.example"].split("/communities/join/")[1].split()[0].split('"')[0]
    assert invitations.invitation(programme, secret, now=NOW).role is MemberRole.MENTOR
    with pytest.raises(InvitationError):
        invitations.invitation(programme, secret, now=NOW + timedelta(days=31))
    invitations.join(programme, known, secret, MemberRole.MEMBER, shows_name=False, now=NOW)
    assert communities.view(programme, known, id).me.role is MemberRole.MENTOR
    with pytest.raises(InvitationError):
        invitations.invitation(programme, secret, now=NOW)


def test_nobody_can_be_flooded_with_invitations(programme: Programme) -> None:
    lead = somebody(programme, "Lee Lead")
    id, _ = begun(programme, lead)
    for _ in range(5):
        invitations.invite(programme, lead, id, ("kim@x.example",), MemberRole.MEMBER, now=NOW)
    with programme.db.reading() as session:
        assert len(mail.listing(session, limit=9)) == 3
    for at in range(2):
        many = tuple(f"p{at}{n}@x.example" for n in range(20))
        invitations.invite(programme, lead, id, many, MemberRole.MEMBER, now=NOW)
    with pytest.raises(CommunityLimitError):
        invitations.invite(
            programme, lead, id, tuple(f"q{n}@x.example" for n in range(20)), MemberRole.MEMBER, now=NOW
        )


def test_a_mailbox_is_one_however_its_address_is_written(programme: Programme) -> None:
    lead = somebody(programme, "Lee Lead")
    id, _ = begun(programme, lead)
    written = ("kim@x.example", "Kim@x.example", "KIM@x.example", "kIm@x.example", "kiM@X.example")
    assert invitations.invite(programme, lead, id, written, MemberRole.MEMBER, now=NOW) == 1
    for each in written:
        invitations.invite(programme, lead, id, (each,), MemberRole.MEMBER, now=NOW)
    with programme.db.reading() as session:
        assert len(mail.listing(session, limit=9)) == 3


def test_neither_a_new_link_nor_a_new_community_makes_room_for_more_invitations(
    programme: Programme,
) -> None:
    lead = somebody(programme, "Lee Lead")
    id, _ = begun(programme, lead)
    many = tuple(f"p{n}@x.example" for n in range(rules.INVITED_A_DAY))
    invitations.invite(programme, lead, id, many, MemberRole.MEMBER, now=NOW)
    invitations.renew_link(programme, lead, id, now=NOW)
    second, _ = begun(programme, lead)
    for each in (id, second):
        with pytest.raises(CommunityLimitError):
            invitations.invite(programme, lead, each, ("one@more.example",), MemberRole.MEMBER, now=NOW)
    later = NOW + timedelta(days=1)
    assert invitations.invite(programme, lead, id, ("a@b.example",), MemberRole.MEMBER, now=later) == 1


def test_a_foreign_community_is_not_there(programme: Programme) -> None:
    lead, other = somebody(programme, "Lee Lead"), somebody(programme, "Olli Other")
    id, _ = begun(programme, lead)
    for act in (
        lambda: communities.view(programme, other, id),
        lambda: communities.leave(programme, other, id, now=NOW),
        lambda: communities.end(programme, other, id, now=NOW),
        lambda: invitations.renew_link(programme, other, id, now=NOW),
        lambda: communities.change(programme, other, id, FIELDS, now=NOW),
        lambda: communities.hand_over(programme, other, id, other.id, now=NOW),
        lambda: communities.add_date(programme, other, id, title="x", day="2028-01-01", code="", now=NOW),
    ):
        with pytest.raises(NoSuchCommunityError):
            act()


def test_the_lead_hands_over_before_leaving_and_only_to_who_shows_a_name(programme: Programme) -> None:
    lead = somebody(programme, "Lee Lead")
    id, secret = begun(programme, lead)
    (hidden,) = joined(programme, secret, "Hana Hidden")
    (shown,) = joined(programme, secret, "Sue Shown", shows=True)
    with pytest.raises(CommunityStateError):
        communities.leave(programme, lead, id, now=NOW)
    with pytest.raises(NoSuchCommunityError):
        communities.hand_over(programme, lead, id, hidden.id, now=NOW)
    communities.hand_over(programme, lead, id, shown.id, now=NOW)
    communities.leave(programme, lead, id, now=NOW)
    assert communities.view(programme, shown, id).is_lead
    with pytest.raises(NoSuchCommunityError):
        communities.view(programme, lead, id)


def test_an_ended_community_takes_nobody_in_and_is_not_found(programme: Programme) -> None:
    lead, other = somebody(programme, "Lee Lead"), somebody(programme, "Olli Other")
    id, secret = begun(programme, lead)
    assert [each.id for each in communities.search(programme, "rivertown", portal=None, near="")] == [id]
    communities.end(programme, lead, id, now=NOW)
    assert communities.search(programme, "", portal=None, near="") == ()
    assert communities.view(programme, lead, id).community.is_over
    with pytest.raises(InvitationError):
        invitations.join(programme, other, secret, MemberRole.MEMBER, shows_name=False, now=NOW)
    with pytest.raises(CommunityStateError):
        communities.add_date(programme, lead, id, title="x", day="2028-01-01", code="", now=NOW)
    communities.leave(programme, lead, id, now=NOW)


def test_the_own_local_comes_first_and_unlisted_ones_stay_hidden(programme: Programme) -> None:
    lead = somebody(programme, "Lee Lead")
    far = communities.start(programme, lead, replace(FIELDS, local="A far one"), shows_name=True, now=NOW)
    near = communities.start(programme, lead, replace(FIELDS, name="Z"), shows_name=True, now=NOW)
    communities.start(programme, lead, replace(FIELDS, is_listed=False), shows_name=True, now=NOW)
    found = communities.search(programme, "", portal=None, near="rivertown  ea")
    assert [each.id for each in found] == [near, far]
    assert [each.id for each in communities.search(programme, "FAR", portal=None, near="")] == [far]


def test_a_date_is_told_to_those_who_want_mails_with_counts_only(programme: Programme) -> None:
    lead = somebody(programme, "Lee Lead")
    id, secret = begun(programme, lead)
    people = joined(programme, secret, "Ann One", "Bob Two", "Cy Three")
    communities.set_preferences(programme, people[0], id, shows_name=False, wants_mail=False, now=NOW)
    for each in people:
        works(programme, each, submitted=each is people[1])
    day = (NOW + timedelta(days=30)).date().isoformat()
    communities.add_date(programme, lead, id, title="First draft", day=day, code="SEL1", now=NOW)
    with programme.db.reading() as session:
        sent = mail.listing(session, limit=9)
        assert {each.address for each in sent} == {people[1].email, people[2].email}
        content = mail.content(session, sent[0].id)
    assert content is not None
    assert "1 of 3 have submitted" in content.text
    assert CANARY not in content.text + content.html
    seen = communities.view(programme, people[0], id)
    file = letters.dates_file(programme, seen.community, seen.dates, seen.titles, now=NOW)
    assert b"First draft" in file
    communities.remove_date(programme, lead, id, seen.dates[0].id, now=NOW)
    assert communities.view(programme, lead, id).dates == ()


def test_progress_counts_members_and_neither_mentors_nor_what_ended_without_an_award(
    programme: Programme,
) -> None:
    lead = somebody(programme, "Lee Lead")
    id, secret = begun(programme, lead)
    people = joined(programme, secret, "Ann One", "Bob Two", "Cy Three")
    (mentor,) = joined(programme, secret, "Mo Mentor", role=MemberRole.MENTOR)
    works(programme, mentor, submitted=True)
    works(programme, people[0], submitted=True, state=State.RETURNED)
    works(programme, people[1], state=State.WITHDRAWN, submitted=True)
    works(programme, people[2])
    assert communities.view(programme, lead, id).progress == ()
    works(programme, lead, state=State.AWARDED, submitted=True)
    (progress,) = communities.view(programme, lead, id).progress
    assert (progress.working, progress.submitted) == (3, 2)


def test_every_act_leaves_a_line_without_names(programme: Programme) -> None:
    lead = somebody(programme, "Lee Lead")
    id, secret = begun(programme, lead)
    joined(programme, secret, "Max Member")
    communities.end(programme, lead, id, now=NOW)
    with programme.db.reading() as session:
        lines = audit.lines(session, subject=f"community:{id}")
    assert [each.action for each in lines] == [
        "community.started",
        "community.link-renewed",
        "community.joined",
        "community.ended",
    ]
    assert "Lee" not in repr(lines)


# -- the pages --------------------------------------------------------------------------------------------


def test_no_page_shows_what_another_wrote_or_where_another_is(
    programme: Programme, client: FlaskClient
) -> None:
    lead = somebody(programme, "Lee Lead")
    id, secret = begun(programme, lead)
    people = joined(programme, secret, "Ann One", "Bob Two", "Cy Three")
    (mentor,) = joined(programme, secret, "Mo Mentor", role=MemberRole.MENTOR)
    for at, each in enumerate(people):
        works(programme, each, state=(State.RETURNED, State.AWARDED, State.IN_REVIEW)[at], submitted=True)
    for reader in (lead, people[0], mentor):
        sign_in(client, programme.db, reader)
        for path in (
            "/communities",
            f"/communities/{id}",
            f"/communities/found/{id}",
            f"/communities/{id}/dates.ics",
        ):
            answer = client.get(path)
            assert answer.status_code == 200, path
            text = answer.get_data(as_text=True)
            assert CANARY not in text
            for word in ("returned", "awarded", "in review", "in-review", "Ann One", "Bob Two"):
                assert word not in text.replace("Ann One</bdi></span> <button", ""), (path, word)
        assert "3 of 3 have submitted" in client.get(f"/communities/{id}").get_data(as_text=True)


def test_one_starts_invites_and_joins_in_the_browser(programme: Programme, client: FlaskClient) -> None:
    lead, other = somebody(programme, "Lee Lead"), somebody(programme, "Olli Other")
    csrf = sign_in(client, programme.db, lead)
    typed = {"csrf": csrf, "name": "", "about": "<b>x</b>", "contact": "me", "is_listed": "yes"}
    refused = client.post("/communities/new", data=typed)
    assert refused.status_code == 422
    assert "&lt;b&gt;x&lt;/b&gt;" in refused.get_data(as_text=True)
    started = client.post("/communities/new", data={**typed, "name": "Ours"})
    assert started.status_code == 303
    place = started.headers["Location"]
    page = client.post(f"{place}/link", data={"csrf": csrf, "do": "renew"}).get_data(as_text=True)
    path = "/communities/join/" + page.split("/communities/join/")[1].split("<")[0]
    assert client.post(f"{place}/invite", data={"csrf": csrf, "emails": "no"}).status_code == 422
    assert client.post(f"{place}/invite", data={"csrf": csrf, "emails": "a@x.example"}).status_code == 303
    assert client.post(f"{place}/dates", data={"csrf": csrf, "title": "", "day": ""}).status_code == 422
    day = (NOW + timedelta(days=9)).date().isoformat()
    dated = client.post(f"{place}/dates", data={"csrf": csrf, "title": "Meet", "day": day})
    assert dated.status_code == 303
    csrf = sign_in(client, programme.db, other)
    assert client.get(place).status_code == 404
    path = (client.post(f"{place}/link", data={"csrf": csrf}).status_code == 404 and path) or path
    assert "Ours" in client.get("/communities").get_data(as_text=True)


def test_an_invitation_in_the_browser(programme: Programme, client: FlaskClient) -> None:
    lead, other = somebody(programme, "Lee Lead"), somebody(programme, "Olli Other")
    id, secret = begun(programme, lead)
    assert client.get(f"/communities/join/{secret}").status_code == 303
    csrf = sign_in(client, programme.db, other)
    page = client.get(f"/communities/join/{secret}").get_data(as_text=True)
    assert "Rivertown learners" in page
    assert "Lee Lead" not in page
    joined_at = client.post(f"/communities/join/{secret}", data={"csrf": csrf, "role": "mentor"})
    assert joined_at.headers["Location"] == f"/communities/{id}"
    assert client.get(f"/communities/{id}").status_code == 200
    for path in ("link", "invite", "dates", "end", "lead"):
        assert (
            client.post(
                f"/communities/{id}/{path}",
                data={"csrf": csrf, "emails": "a@x.example", "title": "x", "day": "2028-01-01"},
            ).status_code
            == 404
        ), path
    assert client.post(f"/communities/{id}/leave", data={"csrf": csrf}).status_code == 303
    assert client.get("/communities/join/nonsense").status_code == 404


# -- what is known of somebody ----------------------------------------------------------------------------


def test_who_is_erased_leaves_every_community_and_the_longest_member_leads(programme: Programme) -> None:
    lead = somebody(programme, "Lee Lead")
    id, secret = begun(programme, lead)
    (member,) = joined(programme, secret, "Max Member", shows=True)
    alone, _ = begun(programme, lead)
    data = CompanyData()
    with programme.db.transaction() as session:
        told = data.export(session, lead)
        assert {each["name"] for each in told["communities"]} == {"Rivertown learners"}
        data.erase(session, lead, NOW)
        assert data.export(session, lead) == {"communities": [], "questions": [], "imports": []}
    seen = communities.view(programme, member, id)
    assert seen.is_lead
    assert (seen.community.contact, seen.community.is_listed) == ("", False)
    with programme.db.reading() as session:
        assert session.get_one(CommunityRow, alone).ended_at == NOW
