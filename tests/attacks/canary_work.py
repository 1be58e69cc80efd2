# SPDX-License-Identifier: Apache-2.0
"""Work full of canaries (threats P1), by the forms of educators and the steps of reviewers and managers.

Answers, files and links of two attempts, readings with notes, an award of which a part is shown, links for
evaluators; work that was withdrawn, extended, doubted and denied.
"""

import io
import re
from dataclasses import replace
from datetime import timedelta
from typing import Final

from PIL import Image
from pypdf import PdfReader, PdfWriter

from earning.management import extensions
from earning.review import awarding, cases, review
from earning.review.readings import Draft
from earning.store import artefacts as artefact_rows
from earning.store import cases as case_rows
from earning.store import sharing as links
from earning.store import work as rows
from earning.work.applications import Application
from earning.work.submissions import reply_place
from service import clock
from service.accounts import account
from service.accounts.people import Person
from tests.attacks.canary_people import Scene
from tests.earning import reviewing as it
from tests.earning import uploads, working
from tests.earning.house import NOW
from tests.earning.visits import Visitor

_SHARED = re.compile(r"/shared/([A-Za-z0-9_-]{20,})")
_STATED: Final = {"students": "yes", "own_work": "yes", "judged": "yes", "publish": "yes", "ai": "assisted"}
SHOWN: Final = "Bluebell Openly"
OPEN: Final = "This page everybody may read, says the heron."


class Work(Scene):
    """What is done, read and decided."""

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
            for each in artefact_rows.artefacts(session, application.id):
                if each.id not in public:
                    name = "the private link" if each.url else each.name
                    self.net.value(each.salt, f"salt of {name}")
                    if each.id in self.made.ids["text by link"]:
                        self.by_link = f"salt of {name}"
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
        self.made.owner, self.made.panel = seen, panel
        self.made.owner_name = self.people["the hidden educator"].name
        for shown in (True, False):
            self.made.show_name(shown)
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
        with self.programme.db.reading() as session:
            last = links.of_application(session, application.id)[0]
        assert not last.shows_name
        self.sent(seen.post(f"{panel}/links/{last.id}/withdraw"))
        self.made.note("token", *made[::2])
        self.made.told |= {
            "content of the text by link": (f"/shared/{made[0]}/",),
            self.by_link: (f"/shared/{made[0]}",),  # whoever may read it may compare it with what was signed
        }
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
