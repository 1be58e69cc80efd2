# SPDX-License-Identifier: Apache-2.0
"""The world of the authorisation matrix: two programmes, their people, and an object of every kind for each.

``names`` holds the identifier of each object under a name such as ``owner.draft``; the lines of the matrix
use these names. Sessions and tokens are in ``keys``: what each person's browser or program sends.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from flask import Flask

import app
from earning.catalogue import editing
from earning.company import communities, community, invitations
from earning.management import people_import
from earning.programme import Programme
from earning.review import awarding, cases, review, reviewers
from earning.review.readings import Review
from earning.sharing import evaluator_link, evaluator_links
from earning.store import cases as case_rows
from earning.store import portals
from earning.store import work as rows
from earning.store.portals import Question
from earning.work.applications import Application
from earning.work.submissions import PRIVATE, PUBLIC, Artefact, Submission, artefact_place
from earning.work.work import assignment
from issuer import publish
from issuer.bulk import desk as bulk_desk
from issuer.bulk import reading as bulk_reading
from issuer.revocation import Reason
from issuer.store import bulk_decisions
from issuer.takeback import reading as taken_names
from issuer.takeback import steps as takeback_steps
from issuer.takeback import trial as takeback_trial
from issuer.takeback.trial import Order
from recognition.adopting import publishing
from recognition.attesting import attestations, sharing
from recognition.claiming import claims, deciding
from recognition.judging.facts import Facts
from recognition.reversing.fall import Flag
from recognition.stating import intended
from recognition.store import consents, reversals, statements
from recognition.store.attestations import Wanted
from recognition.store.statements import CERTIFICATE
from service import clock, tokens
from service.accounts import account, links, people, sessions
from service.accounts.links import Kind
from service.accounts.people import Person, Role
from service.settings import Settings
from tests import raw
from tests.attacks.matrix_people import EDUCATION, SIGNED_IN, STATE, Who
from tests.earning import reviewing as it
from tests.earning.house import NOW, make_house
from tests.recognition import fallen_scene, policy_scene, signed_scene
from verifier import batch_work, batching, issuer_lists, lines, list_sources, receipt
from verifier.asked import NOTHING
from verifier.list_format import ListedIssuer

SKILLS: Final = ("SEL", "TRA")
GOALS: Final = "A note for nobody but myself"


@dataclass(frozen=True)
class Key:
    """What a browser or program sends to say who it is: a cookie and the token of forms, or a bearer."""

    cookie: str = ""
    csrf: str = ""
    bearer: str = ""


@dataclass(frozen=True)
class World:
    """The service with everybody and everything in it."""

    app: Flask
    folder: Path
    people: Mapping[Who, Person]
    keys: Mapping[Who, Key]
    names: Mapping[str, str]


class _Maker:
    """Makes the world step by step."""

    def __init__(self, folder: Path) -> None:
        make_house(folder)
        self.app = app.create_app(Settings(data=folder, demo=True))
        self.house: app.House = self.app.extensions["hallmark"]
        self.programme: Programme = self.house.programme
        self.db = self.house.db
        self.people: dict[Who, Person] = {}
        self.keys: dict[Who, Key] = {Who.VISITOR: Key()}
        self.names: dict[str, str] = {"nobody": str(uuid.uuid4())}

    # -- people and what they hold ------------------------------------------------------------------------

    def everybody(self) -> None:
        """Accounts, roles, and reviewers who know the stacks."""
        for who in (*SIGNED_IN, Who.ENDED, Who.ERASED):
            with self.db.transaction() as session:
                made = people.create(
                    session,
                    email=who.email,
                    name=f"{who.name.replace('_', ' ').title()} Example",
                    school=f"School of {who.name}",
                    local=f"Local of {who.name}",
                    confirmed_at=NOW,
                    now=NOW,
                )
                for role, where in who.held.items():
                    made = people.grant(session, made.id, role, where, actor="test", now=NOW)
            self.people[who] = made
        for who, where, stacks in (
            (Who.REVIEWER, EDUCATION, SKILLS),
            (Who.COLLEAGUE, EDUCATION, SKILLS),
            (Who.OUTSIDER, STATE, ("TPT",)),
        ):
            reviewers.enrol(self.programme, self.people[who].id, where, stacks, actor="test", now=NOW)
        former = self.people[Who.FORMER]
        with self.db.transaction() as session:
            for turn in (people.grant, people.withdraw):
                for role in set(Role) - {Role.EDUCATOR}:
                    for where in (EDUCATION, STATE, "example-wa"):
                        turn(session, former.id, role, where, actor="test", now=NOW)
        for who, person in self.people.items():
            self.names[f"email.{who.name.casefold()}"] = person.email
            self.names[f"name.{who.name.casefold()}"] = person.name
            self.names[f"person.{who.name.casefold()}"] = person.id

    def lists(self) -> None:
        """Lists of recognised issuers of a district and of somebody else, each following another one."""
        bureau, did = self.house.bureau, "did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw"
        self.names |= {"listed.did": did, "listed.url": f"{bureau.public_url}/lists/example-state.json"}
        for slug in ("example-district", "example-state"):
            issuer_lists.ensure(bureau, slug, slug, actor="test", now=NOW)
            given = ListedIssuer(did, "Listed Example")
            issuer_lists.add(bureau, slug, given, note="A note to oneself", actor="test", now=NOW)
        for name, slug in (("source.district", "example-district"), ("source.state", "example-state")):
            raw = issuer_lists.published(bureau, "example-state").body
            self.names[name] = list_sources.bring_file(bureau, slug, "a.json", raw, actor="test", now=NOW)
            self.names["source.sha256"] = hashlib.sha256(raw).hexdigest()

    def policies(self) -> None:
        """A policy that a district has published, and a text that it may publish."""
        text = policy_scene.own_text(id="district-rule")
        publishing.publish(self.house.office, "example-district", text, actor="test", now=NOW)
        new = policy_scene.own_text(id="another-rule")
        self.names |= {"policy.text": new.decode(), "policy.sha256": hashlib.sha256(new).hexdigest()}
        self.names["published.sha256"] = hashlib.sha256(text).hexdigest()

    def fallen(self) -> None:
        """What a district and somebody else have counted, and whose source fell."""
        found = publish.find(self.house.mint, self.names["credential"])
        for where, slug in (("district", "example-district"), ("state", "example-state")):
            counted = fallen_scene.count(self.house, [found], organisation=slug)
            with self.db.transaction() as session:
                (line,) = reversals.of_decision(session, counted.decision)
                reversals.flag(session, line.id, Flag.REVOKED, now=NOW)
            self.names[f"reversal.{where}"] = line.id

    def affiliates(self) -> None:
        """What two affiliates, a district and somebody else attest; an award that both affiliates see."""
        office, link = self.house.office, self.names["credential.link"]
        for where, slug in (
            ("wa", "example-wa"),
            ("vt", "example-vt"),
            ("district", "example-district"),
            ("state", "example-state"),
        ):
            day = NOW.date()
            entry = attestations.read(
                email=f"{where}@attested.example", event="orientation", on=day.isoformat(), today=day
            )
            attestations.record(office, slug, [entry], how="hand", actor="test", now=NOW)
            (stored,) = attestations.listing(office, slug, Wanted()).rows
            self.names |= {f"attestation.{where}": stored.id, f"attested.{where}": entry.person_key}
            if where not in ("wa", "vt"):
                continue
            sharing.give(office, self.people[Who.OWNER], slug, link, now=NOW)
            certificate = intended.row(
                str(uuid.uuid4()), CERTIFICATE, slug, {"id": link}, key=slug, credential_id=slug, now=NOW
            )
            with self.db.transaction() as session:
                statements.add(session, certificate)
                (consent,) = consents.of_people(session, slug, [self.people[Who.OWNER].id])
            self.names |= {f"consent.{where}": consent.id, f"pd-certificate.{where}": certificate.id}

    def sign_in(self) -> None:
        """Sessions of all, two of which are over; tokens, two of which are too."""
        # A little ahead, so that no request notes that it is a minute later.
        now = clock.now() + timedelta(minutes=30)
        for who, person in self.people.items():
            with self.db.transaction() as session:
                begun, presented = sessions.begin(session, person.id, user_agent="", now=now)
            self.keys[who] = Key(cookie=presented, csrf=begun.csrf)
            self.names[f"session.{who.name.casefold()}"] = begun.id
        with self.db.transaction() as session:
            sessions.end_all(session, self.people[Who.ENDED].id)
        erased = self.people[Who.ERASED]
        account.erase(self.house.accounts, erased, erased.email, now=clock.now())
        self.keys[Who.GARBLED] = Key(bearer=f"hm_{'0' * 16}_{'A' * 43}")
        both = tuple(sorted(Who.BEARER.scopes))
        for who in (Who.EXPIRED, Who.REVOKED, Who.WRITER, Who.DECIDER, Who.BEARER):
            made_at = NOW - timedelta(days=2) if who is Who.EXPIRED else NOW
            with self.db.transaction() as session:
                made, presented = tokens.new(
                    session,
                    label=who.name,
                    scopes=who.scopes or both,
                    actor="test",
                    now=made_at,
                    lifetime=timedelta(days=1),
                )
                if who is Who.REVOKED:
                    tokens.revoke(session, made.id, actor="test", now=NOW)
            self.keys[who] = Key(bearer=presented)

    # -- work and its review ------------------------------------------------------------------------------

    def work(self) -> None:
        """Work of the owner in every state, and of two others in the other programme."""
        self.begin("owner.draft", Who.OWNER, "SEL2-v1")
        self.begin("stranger.draft", Who.STRANGER, "SEL2-v1")
        self.sent("owner.sent", Who.OWNER, "SEL3-v1")
        self.lease("owner.reading", Who.OWNER, "SEL1-v1", Who.REVIEWER)
        self.lease("stranger.reading", Who.STRANGER, "TPT1-v2", Who.OUTSIDER)
        returned = self.lease("owner.returned", Who.OWNER, "TRA1-v1", Who.COLLEAGUE)
        self.finish(returned, Who.COLLEAGUE, it.criteria(self.programme, "TRA1-v1")[:1])
        passed = self.lease("owner.awarded", Who.OWNER, "TRA2-v1", Who.COLLEAGUE)
        self.finish(passed, Who.COLLEAGUE, ())
        awarding.award(self.programme, now=NOW)
        award = it.found(self.programme, self.names["owner.awarded"]).award
        assert award is not None
        self.names["credential"] = award
        self.shared("owner.awarded", Who.OWNER)
        link = self.names["credential.link"] = f"{self.house.bureau.public_url}/credentials/{award}"
        looked = receipt.look(self.house.bureau, NOTHING, presented=None, url=link, now=NOW)
        owner = self.people[Who.OWNER]
        stated = signed_scene.state(self.house, link, email=owner.email, person=owner.id)
        self.names |= {"recognition": stated.recognition, "decision": stated.decision}
        self.names["pd-certificate"] = stated.certificate
        self.names["receipt"] = receipt.keep(self.house.bureau, looked, NOTHING, now=NOW).id
        self.names["batch"] = batching.open(
            self.house.bureau, lines.read_lines(link, ()), label="1 link", now=NOW
        )
        batch_work.work(self.house.bureau, now=NOW)
        self.case("case.education", "owner.flagged", Who.OWNER, "TRA3-v1", Who.COLLEAGUE)
        self.case("case.state", "member.flagged", Who.MEMBER, "TPT1-v2", Who.OUTSIDER)
        with self.db.transaction() as session:
            rows.put_goals(session, self.people[Who.OWNER].id, GOALS, now=NOW)
        self.names["goals"] = GOALS

    def shared(self, name: str, who: Who) -> None:
        """A link for evaluators, which tells name and answers."""
        fields = evaluator_link.Fields("The district", NOW.date() + timedelta(days=30), True, True)
        self.names["shared.link"] = id = evaluator_links.fresh_id()
        self.names["shared.token"] = evaluator_links.make(
            self.programme, self.names[name], fields, person=self.people[who], id=id, now=NOW
        )

    def begin(self, name: str, who: Who, version: str) -> tuple[Application, Artefact]:
        """An application with a piece of evidence at the first place that takes one."""
        application = it.applied(self.programme, self.people[who], version=version)
        text = assignment(self.programme, version)
        part = next(each for each in text.parts if each.artefacts)
        place = artefact_place(part.id, part.artefacts[0])
        disclosure = PUBLIC if name == "owner.awarded" else PRIVATE
        piece = it.artefact(self.programme, application, place, disclosure=disclosure)
        self.names |= {name: application.id, f"{name}.piece": piece.id, f"{name}.place": place}
        self.names[f"{name}.part"] = part.id
        return application, piece

    def sent(self, name: str, who: Who, version: str) -> Submission:
        """Work that was sent in."""
        application, piece = self.begin(name, who, version)
        return it.send(self.programme, application, artefacts=(piece,), id=it.unsampled())

    def lease(self, name: str, who: Who, version: str, reviewer: Who) -> Review:
        """Work that a reviewer holds."""
        work = self.sent(name, who, version)
        taken = review.lease(self.programme, self.people[reviewer], submission=work.id, now=NOW)
        self.names[f"{name}.review"] = taken.id
        return taken

    def finish(self, taken: Review, reviewer: Who, unmet: tuple[str, ...]) -> None:
        """A reading that ends in an answer."""
        person = self.people[reviewer]
        draft = it.draft(self.programme, taken, unmet=unmet)
        review.rate(self.programme, person, taken.id, draft, now=NOW)
        assert review.finish(self.programme, person, taken.id, now=NOW).is_decided

    def case(self, name: str, work: str, who: Who, version: str, reviewer: Who) -> None:
        """Work that somebody wondered about."""
        taken = self.lease(work, who, version, reviewer)
        cases.flag_misconduct(
            self.programme, self.people[reviewer], taken.id, text="It reads like a book.", now=NOW
        )
        with self.db.reading() as session:
            manager = self.people[_manager(version)]
            where = manager.organisations(Role.MANAGER)
            self.names[name] = case_rows.every(session, where, not_about=manager.id)[0].id

    def claims(self) -> None:
        """Claims of the owner at a district, sent, kept and asked about, and one of somebody else."""
        office, link = self.house.office, self.names["credential.link"]
        publishing.seed(office, now=NOW)
        district, state = "example-district", "example-state"
        for slug in (district, state):
            publishing.adopt(office, slug, "us-ma-renewal", actor="test", now=NOW)
        for name, who, where, purpose in (
            ("claim.owner", Who.OWNER, district, "licence-renewal"),
            ("claim.kept", Who.OWNER, district, "add-licence"),
            ("claim.asked", Who.OWNER, district, "licence-endorsement"),
            ("claim.stranger", Who.STRANGER, state, "licence-renewal"),
        ):
            person = self.people[who]
            said = Facts(as_of=NOW.date(), purpose=purpose)
            made = claims.reserve(
                office,
                person=person,
                organisation=where,
                policy="us-ma-renewal",
                links=[link],
                facts=said,
                now=NOW,
            )
            self.names[name] = made.id
            if name != "claim.kept":
                claims.submit(office, made.id, person=person, agrees=True, now=NOW)
            if name == "claim.asked":
                deciding.ask_for_more(office, where, made.id, message="More?", actor="test", now=NOW)

    def takebacks(self) -> None:
        """What officers and two tokens want to take back, and one that has begun."""
        mint, link = self.house.mint, self.names["credential.link"]
        officer = f"person:{self.people[Who.OFFICER].id}"
        tokens_of = {who: f"token:{self.keys[who].bearer.split('_')[1]}" for who in (Who.DECIDER, Who.BEARER)}
        for name, slug, actor in (
            ("running", EDUCATION, officer),
            ("education", EDUCATION, officer),
            ("state", STATE, officer),
            ("decider", EDUCATION, tokens_of[Who.DECIDER]),
            ("bearer", EDUCATION, tokens_of[Who.BEARER]),
        ):
            order = Order(slug, taken_names.of([link]), "one", Reason.ISSUED_IN_ERROR)
            made, _ = takeback_trial.try_out(mint, order, now=NOW, actor=actor)
            self.names[f"takeback.{name}"] = made.id
        takeback_steps.start(mint, self.names["takeback.running"], number=1, actor=officer, now=NOW)

    def bulks(self) -> None:
        """Files of awards of an officer and of two tokens, and one that waits for a second person."""
        mint, officer = self.house.mint, f"person:{self.people[Who.OFFICER].id}"
        for name, slug, code, actor in (
            ("education", EDUCATION, "SEL1", officer),
            ("proposed", EDUCATION, "SEL1", "cli"),
            ("state", STATE, "TPT1", officer),
            ("writer", EDUCATION, "SEL1", self.token(Who.WRITER)),
            ("bearer", EDUCATION, "SEL1", self.token(Who.BEARER)),
        ):
            data = f"achievement,email\n{code},{name}@bulk.example\n{code},nobody\n".encode()
            brought = bulk_desk.Brought(bulk_reading.Kind.CSV, data, "awards.csv")
            self.names[f"bulk.{name}"], _ = bulk_desk.propose(
                mint,
                brought,
                issuer=slug,
                sends_mail=False,
                actor="cli" if name == "state" else actor,
                now=NOW,
            )
        with self.db.transaction() as session:
            bulk_decisions.propose(session, self.names["bulk.proposed"], leaves_out=True)

    def token(self, who: Who) -> str:
        """Who acts with somebody's token."""
        return f"token:{self.keys[who].bearer.split('_')[1]}"

    # -- company and management ---------------------------------------------------------------------------

    def company(self) -> None:
        """A community that is not listed, with a member, and one that is."""
        for name, who, is_listed in (("owner", Who.OWNER, False), ("stranger", Who.STRANGER, True)):
            lead = self.people[who]
            fields = community.read(
                name=f"The circle of {who.name}",
                about="We read together.",
                portal="wa",
                local="",
                contact="Room 5",
                is_listed=is_listed,
                portals=("wa",),
            )
            id = communities.start(self.programme, lead, fields, shows_name=True, now=NOW)
            path = invitations.renew_link(self.programme, lead, id, now=NOW)
            day = (NOW + timedelta(days=30)).date().isoformat()
            communities.add_date(self.programme, lead, id, title="A day", day=day, code="SEL1", now=NOW)
            shared = communities.view(self.programme, lead, id).dates[0]
            self.names |= {f"community.{name}": id, f"community.{name}.date": shared.id}
            self.names[f"community.{name}.secret"] = path.rsplit("/", 1)[1]
        secret = self.names["community.owner.secret"]
        invitations.join(
            self.programme,
            self.people[Who.MEMBER],
            secret,
            community.MemberRole.MEMBER,
            shows_name=True,
            now=NOW,
        )

    def management(self) -> None:
        """Drafts, imports and questions of both programmes."""
        for name, who, where, key in (
            ("education", Who.MANAGER, EDUCATION, "SEL1-v1"),
            ("state", Who.STATE_MANAGER, STATE, "TPT1-v2"),
        ):
            person = self.people[who]
            self.names[f"draft.{name}"] = editing.begin_from(
                self.programme, key, issuers=(where,), person=person.id, now=NOW
            )
            data = f"email,name\nnew@{name}.example,New {name.title()}\n".encode()
            self.names[f"import.{name}"] = people_import.look(
                self.programme, person, data, name="people.csv", now=NOW
            )
        for portal in ("wa", "vt"):
            text = f"What about clock hours in {portal.upper()}?"
            self.names[f"question.{portal}"] = text
            asked = Question(portal, "clock-hours", None, "somebody@ask.example", text, "office@ask.example")
            with self.db.transaction() as session:
                portals.ask(session, asked, now=NOW)

    def mailbox(self) -> None:
        """Links as they were mailed, and a mail with an attachment."""
        owner = self.people[Who.OWNER]
        with self.db.transaction() as session:
            for kind, email, person in (
                (Kind.CONFIRM, "new@matrix.example", None),
                (Kind.SIGN_IN, owner.email, owner.id),
                (Kind.EMAIL, "moved@matrix.example", owner.id),
                (Kind.EXPORT, owner.email, owner.id),
            ):
                detail = {"email": email, "name": "New Example"} if kind is Kind.CONFIRM else {}
                self.names[f"link.{kind}"] = links.make(
                    session, kind, email=email, person=person, detail=detail, now=clock.now()
                )
        [(mail,)] = raw.rows(self.programme.db, "SELECT mail_id FROM mail_attachments LIMIT 1")
        [(status,)] = raw.rows(self.programme.db, "SELECT id FROM issuer_status_lists LIMIT 1")
        self.names |= {"mail": str(mail), "status": str(status)}


def make_world(folder: Path) -> World:
    """Make everybody and everything."""
    maker = _Maker(folder)
    maker.everybody()
    maker.work()
    maker.company()
    maker.management()
    maker.mailbox()
    maker.lists()
    maker.policies()
    maker.fallen()
    maker.claims()
    maker.affiliates()
    maker.sign_in()
    maker.takebacks()
    maker.bulks()
    for whose, piece in (("owner.piece", "owner.draft.piece"), ("nobody", "nobody")):
        maker.names[f"up.{whose}"] = f"up:{maker.names[piece]}"
    maker.names["tomorrow"] = (date.today() + timedelta(days=1)).isoformat()  # noqa: DTZ011  a far day will do
    return World(maker.app, folder, maker.people, maker.keys, maker.names)


def _manager(version: str) -> Who:
    return Who.STATE_MANAGER if version.startswith("TPT") else Who.MANAGER
