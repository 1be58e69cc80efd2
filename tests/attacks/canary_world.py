# SPDX-License-Identifier: Apache-2.0
"""A programme in which everybody has secrets (threats P1), planted by the forms and steps that people use.

``plant`` makes it: educators sign up, write, upload, send in, are returned and awarded, share a part and hide
the rest; reviewers note, managers decide, communities meet, a recognizer keeps a list and checks many. Every
secret is told to the ``Net``; what may be seen by whoever holds a link is said in ``Planted.told``.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Final

import app
from earning.catalogue import editing
from earning.management import people_import
from issuer import reissue
from issuer.api import ISSUE, STATUS
from issuer.reissue import Correction
from recognition.attesting import attestations, sharing
from recognition.store.attestations import Wanted
from service import clock, log, tokens
from service.accounts.people import Role
from service.settings import Settings
from tests.attacks.canary_net import Net
from tests.attacks.canary_people import Planted
from tests.attacks.canary_work import Work
from tests.earning import reviewing as it
from tests.earning.house import NOW
from tests.earning.visits import BROWSER, Visitor
from tests.recognition import policy_scene, signed_scene
from verifier import batch_work

TOLD: Final = "It was awarded by mistake, says the heron."
LISTED: Final = "Heron County recognises these"


def plant(template: Path, net: Net) -> Planted:
    """Make it from a house with the sample programme, which is changed."""
    settings = Settings(data=template, checks_per_minute=0, second_reading_percent=0)
    web, said = app.create_app(settings), io.StringIO()
    log.configure(stream=said)
    made = Planted(web, template, net, said)
    scene = _World(made)
    scene.staff()
    scene.hidden_educator()
    scene.shown_educator()
    scene.other_work()
    scene.company()
    scene.management()
    scene.by_programs()
    scene.recognizer()
    scene.recognised()
    scene.affiliate()
    scene.keys()
    return made


class _World(Work):
    """What is beside the work, and all of it."""

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
        once = {**headers, "Idempotency-Key": self.net.word("key of another request")}
        body = {**body, "submission": self.net.word("another submission of a program")}
        made = self.sent(self.web.post("/credentials", data=json.dumps(body), headers=once))
        gone = made.headers["Location"].rsplit("/", 1)[1]
        status = {
            "status": "revoked",
            "reason": self.text("reason of a revocation"),
            "note": self.text("note of a revocation"),
            "public_reason": TOLD,
        }
        self.sent(self.web.post(f"/credentials/{gone}/status", data=json.dumps(status), headers=headers))
        self.made.note("credential", gone)

    def recognised(self) -> None:
        """A recognition and a PD certificate, of a claim full of what only the recognizer knows."""
        base = self.programme.public_url
        stated = signed_scene.state(
            self.made.house,
            f"{base}/credentials/{self.made.ids['credential'][0]}",
            email=self.net.email("address in a claim"),
            person=self.net.word("account in a decision"),
            facts={"PPID": self.net.word("number of a teacher"), "role": self.net.word("fact of a claim")},
            decided_by=self.net.word("who decided"),
            reason=self.text("reason of an adjustment"),
        )
        self.made.note("recognition", stated.recognition)
        self.made.note("decision", stated.decision)
        self.made.note("certificate", stated.certificate)

    def affiliate(self) -> None:
        """Attendance by hand and from a file, some of it void; awards that are shown and forwarded."""
        self.somebody("an affiliate officer", (Role.AFFILIATE, "example-wa"))
        seen, here = self.browser("an affiliate officer"), "/affiliate/example-wa"
        fields = {
            "event": "workshop",
            "item": "SEL1",
            "on": "2026-01-05",
            "emails": self.net.email("address of who attended"),
            "note": self.text("note on attendance"),
            "by": self.net.word("who attests").title(),
        }
        self.sent(seen.post(f"{here}/attendance/new", fields))
        (stored,) = attestations.listing(self.made.house.office, "example-wa", Wanted()).rows
        void = {"why": self.text("reason of a void attestation")}
        self.sent(seen.post(f"{here}/attendance/{stored.id}/void", void))
        rows = f"person key,event,date,note\n{self.net.email('address in a list of attendance')},orientation,"
        rows += f"2026-01-05,{self.net.word('note in a list of attendance')}\n"
        file = base64.b64encode(rows.encode()).decode()
        self.sent(seen.post(f"{here}/attendance/import/confirm", {"file": file}))
        office, educator = self.made.house.office, self.people["the hidden educator"]
        for held in office.holdings(educator.id):
            sharing.give(office, educator, "example-wa", held.url, now=NOW)
            typed = {"text": held.url, "email": self.net.email(f"address typed for a forwarded {held.code}")}
            self.sent(seen.post(f"{here}/forwarded", typed))

    # -- the recognizer -----------------------------------------------------------------------------------

    def recognizer(self) -> None:
        """A list with notes, a batch with references and addresses, and receipts."""
        seen, slug = self.browser("a recognizer"), "example-district"
        seen.get(f"/recognizer/list/{slug}")
        here = f"/recognizer/list/{slug}"
        self.sent(seen.post(here, {"title": LISTED, "about": ""}))
        for which, did in (("kept", "did:web:kept.example"), ("removed", "did:web:removed.example")):
            remark = self.text(f"note on the {which} entry")
            name = "Kept Example" if which == "kept" else self.net.word("name of a removed issuer").title()
            self.sent(seen.post(f"{here}/add", {"did": did, "name": name, "note": remark}))
        note = {"did": "did:web:kept.example", "note": self.text("later note on an entry")}
        self.sent(seen.post(f"{here}/note", note))
        self.sent(seen.post(f"{here}/remove", {"did": "did:web:removed.example"}))
        body = self.web.get(f"/lists/{slug}.json", headers={"Accept": "application/json"}).data
        file = (io.BytesIO(body), f"{self.net.word('file name of a list')}.json")
        self.sent(seen.post(f"{here}/import", {"file": file}))
        self.policies(seen, f"/recognizer/{slug}/policies")
        self.batch()

    def policies(self, seen: Visitor, here: str) -> None:
        """A policy that is published, and a text that is only looked at, from a file with a name."""
        text = policy_scene.own_text(id="district-rule")
        shown = hashlib.sha256(text).hexdigest()
        self.sent(seen.post(f"{here}/publish", {"text": text.decode(), "sha256": shown}))
        draft = policy_scene.own_text(id="draft-rule") + f"# {self.text('remark in a draft')}\n".encode()
        name = f"{self.net.word('file name of the policy')}.toml"
        self.sent(seen.post(f"{here}/look", {"file": (io.BytesIO(draft), name)}))

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
