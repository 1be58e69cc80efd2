# SPDX-License-Identifier: Apache-2.0
"""A programme in which everybody has secrets (threats P1), planted by the forms and steps that people use.

``plant`` makes it: educators sign up, write, upload, send in, are returned and awarded, share a part and hide
the rest; reviewers note, managers decide, communities meet, a recognizer keeps a list and checks many. Every
secret is told to the ``Net``; what may be seen by whoever holds a link is said in ``Planted.told``.
"""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from flask import Flask
from PIL import Image
from pypdf import PdfReader, PdfWriter
from werkzeug.test import TestResponse

import app
from earning.catalogue import editing
from earning.management import extensions, people_import
from earning.programme import Programme
from earning.review import awarding, cases, review
from earning.review.readings import Draft
from earning.store import cases as case_rows
from earning.store import work as rows
from earning.work.applications import Application
from earning.work.submissions import reply_place
from issuer import reissue
from issuer.api import ISSUE, STATUS
from issuer.reissue import Correction
from service import clock, log, mail, tokens
from service.accounts import account, people
from service.accounts.people import Person, Role
from service.envelope import filled_in
from service.settings import Settings
from tests.attacks.canary_net import Net
from tests.earning import reviewing as it
from tests.earning import uploads, working
from tests.earning.house import NOW, somebody
from tests.earning.visits import BROWSER, COOKIE, Visitor, sign_in
from verifier import batch_work

TITLE: Final = "Adult SEL 1: Self-Awareness"
SHOWN: Final = "Bluebell Openly"
OPEN: Final = "This page everybody may read, says the heron."
LISTED: Final = "Heron County recognises these"
_PRESENTED = re.compile(r"/confirm/([A-Za-z0-9_-]+)")
_SHARED = re.compile(r"/shared/([A-Za-z0-9_-]{20,})")
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_STATED: Final = {"students": "yes", "own_work": "yes", "judged": "yes", "publish": "yes", "ai": "assisted"}


@dataclass
class Planted:
    """The service with everything in it.

    Attributes:
        ids: Under a name, the parts of addresses that lead to something.
        told: A kind of secret, and the beginnings of the addresses where it may be read.
        said: What was logged all the while.
    """

    web: Flask
    folder: Path
    net: Net
    said: io.StringIO
    ids: dict[str, list[str]] = field(default_factory=dict)
    told: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def house(self) -> app.House:
        """The opened house."""
        found: app.House = self.web.extensions["hallmark"]
        return found

    @property
    def programme(self) -> Programme:
        """The room of earning."""
        return self.house.programme

    def note(self, name: str, *ids: str) -> None:
        """Keep parts of addresses."""
        self.ids.setdefault(name, []).extend(ids)


def plant(template: Path, net: Net) -> Planted:
    """Make it from a house with the sample programme, which is changed."""
    settings = Settings(data=template, checks_per_minute=0, second_reading_percent=0)
    web, said = app.create_app(settings), io.StringIO()
    log.configure(stream=said)
    made = Planted(web, template, net, said)
    scene = _Scene(made)
    scene.staff()
    scene.hidden_educator()
    scene.shown_educator()
    scene.other_work()
    scene.company()
    scene.management()
    scene.by_programs()
    scene.recognizer()
    scene.keys()
    return made


class _Scene:
    """Plants step by step."""

    def __init__(self, made: Planted) -> None:
        self.made, self.net, self.programme = made, made.net, made.programme
        self.web = made.web.test_client(use_cookies=False)
        self.base = made.programme.public_url
        self.people: dict[str, Person] = {}

    # -- people -------------------------------------------------------------------------------------------

    def somebody(self, who: str, *roles: tuple[Role, str], name: str = "") -> Person:
        """An account of which name, address, school and local are secrets."""
        made = somebody(
            self.programme,
            name or self.net.name(f"name of {who}"),
            *roles,
            email=self.net.email(f"address of {who}"),
            school=f"{self.net.word(f'school of {who}').title()} School",
            local=f"{self.net.word(f'local of {who}').title()} Local",
        )
        self.people[who] = made
        return made

    def browser(self, who: str) -> Visitor:
        """A browser of somebody; its secrets are secrets."""
        made = sign_in(self.programme, self.web, self.people[who])
        self.net.value(made.cookie, f"session of {who}")
        self.net.value(made.csrf, f"form token of {who}")
        return made

    def staff(self) -> None:
        """Reviewers, a manager, a recognizer."""
        for who in ("a reviewer", "another reviewer", "a third reviewer"):
            made = it.reviewer(
                self.programme,
                self.net.name(f"name of {who}"),
                email=self.net.email(f"address of {who}"),
                school=f"{self.net.word(f'school of {who}').title()} School",
                local=f"{self.net.word(f'local of {who}').title()} Local",
            )
            self.people[who] = made
        self.somebody("a manager", (Role.MANAGER, it.PROGRAMME))
        self.somebody("a recognizer", (Role.RECOGNIZER, "example-district"))
        self.somebody("a member")

    def signed_up(self) -> Visitor:
        """The educator who hides the name: an account by the forms and the mail."""
        email = self.net.email("address of the hidden educator")
        name, password = self.net.name("name of the hidden educator"), "four lamps over water "
        password += self.net.word("password of the hidden educator")
        fields = {"email": email, "name": name, "zone": "America/New_York", "state": "VT"}
        for part in ("school", "local"):
            fields[part] = f"{self.net.word(f'{part} of the hidden educator').title()} Place"
        self.sent(self.web.post("/sign-up", data=fields, headers=BROWSER))
        with self.programme.db.reading() as session:
            (letter,) = mail.listing(session, limit=1, address=email)
            content = mail.content(session, letter.id)
        assert content is not None
        found = _PRESENTED.search(filled_in(content.text, self.programme.settings))
        assert found is not None
        presented = self.net.value(found[1], "link that confirms an address")
        entered = self.sent(
            self.web.post(f"/confirm/{presented}", data={"password": password}, headers=BROWSER)
        )
        cookie = entered.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
        self.net.value(cookie, "session of the hidden educator")
        self.net.digests(name, "name of the hidden educator")
        with self.programme.db.reading() as session:
            person = people.find_by_email(session, email)
        assert person is not None
        self.people["the hidden educator"] = person
        page = self.made.web.test_client()
        page.set_cookie(COOKIE, cookie)
        form = _CSRF.search(page.get("/account", headers=BROWSER).text)
        assert form is not None
        return Visitor(page, self.net.value(form[1], "form token of the hidden educator"), cookie)

    @staticmethod
    def sent(answer: TestResponse) -> TestResponse:
        """A form that was taken."""
        assert answer.status_code in (200, 201, 303), (answer.request.path, answer.status_code, answer.text)
        return answer

    # -- work ---------------------------------------------------------------------------------------------

    def hidden_educator(self) -> None:
        """Two rounds, an award, and a panel on which a part is shown."""
        seen = self.signed_up()
        person = self.people["the hidden educator"]
        self.sent(seen.post("/catalogue/SEL1/apply", {"zone": person.zone, "season": ""}))
        (application,) = self._of(person)
        self.write(seen, application, "first attempt", base=0)
        public = self.pieces(seen, application)
        self.send(seen, application, public)
        self.returned(application)
        self.write(seen, application, "second attempt", base=1)
        reply = reply_place(it.criteria(self.programme)[0])
        fields = {f"a:{reply}": self.text("reply to a comment"), f"r:{reply}": "0"}
        self.sent(seen.post(f"/work/{application.id}/feedback", fields))
        self.send(seen, application, public)
        self.passed()
        awarding.award(self.programme, now=clock.now())
        self.share(seen, working.fresh(self.programme, application))

    def _of(self, person: Person) -> tuple[Application, ...]:
        with self.programme.db.reading() as session:
            return rows.of_person(session, person.id)

    def text(self, kind: str) -> str:
        """A sentence with a secret."""
        return f"I say {self.net.word(kind)}, and more."

    def write(self, seen: Visitor, application: Application, attempt: str, *, base: int) -> None:
        """Every answer by the form of its part."""
        for place in working.ANSWERS:
            part = place.partition("/")[0]
            words = self.text(f"answer at {place} in the {attempt}")
            fields = {f"a:{place}": words, f"r:{place}": str(base)}
            self.sent(seen.post(f"/work/{application.id}/parts/{part}", fields))

    def pieces(self, seen: Visitor, application: Application) -> list[str]:
        """Files of all kinds; two are public, one is to be shown by link, and the others are private."""
        public = []
        for which, name, data in (
            ("private text", "notes.txt", self.text("content of the private text").encode()),
            ("private photo", "photo.jpg", self.photo("private")),
            ("private document", "lesson.docx", self.document("private")),
            ("private paper", "paper.pdf", self.paper("private")),
            ("text by link", "linked.txt", self.text("content of the text by link").encode()),
            ("public photo", "open.jpg", self.photo("public")),
            ("public text", "open.txt", OPEN.encode()),
        ):
            claimed = f"{self.net.word(f'file name of the {which}')} {name}"
            about = self.text(f"description of the {which}")
            file = {"file": (io.BytesIO(data), claimed), "description": about}
            added = self.sent(seen.post(f"/work/{application.id}/add", {"place": "part-2/journal", **file}))
            piece = added.location.partition("?")[0].rsplit("/", 1)[1]
            self.made.note("piece", piece)
            self.made.note(which, piece)
            public += [piece] if which.startswith("public") else []
        link = {
            "place": "part-2/plan",
            "url": f"https://video.example/{self.net.word('address of the private link')}",
            "name": self.text("name of the private link"),
            "description": self.text("description of the private link"),
        }
        self.sent(seen.post(f"/work/{application.id}/add", link))
        with self.programme.db.reading() as session:
            for piece in rows.artefacts(session, application.id):
                if piece.id not in public:
                    self.net.value(piece.salt, f"salt of {piece.name or piece.url}")
        return public

    def photo(self, which: str) -> bytes:
        """A photo whose camera tells who took it, and where."""
        tags = Image.Exif()
        tags[0x013B] = self.net.word(f"artist in the {which} photo")
        tags[0x010E] = self.net.word(f"title in the {which} photo")
        tags.get_ifd(0x8825).update({1: "N", 29: self.net.word(f"place in the {which} photo")})
        target = io.BytesIO()
        remark = self.net.word(f"remark in the {which} photo").encode()
        uploads.photo().save(target, "JPEG", exif=tags, comment=remark)
        return target.getvalue()

    def document(self, which: str) -> bytes:
        """A document whose program tells who wrote it, and where it lay."""
        author = self.net.word(f"author of the {which} document")
        path = self.net.word(f"folder of the {which} document")
        text = self.net.word(f"text of the {which} document")

        def said(part: bytes | str) -> bytes | str:
            if isinstance(part, bytes):
                return part
            for was, now in ((uploads.CANARY, author), ("Xaviera", path), ("Quillfeather", author)):
                part = part.replace(was, now)
            return part.replace("</w:body>", f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body>")

        return uploads.packed({name: said(part) for name, part in uploads.docx_parts().items()})

    def paper(self, which: str) -> bytes:
        """A PDF with an author and a text."""
        writer = PdfWriter(PdfReader(io.BytesIO(uploads.pdf(self.net.word(f"text of the {which} paper")))))
        writer.add_metadata({"/Author": self.net.word(f"author of the {which} paper")})
        target = io.BytesIO()
        writer.write(target)
        return target.getvalue()

    def send(self, seen: Visitor, application: Application, public: list[str]) -> None:
        """Send in, with what is stated in own words."""
        if "what was done with a program" not in self.net.kinds:
            self.stated = {
                "ai_words": self.text("what was done with a program"),
                "shared_with": self.text("with whom it was made"),
            }
        fresh = working.fresh(self.programme, application)
        shown = {f"disclosure-{piece}": "public" for piece in public}
        fields = {**_STATED, **self.stated, **shown, "revision": str(fresh.revision)}
        self.sent(seen.post(f"/work/{application.id}/submit", fields))

    def returned(self, application: Application) -> None:
        """A reading that ends in comments, with a note for nobody else."""
        person, now = self.people["a reviewer"], clock.now()
        leased = review.lease(self.programme, person, now=now)
        unmet = it.criteria(self.programme)[:1]
        draft = it.draft(self.programme, leased, unmet=unmet, words=self.text("words of the first reading"))
        ratings = {
            each: replace(rating, comment=self.text(f"comment on {each}"))
            for each, rating in draft.ratings.items()
        }
        draft = replace(draft, ratings=ratings, note=self.text("note of the first reading"))
        self.finish(person, leased.id, draft)
        self.made.note("review", leased.id)
        self.made.note("application", application.id)

    def passed(self) -> None:
        """A reading that ends in an award."""
        person = self.people["another reviewer"]
        leased = review.lease(self.programme, person, now=clock.now())
        draft = it.draft(
            self.programme,
            leased,
            words=self.text("words of the second reading"),
            note=self.text("note of the second reading"),
        )
        self.finish(person, leased.id, draft)
        self.made.note("review", leased.id)

    def finish(self, person: Person, id: str, draft: Draft) -> None:
        """Keep and send a reading."""
        review.rate(self.programme, person, id, draft, now=clock.now())
        review.finish(self.programme, person, id, now=clock.now())

    def share(self, seen: Visitor, application: Application) -> None:
        """Show and hide the name again, show a piece by link, and make links for evaluators."""
        assert application.award is not None
        panel = f"/awards/{application.id}/share"
        for fields in ({"shown": "yes", "name": self.people["the hidden educator"].name}, {"shown": "no"}):
            self.sent(seen.post(f"{panel}/name", fields))
        (linked,) = self.made.ids["text by link"]
        self.sent(seen.post(f"{panel}/evidence/{linked}", {"disclosure": "link", "confirmed": "yes"}))
        self.sent(seen.post(f"{panel}/listing", {"listed": "yes"}))
        made = []
        for which, more in (
            ("link in use", {}),
            ("link that tells all", {"shows_name": "yes", "shows_answers": "yes"}),
            ("withdrawn link", {}),
        ):
            label = {"label": f"For {self.net.word(f'label of the {which}')}", **more}
            page = self.sent(seen.post(f"{panel}/links", label)).text
            found = _SHARED.search(page)
            assert found is not None
            made.append(found[1])
            if which != "link in use":
                self.net.value(found[1], f"secret of the {which}")
        self.made.note("token", made[0], made[2])
        self.made.told["content of the text by link"] = (f"/shared/{made[0]}/",)
        self.made.note("credential", application.award)

    def shown_educator(self) -> None:
        """Somebody who shows the name; what else there is of them is a secret."""
        person = self.somebody("the shown educator", name=SHOWN)
        application = working.apply(self.programme, person)
        working.write(self.programme, application, {
            place: self.text(f"answer of the shown educator at {place}") for place in working.ANSWERS
        })  # fmt: skip
        working.send(self.programme, application, person, now=clock.now(), shows_name=True)
        leased = review.lease(self.programme, self.people["another reviewer"], now=clock.now())
        self.finish(self.people["another reviewer"], leased.id, it.draft(self.programme, leased))
        awarding.award(self.programme, now=clock.now())
        award = working.fresh(self.programme, application).award
        assert award is not None
        self.made.note("credential", award)
        self.made.note("application", application.id)

    def begun(self, who: str) -> tuple[Person, Application]:
        """Somebody with work."""
        person = self.somebody(who)
        application = working.apply(self.programme, person)
        answers = {place: self.text(f"answer of {who} at {place}") for place in list(working.ANSWERS)[:1]}
        working.write(self.programme, application, {**working.ANSWERS, **answers})
        self.made.note("application", application.id)
        return person, application

    def other_work(self) -> None:
        """Work that was withdrawn, extended, set aside, doubted and denied; an account that was erased."""
        person, application = self.begun("who withdraws")
        self.people["who withdraws"] = person
        self.sent(self.browser("who withdraws").post(f"/work/{application.id}/withdraw", {"typed": "SEL1"}))
        _, application = self.begun("who has more time")
        extensions.extend(
            self.programme,
            self.people["a manager"],
            application.id,
            NOW.date() + timedelta(days=240),
            reason=self.text("reason of an extension"),
            revision=working.fresh(self.programme, application).revision,
            now=clock.now(),
        )
        for who, flag in (("whose pupils are seen", "data"), ("who is doubted", "misconduct")):
            person, application = self.begun(who)
            working.send(self.programme, application, person, now=clock.now())
            reviewer = self.people["a third reviewer"]
            leased = review.lease(self.programme, reviewer, now=clock.now())
            text, now = self.text(f"flag about {who}"), clock.now()
            if flag == "data":
                cases.flag_student_data(
                    self.programme, reviewer, leased.id, artefact=None, text=text, now=now
                )
            else:
                cases.flag_misconduct(self.programme, reviewer, leased.id, text=text, now=now)
            self.made.note("review", leased.id)
        self.denied()
        gone = self.somebody("who left")
        account.erase(self.made.house.accounts, gone, gone.email, now=clock.now())

    def denied(self) -> None:
        """A case from its notice to the committee's vote."""
        manager = self.people["a manager"]
        with self.programme.db.reading() as session:
            found = case_rows.every(session, frozenset((it.PROGRAMME,)), not_about=manager.id)
        case = next(each for each in found if each.kind == cases.MISCONDUCT)
        words, outcome = self.text("notice of a case"), self.text("outcome of a case")
        cases.notify(self.programme, manager, case.id, words=words, now=clock.now())
        later = clock.now() + timedelta(days=60)
        cases.deny(self.programme, manager, case.id, votes=(3, 0, 0), outcome=outcome, now=later)
        self.made.note("case", *(each.id for each in found))

    # -- company, management, programs --------------------------------------------------------------------

    def company(self) -> None:
        """A community that is not listed, with a date, an invitation and members; goals; a question."""
        lead, member = self.browser("who has more time"), self.browser("a member")
        fields = {
            "name": f"Circle {self.net.word('name of a community').title()}",
            "about": self.text("words about a community"),
            "portal": "wa",
            "local": self.net.word("local of a community").title(),
            "contact": self.net.word("contact of a community").title(),
            "shows_name": "yes",
        }
        id = self.sent(lead.post("/communities/new", fields)).location.rsplit("/", 1)[1]
        page = lead.post(f"/communities/{id}/link")
        text = page.text if page.status_code == 200 else lead.get(page.location).text
        found = re.search(r"/communities/join/([A-Za-z0-9_-]+)", text + (page.location or ""))
        assert found is not None
        self.net.value(found[1], "invitation to a community")
        self.sent(member.post(f"/communities/join/{found[1]}", {"shows_name": "yes"}))
        invited = {"emails": self.net.email("address of somebody invited"), "role": "member"}
        self.sent(lead.post(f"/communities/{id}/invite", invited))
        day = (NOW + timedelta(days=30)).date().isoformat()
        title = f"Meet at {self.net.word('date of a community')}"
        self.sent(lead.post(f"/communities/{id}/dates", {"title": title, "day": day, "code": "SEL1"}))
        self.sent(member.post("/goals", {"text": self.text("note to oneself")}))
        asked = {
            "portal": "",
            "topic": "choosing",
            "email": self.net.email("address of who asks for help"),
            "text": self.text("question to the help desk"),
        }
        self.sent(self.web.post("/help", data=asked, headers=BROWSER))
        self.made.note("community", id)

    def management(self) -> None:
        """A draft of a version that is not published, and people from a file."""
        manager = self.browser("a manager")
        begun = self.sent(manager.post("/manage/drafts", {"from": "SEL2-v1"}))
        draft = re.search(r"/manage/drafts/([0-9a-f-]{36})", begun.location)
        assert draft is not None
        boss, where = self.people["a manager"], frozenset((it.PROGRAMME,))
        found = editing.draft(self.programme, draft[1], issuers=where)
        source = found.source + f"\n# {self.text('draft of a version')}\n".encode()
        editing.save(
            self.programme,
            found.id,
            source,
            revision=found.revision,
            issuers=where,
            person=boss.id,
            now=clock.now(),
        )
        self.made.note("draft", draft[1])
        email = self.net.email("address of somebody brought in")
        name = self.net.name("name of somebody brought in")
        file = self.net.word("name of a file of people")
        data = f"email,name\n{email},{name}\n".encode()
        id = people_import.look(self.programme, boss, data, name=f"{file}.csv", now=clock.now())
        people_import.bring_in(self.programme, boss, id, now=clock.now())
        self.made.note("import", id)

    def by_programs(self) -> None:
        """An award, its suspension and its re-issue by the API, with what only we keep."""
        with self.programme.db.transaction() as session:
            label = self.net.word("label of a token")
            _, token = tokens.new(
                session,
                label=label,
                scopes=(ISSUE, STATUS),
                actor="test",
                now=NOW,
                lifetime=timedelta(days=9),
            )
        self.net.value(token, "token of a program")
        evidence = {
            "name": "Journal",
            "content": base64.b64encode(self.text("evidence given by a program").encode()).decode(),
        }
        body = {
            "achievement": "SEL1",
            "recipient": {"email": self.net.email("address given by a program")},
            "evidence": [evidence, {"name": "Answer", "text": self.text("answer given by a program")}],
            "submission": self.net.word("submission of a program"),
        }
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        once = {**headers, "Idempotency-Key": self.net.word("key of a request")}
        made = self.sent(self.web.post("/credentials", data=json.dumps(body), headers=once))
        key = made.headers["Location"].rsplit("/", 1)[1]
        now = clock.now()
        again = reissue.reissue(
            self.made.house.mint,
            key,
            reason=self.text("reason of a re-issue"),
            note=self.text("note of a re-issue"),
            correction=Correction(email=self.net.email("address after a re-issue")),
            now=now,
            actor=self.net.word("who issued again"),
        )
        status = {
            "status": "suspended",
            "reason": self.text("reason of a suspension"),
            "note": self.text("note of a suspension"),
        }
        self.sent(self.web.post(f"/credentials/{again.key}/status", data=json.dumps(status), headers=headers))
        self.made.note("credential", key, again.key)

    # -- the recognizer -----------------------------------------------------------------------------------

    def recognizer(self) -> None:
        """A list with notes, a batch with references and addresses, and receipts."""
        seen, slug = self.browser("a recognizer"), "example-district"
        seen.get(f"/recognizer/list/{slug}")
        here = f"/recognizer/list/{slug}"
        self.sent(seen.post(here, {"title": LISTED, "about": ""}))
        for which, did in (("kept", "did:web:kept.example"), ("removed", "did:web:removed.example")):
            note = self.text(f"note on the {which} entry")
            name = "Kept Example" if which == "kept" else self.net.word("name of a removed issuer").title()
            self.sent(seen.post(f"{here}/add", {"did": did, "name": name, "note": note}))
        note = {"did": "did:web:kept.example", "note": self.text("later note on an entry")}
        self.sent(seen.post(f"{here}/note", note))
        self.sent(seen.post(f"{here}/remove", {"did": "did:web:removed.example"}))
        body = self.web.get(f"/lists/{slug}.json", headers={"Accept": "application/json"}).data
        file = (io.BytesIO(body), f"{self.net.word('file name of a list')}.json")
        self.sent(seen.post(f"{here}/import", {"file": file}))
        self.batch()

    def batch(self) -> None:
        """Many at once with a person and a word of one's own in each row, and a receipt of one check."""
        links = [f"{self.base}/credentials/{key}" for key in self.made.ids["credential"]]
        lines = ["link,recipient,reference"]
        for number, link in enumerate(links):
            email = self.net.email(f"address in row {number} of a batch")
            lines.append(f"{link},{email},{self.net.word(f'reference in row {number} of a batch')}")
        data = {"files": (io.BytesIO("\n".join(lines).encode()), f"{self.net.word('name of a table')}.csv")}
        opened = self.sent(self.web.post("/verify/batches", data=data, headers=BROWSER))
        id = opened.location.rsplit("/", 1)[1]
        batch_work.work(self.made.house.bureau, now=clock.now())
        report = self.web.post(f"/verify/batches/{id}/report", headers=BROWSER)
        self.made.note("batch", id)
        receipts = [report.location.rsplit("/", 1)[1]]
        for typed in (
            self.people["the hidden educator"].email,
            self.net.email("address typed for a receipt"),
        ):
            fields = {"url": links[0], "recipient": typed}
            kept = self.sent(self.web.post("/verify/receipts", data=fields, headers=BROWSER))
            receipts.append(kept.location.rsplit("/", 1)[1])
        self.made.note("receipt", *receipts)
        at = (f"/verify/batches/{id}", f"/verify/receipts/{receipts[0]}")
        for kind in self.net.kinds:
            if kind.startswith("reference in row") or kind == "name of a table":
                self.made.told[kind] = at  # one's own words, for whoever has the link of one's own batch

    def keys(self) -> None:
        """What the house itself keeps to itself."""
        for file in sorted(self.made.folder.glob("*")):
            if file.is_file() and ("passphrase" in file.name or "secret" in file.name):
                self.net.value(file.read_text().strip(), f"content of {file.name}")
