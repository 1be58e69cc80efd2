# SPDX-License-Identifier: Apache-2.0
"""Every page of the house with somebody who opens it, over the sample programme some months on.

``PAGES`` lists addresses by person; names in braces are objects that ``set_scenes`` has put there.
``NO_PAGES`` lists the routes that answer with something else than a page, each with what it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from earning.catalogue import editing
from earning.company import communities, invitations
from earning.management import people_import
from earning.review import cases, review
from earning.review.readings import Review
from earning.sharing import evaluator_link, evaluator_links, evaluator_page
from earning.work import evidence, sending, work
from earning.work.submissions import Submission, artefact_place
from issuer import artwork, revocation, status_job
from issuer.award import AwardState
from issuer.bulk import desk as bulk_desk
from issuer.bulk import engine as bulk_engine
from issuer.bulk import reading as bulk_reading
from issuer.store import bulk_decisions
from recognition import sample
from recognition.adopting import publishing
from recognition.attesting import attestations, certificates, sharing
from recognition.claiming import claims, deciding, proposal
from recognition.judging.facts import Facts
from recognition.plan import plans
from recognition.reversing import recheck, reversals
from recognition.rule.policy import Period
from recognition.stating import issuing
from recognition.store import consents
from service import clock
from service.accounts import links
from service.accounts.links import Kind
from tests import raw
from tests.earning import reviewing as it
from tests.earning import working
from tests.journeys.stage import Stage
from tests.journeys.taking_back_scene import set_takebacks
from tests.recognition import policy_scene, signed_scene
from verifier import batch_work, batching, issuer_lists, list_sources, receipt
from verifier.asked import NOTHING
from verifier.lines import Brought, read_lines
from verifier.receipt_record import BatchLine, BatchSummary
from verifier.verdict import Verdict

VISITOR: Final = ""
ADA, DANA, HALE = "ada@teachers.example", "dana@teachers.example", "hale@teachers.example"
SOL, TARYN = "sol@reviewers.example", "taryn@reviewers.example"
KIT: Final = "kit@support.example"
PAUL: Final = "paul.public@school.example"  # shows what his award rests on
NEWCOMER: Final = "officer@education.example"  # has begun nothing yet, so that empty pages are seen
ORLA: Final = "second-officer@education.example"
MANAGER, AFFILIATE = "manager@education.example", "officer@wa-education.example"
ADMINISTRATOR: Final = "admin@education.example"
REN: Final = "recognizer@district.example"
VERA: Final = "officer@vt-education.example"

PAGES: Final[Mapping[str, tuple[str, ...]]] = {
    VISITOR: (
        "/",
        "/wa",
        "/catalogue",
        "/catalogue?q=nothing+like+this",
        "/catalogue?view=print",
        "/catalogue/SEL1",
        "/catalogue/TPS1",
        "/catalogue/compare",
        "/catalogue/compare?code=SEL1&code=PGC1&code=CM1",
        "/help",
        "/help?portal=wa",
        "/verify",
        "/verify?url={credential-url}",
        "/verify/receipts/{receipt}",
        "/verify/receipts/{report}",
        "/verify/batches",
        "/verify/batches?deleted",
        "/verify/batches/{batch}",
        "/verify/batches/{batch}?show=needs-you",
        "/verify/batches/{batch}?show=undetermined",
        "/verify/batches/{batch}/1",
        "/verify/batches/{batch}/3",
        "/verify/batches/{cancelled}",
        "/credentials/{credential}",
        "/recognitions/{recognition}",
        "/recognitions/{recognition.withdrawn}",
        "/decisions/{decision}",
        "/pd-certificates/{certificate}",
        "/verify?url={recognition-url}",
        "/issuers/example-district",
        "/embed/{credential}",
        "/achievements/SEL1-v1",
        "/issuers/example-education",
        "/lists",
        "/lists/example-state",
        "/plan",
        "/plan?policy=us-ma-renewal&item=SEL1",
        "/plan?policy=us-wa-clock-hours",
        "/policies",
        "/policies/us-ma-renewal",
        "/policies/us-wa-clock-hours/2023-07-01",
        "/policies/exampleton-lane",
        "/docs/api",
        "/evidence/{paul.link}",
        "/shared/{shared}",
        "/shared/{shared}/evidence/{paul.link}",
        "/outbox",
        "/outbox?to=nobody",
        "/outbox/{mail}",
        "/sign-in",
        "/sign-in?next=/work",
        "/sign-in/sent",
        "/sign-up",
        "/sign-up/sent",
        "/confirm/{link.confirm}",
        "/sign-in/link/{link.sign-in}",
        "/account/email/{link.email}",
        "/account-erased",
    ),
    ADA: (
        "/work",
        "/work/{ada.draft}",
        "/work/{ada.draft}/parts/part-1",
        "/work/{ada.draft}/parts/part-2",
        "/work/{ada.draft}/add?place={ada.place}",
        "/work/{ada.draft}/artefacts/{ada.piece}",
        "/work/{ada.draft}/submit",
        "/work/{ada.draft}/feedback",
        "/work/{ada.draft}/withdraw",
        "/work/{ada.draft}/reminders",
        "/work/{ada.awarded}",
        "/work/{ada.awarded}/parts/part-1",
        "/work/{ada.awarded}/sent/1",
        "/work/{ada.awarded}/feedback",
        "/awards",
        "/awards/{ada.awarded}/share",
        "/awards/{ada.awarded}/share/as-evaluator",
        "/awards/affiliate",
        "/plan/mine",
        "/plan/mine?policy=us-wa-clock-hours",
        "/plan/mine?policy=us-ma-renewal&item=SEL1",
        "/claims",
        "/claims/{claim.kept}",
        "/claims/{claim.sent}",
        "/claims/{claim.asked}",
        "/claims/{claim.decided}",
        "/goals",
        "/catalogue/PGC1/apply",
        "/catalogue/SEL3/apply",
        "/catalogue/apply?code=SEL1&code=PGC1&code=CM1",
        "/communities",
        "/communities/{community}",
        "/communities/new",
        "/account",
        "/account/export",
        "/account/export/{link.export}",
        "/account/erase",
    ),
    DANA: (
        "/work",
        "/work/{dana.returned}",
        "/work/{dana.returned}/feedback",
        "/work/{dana.returned}/submit",
        "/communities/found/{community}",
        "/communities/join/{secret}",
    ),
    HALE: ("/work", "/work/{hale.waiting}", "/work/{hale.waiting}/submit"),
    PAUL: (
        "/awards",
        "/work/{paul.awarded}",
        "/awards/{paul.awarded}/share",
        "/awards/{paul.awarded}/share/as-evaluator?link={shared.link}",
    ),
    NEWCOMER: (
        "/work",
        "/awards",
        "/plan/mine",
        "/claims",
        "/communities",
        "/communities?q=nothing",
        "/account",
        "/taking-back",
        "/taking-back/new",
        "/taking-back/{takeback.trial}",
        "/taking-back/{takeback.proposed}",
        "/taking-back/{takeback.working}",
        "/taking-back/{takeback.open}",
        "/taking-back/{takeback.open}?show=good",
        "/taking-back/{takeback.done}",
        "/taking-back/{takeback.undone}?show=all",
    ),
    ORLA: (
        "/issuing",
        "/issuing/new",
        "/issuing/{bulk.trying}",
        "/issuing/{bulk.tried}",
        "/issuing/{bulk.tried}?show=warned",
        "/issuing/{bulk.proposed}",
        "/issuing/{bulk.waits}",
        "/issuing/{bulk.running}",
        "/issuing/{bulk.done}",
        "/issuing/{bulk.cancelled}",
        "/issuing/{bulk.unreadable}",
    ),
    SOL: (
        "/reviews",
        "/reviews/{review.again}",
        "/reviews/{review.again}?gaps=1",
        "/reviews/{review.again}/finish",
        "/reviews/{review.whole}/finish",
        "/reviews/{review.again}/flag",
    ),
    REN: (
        "/recognizer/list",
        "/recognizer/list/example-district",
        "/recognizer/list/example-district/add",
        "/recognizer/list/example-district/import",
        "/recognizer/list/example-district/sources/{list.source}",
        "/recognizer/example-district/report",
        "/recognizer/example-district/report?year=2000",
        "/recognizer",
        "/recognizer/example-district",
        "/recognizer/example-district?show=approved",
        "/recognizer/example-district?show=reversed",
        "/recognizer/example-district/claims/new",
        "/recognizer/example-district/claims/new?policy=us-ma-renewal",
        "/recognizer/example-district/claims/{claim.sent}",
        "/recognizer/example-district/claims/{claim.asked}",
        "/recognizer/example-district/claims/{claim.decided}",
        "/recognizer/example-district/claims/{claim.decided}?again=yes",
        "/recognizer/example-district/ledger",
        "/recognizer/example-district/ledger?q=nothing",
        "/recognizer/example-district/ledger/import",
        "/recognizer/example-district/attestations",
        "/recognizer/example-district/attestations/people",
        "/recognizer/example-district/attestations/new",
        "/recognizer/example-district/attestations/import",
        "/recognizer/example-district/reversals",
        "/recognizer/example-district/reversals/{reversal}",
        "/recognizer/policies",
        "/recognizer/example-district/policies",
        "/recognizer/example-district/policies/new?from=us-ma-renewal/2018-07-02",
    ),
    TARYN: ("/reviews", "/reviews/{review.ended}"),
    MANAGER: (
        "/manage",
        "/manage/applications",
        "/manage/applications?q=nothing",
        "/manage/applications/{ada.draft}",
        "/manage/applications/{ada.awarded}",
        "/manage/applications/{ada.awarded}/submissions/1",
        "/manage/reviewers",
        "/manage/reviewers?person={taryn}",
        "/manage/seasons",
        "/manage/seasons/wa/2026-27",
        "/manage/seasons/wa/new",
        "/manage/cases",
        "/manage/cases/{case}",
        "/manage/people/import",
        "/manage/people/import/{import}",
        "/manage/questions",
        "/manage/catalogue",
        "/manage/catalogue/SEL1",
        "/manage/drafts/{draft}",
        "/manage/drafts/{draft}/text",
        "/manage/drafts/{draft}/preview",
    ),
    AFFILIATE: (
        "/manage",
        "/manage/questions",
        "/manage/catalogue",
        "/manage/portals/wa",
        "/affiliate",
        "/affiliate/attendance",
        "/affiliate/example-wa",
        "/affiliate/example-wa/attendance",
        "/affiliate/example-wa/attendance?q=nothing",
        "/affiliate/example-wa/attendance/people",
        "/affiliate/example-wa/attendance/new",
        "/affiliate/example-wa/attendance/import",
    ),
    VERA: (
        "/affiliate/example-vt",
        "/affiliate/example-vt/certificates",
        "/affiliate/example-vt/certificates/{pd-certificate}",
        "/affiliate/example-vt/certificates/{pd-certificate.withdrawn}",
        "/affiliate/example-vt/forwarded",
    ),
    ADMINISTRATOR: ("/admin/people", "/admin/people?q=nobody", "/admin/people/{taryn}"),
}

NO_PAGES: Final[Mapping[str, str]] = {
    "/bulks": "JSON",
    "/bulks/<uuid:id>": "JSON",
    "/bulks/<uuid:id>/rows": "JSON",
    "/bulks/<uuid:id>/result.csv": "a table as a file",
    "/issuing/<uuid:id>.csv": "a table as a file",
    "/.well-known/did.json": "JSON",
    "/.well-known/jwks.json": "JSON",
    "/issuers/<slug>/did.json": "JSON",
    "/issuers/<slug>/jwks.json": "JSON",
    "/openapi.json": "JSON",
    "/problems/<code>": "JSON",
    "/healthz": "a word for machines",
    "/status/<list_id>": "a signed list",
    "/static/<path:filename>": "styles, scripts, fonts",
    "/achievements/<key>/<file>": "an image",
    "/issuers/<slug>/image.png": "an image",
    "/manage/drafts/<uuid:id>/image.svg": "an image",
    "/verify/batches/<uuid:id>.csv": "a table as a file",
    "/recognitions/<uuid:key>.json": "the signed statement",
    "/decisions/<uuid:key>.json": "the document",
    "/pd-certificates/<uuid:key>.json": "the signed credential",
    "/pd-certificates/<uuid:key>.pdf": "a file",
    "/verify/receipts/<uuid:key>.json": "the signed statement",
    "/verify/receipts/<uuid:key>/record.json": "the record",
    "/verify/receipts/<uuid:key>.pdf": "a file",
    "/verify/receipts/<uuid:key>/qr.svg": "an image",
    "/credentials/<uuid:key>/card.png": "an image",
    "/oembed": "JSON",
    "/robots.txt": "a text for robots",
    "/credentials/<uuid:key>.json": "the credential",
    "/credentials/<uuid:key>.jwt": "the credential",
    "/credentials/<uuid:key>.png": "the credential in its image",
    "/credentials/<uuid:key>.svg": "the credential in its image",
    "/credentials/<uuid:key>.pdf": "a document for print",
    "/credentials/<uuid:key>/qr.png": "an image",
    "/credentials/<uuid:key>/qr.svg": "an image",
    "/outbox/<int:mail_id>/attachments/<int:position>": "a file",
    "/outbox/<int:mail_id>/html": "a mail, looked at kind by kind",
    "/outbox/<int:mail_id>/message": "a mail as a file",
    "/work/<uuid:id>/artefacts/<uuid:piece>/file": "a file",
    "/work/<uuid:id>/calendar.ics": "a calendar",
    "/awards/<uuid:id>/certificate.pdf": "a document",
    "/communities/<id>/dates.ics": "a calendar",
    "/reviews/<id>/artefacts/<artefact>": "a file",
    "/manage/cases/<id>/artefacts/<artefact>": "a file",
    "/manage/figures/<name>.csv": "a table as a file",
    "/manage/reviewers.csv": "a table as a file",
    "/recognizer/<slug>/report.csv": "a table as a file",
    "/manage/people/import/<id>.csv": "a table as a file",
    "/recognizer/<slug>/attestations.csv": "a table as a file",
    "/recognizer/<slug>/claims.csv": "a table as a file",
    "/recognizer/<slug>/ledger.csv": "a table as a file",
    "/affiliate/<slug>/attendance.csv": "a table as a file",
    "/taking-back/<uuid:id>.csv": "a table as a file",
    "/takebacks": "JSON",
    "/takebacks/<uuid:id>": "JSON",
    "/takebacks/<uuid:id>/lines": "JSON",
    "/takebacks/<uuid:id>/result.csv": "a table as a file",
}


def set_scenes(stage: Stage) -> Mapping[str, str]:
    """Put there what the sample has not: a piece of evidence, reviews, a case, a draft, an import, links."""
    work_scenes = _work(stage)
    return {
        **work_scenes,
        **_receipts(stage, work_scenes["credential-url"]),
        **_batches(stage, work_scenes["credential-url"]),
        **_recognised(stage, work_scenes),
        **_lists(stage),
        **_policies(stage),
        **_fallen(stage),
        **_plans(stage),
        **_claims(stage, work_scenes),
        **_reviews(stage),
        **_published(stage),
        **_affiliates(stage, work_scenes),
        **set_takebacks(stage),
        **_management(stage),
        **_bulks(stage),
        **_links(stage),
        "taryn": stage.person(TARYN).id,
        "mail": str(stage.post(ADA, "awarded").mail.id),
    }


def _application(stage: Stage, email: str, version: str) -> str:
    return next(
        each.id
        for each in work.applications(stage.programme, stage.person(email).id)
        if each.version == version
    )


def _work(stage: Stage) -> dict[str, str]:
    ada = stage.person(ADA)
    draft, awarded = _application(stage, ADA, "SEL3-v1"), _application(stage, ADA, "SEL2-v1")
    part = next(each for each in work.assignment(stage.programme, "SEL3-v1").parts if each.artefacts)
    place = artefact_place(part.id, part.artefacts[0])
    piece = evidence.add_file(
        stage.programme,
        draft,
        place,
        person=ada.id,
        data=b"Notes of a walk, by somebody who can be reached at somebody@teachers.example.\n",
        claimed_name="notes.txt",
        about=evidence.About(description="Notes of a walk."),
        now=clock.now(),
    )
    award = work.application(stage.programme, awarded, person=ada.id).award
    assert award is not None
    (community, _), *_ = communities.of_person(stage.programme, ada)
    path = invitations.renew_link(stage.programme, ada, community.id, now=clock.now())
    return {
        "ada.draft": draft,
        "ada.awarded": awarded,
        "ada.place": place,
        "ada.piece": piece.id,
        "dana.returned": _application(stage, DANA, "SEL3-v1"),
        "hale.waiting": _application(stage, HALE, "SEL1-v1"),
        "credential": award,
        "credential-url": f"{stage.address}/credentials/{award}",
        "community": community.id,
        "secret": path.rsplit("/", 1)[1],
    }


def _plans(stage: Stage) -> dict[str, str]:
    """A saved plan, whose page shows its answer."""
    fields = {
        "fact-member_of-WEA": "yes",
        "fact-stem_endorsement": "yes",
        "cycle-from": "2024-01-01",
        "cycle-until": "2028-12-31",
        "want-CLIM1": "yes",
        "want-TLAP1": "yes",
    }
    plans.save(stage.house.office, stage.person(ADA).id, "us-wa-clock-hours", fields, now=clock.now())
    return {}


def _lists(stage: Stage) -> dict[str, str]:
    """A published list that waits, a note, and an issuer that was taken off."""
    bureau, slug, now = stage.house.bureau, "example-district", clock.now()
    url = f"{bureau.public_url}/lists/example-state.json"
    source = list_sources.bring_address(bureau, slug, url, actor="test", now=now)
    first, *_, last = issuer_lists.published(bureau, slug).entries
    issuer_lists.annotate(bureau, slug, first.did, "Agreed by the board.", actor="test", now=now)
    issuer_lists.remove(bureau, slug, last.did, actor="test", now=now)
    return {"list.source": source}


def _policies(stage: Stage) -> dict[str, str]:
    """A policy of the district's own, retired once and published again, and an example that it adopted."""
    office, slug = stage.house.office, "example-district"
    rules: dict[str, Any] = {"actor": "test", "now": clock.now()}
    publishing.seed(office, now=clock.now())
    for version, amount in (("2025", "8"), ("2026", "10")):
        text = policy_scene.own_text(id="exampleton-lane", version=version, amount=amount)
        publishing.publish(office, slug, text, **rules)
    publishing.retire(office, slug, "exampleton-lane", "2025", **rules)
    publishing.adopt(office, slug, "us-ma-renewal", **rules)
    return {}


def _fallen(stage: Stage) -> dict[str, str]:
    """The claims of the sample, one of which has lost a source since it was approved."""
    office, mint, now = stage.house.office, stage.house.mint, clock.now()
    wanted = revocation.Decision(AwardState.REVOKED, revocation.Reason.EVIDENCE)
    for link in sample.rehearse(office, now=now):
        revocation.decide(mint, link.rpartition("/")[2], wanted, now=now)
    status_job.at_once(mint, now=now)
    recheck.recheck(office, now)
    (found,) = reversals.waiting(office, sample.DISTRICT)
    return {"reversal": found.id}


def _receipts(stage: Stage, url: str) -> dict[str, str]:
    """A receipt of a check, and a report about some with every verdict."""
    bureau, now = stage.house.bureau, clock.now()
    looked = receipt.look(bureau, NOTHING, presented=None, url=url, now=now)
    lines = [
        BatchLine(
            place=f"row {number}",
            reference=f"2026-{number:03}",
            verdict=verdict,
            sentence="This is what was found.",
            credential_id=None,
            title="Teamwork in the classroom",
            issuer="union.example",
            recognised=None,
            sha256=hashlib.sha256(bytes([number])).hexdigest(),
            needs_you=verdict is not Verdict.VALID,
            checked_at=now,
        )
        for number, verdict in enumerate((*Verdict, None), start=1)
    ]
    summary = BatchSummary(id="sample", label="staff.csv", asked=NOTHING)
    return {
        "receipt": receipt.keep(bureau, looked, NOTHING, now=now).id,
        "report": receipt.keep_batch(bureau, summary, lines, now=now).id,
    }


def _recognised(stage: Stage, work_scenes: Mapping[str, str]) -> dict[str, str]:
    """A recognition that its educator shows, one that was withdrawn, and a PD certificate."""
    ada, url, now = stage.person(ADA), work_scenes["credential-url"], clock.now()
    stated = signed_scene.state(stage.house, url, email=ada.email, person=ada.id, name=ada.name)
    other = signed_scene.state(stage.house, url, email=ada.email, person=ada.id, purpose="rank-change")
    issuing.withdraw(stage.house.office, [other.recognition], "The award fell.", now=now, actor="ren")
    return {
        "recognition": stated.recognition,
        "recognition-url": f"{stage.house.office.public_url}/recognitions/{stated.recognition}",
        "recognition.withdrawn": other.recognition,
        "decision": stated.decision,
        "certificate": stated.certificate,
    }


def _claims(stage: Stage, work_scenes: Mapping[str, str]) -> dict[str, str]:
    """Claims of one educator at a district: decided, sent, asked about, and kept; all of one award."""
    office, district, now = stage.house.office, "example-district", clock.now()
    ada, found = stage.person(ADA), {}
    for name, policy, purpose in (
        ("claim.decided", "us-tn-pdp", "licence-renewal"),
        ("claim.sent", "us-ma-renewal", "licence-renewal"),
        ("claim.asked", "us-ma-renewal", "licence-endorsement"),
        ("claim.kept", "us-ma-renewal", "add-licence"),
    ):
        publishing.adopt(office, district, policy, actor="test", now=now)
        said = Facts(
            as_of=now.date(),
            purpose=purpose,
            values={"licence_level": ("professional",), "renewing": ("yes",)},
            cycle=Period(now.date() - timedelta(days=900), now.date() + timedelta(days=900)),
        )
        links = [work_scenes["credential-url"]]
        claim = claims.reserve(
            office, person=ada, organisation=district, policy=policy, links=links, facts=said, now=now
        )
        found[name] = claim.id
        if name == "claim.kept":
            continue
        claim = claims.submit(office, claim.id, person=ada, agrees=True, now=now)
        if name == "claim.asked":
            deciding.ask_for_more(
                office, district, claim.id, message="What is it for?", actor="test", now=now
            )
        if name == "claim.decided":
            shown = proposal.propose(office, claim, now=now).digest
            deciding.approve(office, district, claim.id, shown=shown, actor="test", now=now)
    return found


def _affiliates(stage: Stage, work_scenes: Mapping[str, str]) -> dict[str, str]:
    """Two awards that an affiliate sees, a PD certificate for one of them, and one that was withdrawn."""
    office, vt, now = stage.house.office, "example-vt", clock.now()
    ada, kit = stage.person(ADA), stage.person(KIT)
    sharing.give(office, ada, vt, work_scenes["credential-url"], now=now)
    for held in office.holdings(kit.id)[:1]:
        sharing.give(office, kit, vt, held.url, now=now)
    with stage.house.db.reading() as session:
        (consent,) = consents.of_people(session, vt, [ada.id])
    made = [""] * 2
    for index in range(2):
        made[index] = certificates.issue_shown(office, vt, consent.id, actor="test", now=now)
        if not index:
            certificates.withdraw(office, vt, made[0], why="The wrong year.", actor="test", now=now)
    entry = attestations.read(
        email=REN, event="prior-written-approval", item="SEL1", on=now.date().isoformat(), today=now.date()
    )
    attestations.record(office, "example-district", [entry], how="hand", actor="test", now=now)
    return {"pd-certificate.withdrawn": made[0], "pd-certificate": made[1]}


def _batches(stage: Stage, url: str) -> dict[str, str]:
    """Many at once: one with several kinds of rows, and one that was cancelled."""
    bureau, now = stage.house.bureau, clock.now()
    text = f"link;e-mail;id\n{url};;7\n{url};somebody@else.example;8\nhttps:;;9\n{stage.address}/help;;10\n"
    files = (Brought("picture.png", artwork.png("SEL1", stack="SEL")), Brought("damaged.json", b'{"a": '))
    done = batching.open(bureau, read_lines(text, files), label="staff.csv", now=now)
    batch_work.work(bureau, now=now)
    cancelled = batching.open(bureau, read_lines(text, ()), label="4 links", now=now)
    batching.cancel(bureau, cancelled, now=now)
    return {"batch": done, "cancelled": cancelled}


def _reviews(stage: Stage) -> dict[str, str]:
    programme, now = stage.programme, clock.now()
    sol, taryn = stage.person(SOL), stage.person(TARYN)

    def take(sent: Submission, email: str) -> Review:
        return review.lease(programme, stage.person(email), submission=sent.id, now=now)

    made = it.applied(programme, it.author(programme, "Paula Rounds"))
    ended = take(it.send(programme, made, artefacts=(it.artefact(programme, made),), now=now), TARYN)
    unmet = it.criteria(programme)[1:3]
    review.rate(programme, taryn, ended.id, it.draft(programme, ended, unmet=unmet), now=now)
    review.finish(programme, taryn, ended.id, now=now)
    changed = {**it.ANSWERS, "part-2/journal": "Monday: rushed, a knot in the stomach. Tuesday: dread."}
    again = take(it.send(programme, it.found(programme, made.id), answers=changed, now=now), SOL)
    whole = take(it.waiting(programme, now=now), SOL)
    review.rate(programme, sol, whole.id, it.draft(programme, whole, unmet=unmet), now=now)
    flagged = take(it.waiting(programme, now=now), TARYN)
    cases.flag_misconduct(programme, taryn, flagged.id, text="It reads like a book.", now=now)
    (case,) = cases.every(programme, stage.person(MANAGER))
    return {
        "review.ended": ended.id,
        "review.again": again.id,
        "review.whole": whole.id,
        "case": case.id,
    }


def _published(stage: Stage) -> dict[str, str]:
    programme, now = stage.programme, clock.now()
    paul, taryn = it.author(programme, "Paul Public"), stage.person(TARYN)
    made = working.apply(programme, paul)
    working.write(programme, made)
    file = working.upload(programme, made)
    link = evidence.add_link(
        programme,
        made.id,
        "part-2/plan",
        person=paul.id,
        url="https://video.example/lesson",
        name="A lesson",
        about=evidence.About(),
        now=now,
    )
    sent = sending.submit(
        programme,
        made.id,
        replace(working.STATED, publish=True),
        person=paul,
        revision=working.fresh(programme, made).revision,
        shows_name=True,
        public=[file.id, link.id],
        now=now,
    )
    taken = review.lease(programme, taryn, submission=sent.id, now=now)
    review.rate(programme, taryn, taken.id, it.draft(programme, taken), now=now)
    review.finish(programme, taryn, taken.id, now=now)
    stage.run("awards")
    fields = evaluator_link.Fields("District office", (now + timedelta(days=30)).date(), True, True)
    id = evaluator_links.fresh_id()
    token = evaluator_links.make(programme, made.id, fields, person=paul, id=id, now=now)
    evaluator_page.look(programme, token, now=now)
    stage.run("evaluator-links")
    return {"paul.awarded": made.id, "paul.link": link.id, "shared": token, "shared.link": id}


def _management(stage: Stage) -> dict[str, str]:
    manager, now = stage.person(MANAGER), clock.now()
    rows = b"email,name\nnew@school.example,New Example\nnobody,Bad Row\n"
    return {
        "draft": editing.begin_from(
            stage.programme, "SEL1-v1", issuers=("example-education",), person=manager.id, now=now
        ),
        "import": people_import.look(stage.programme, manager, rows, name="people.csv", now=now),
    }


def _bulks(stage: Stage) -> dict[str, str]:
    """Files of awards in every state."""
    mint, now, names = stage.house.mint, clock.now(), {}
    orla, ollie = (f"person:{stage.person(each).id}" for each in (ORLA, NEWCOMER))
    rows = "SEL1,{0}1@bulk.example,Ines Instance,2026-05-04,Proficient,Journal,words,\n"
    bad = "SEL1,nobody,,4.5.2026,Basic,,,\nTRA1,{0}2@bulk.example,,,,,,call 206-555-0100\n"
    head = "achievement,email,name,awarded,level:noticing,evidence,evidence text,narrative\n"
    for name, text, by in (
        ("trying", rows, orla),
        ("tried", rows + bad, orla),
        ("proposed", rows, orla),
        ("waits", rows + bad, ollie),
        ("running", rows, orla),
        ("done", rows + bad, orla),
        ("cancelled", rows, orla),
        ("unreadable", rows + '"', orla),
    ):
        brought = bulk_desk.Brought(bulk_reading.Kind.CSV, (head + text).format(name).encode(), f"{name}.csv")
        names[f"bulk.{name}"] = id = bulk_desk.propose(
            mint,
            brought,
            issuer="example-education",
            sends_mail=True,
            actor=by,
            now=now,
            at_once=name != "trying",
        )[0]
        if name in ("proposed", "waits"):
            with mint.db.transaction() as session:
                bulk_decisions.propose(session, id, leaves_out=True)
        if name == "done":
            bulk_desk.confirm(mint, id, count=2, leaves_out=True, actor=by, now=now)
            bulk_engine.run(mint, id, now=now)
        if name == "cancelled":
            bulk_desk.cancel(mint, id, actor=by, now=now)
    bulk_desk.confirm(mint, names["bulk.running"], count=1, leaves_out=False, actor=orla, now=now)
    return names


def _links(stage: Stage) -> dict[str, str]:
    ada = stage.person(ADA)
    made = {}
    with stage.house.db.transaction() as session:
        for kind, email, person in (
            (Kind.CONFIRM, "new@school.example", None),
            (Kind.SIGN_IN, ada.email, ada.id),
            (Kind.EMAIL, "moved@school.example", ada.id),
            (Kind.EXPORT, ada.email, ada.id),
        ):
            detail = {"email": email, "name": "New Example"} if kind is Kind.CONFIRM else {}
            made[f"link.{kind}"] = links.make(
                session, kind, email=email, person=person, detail=detail, now=clock.now()
            )
    return made


def kinds_of_mail(stage: Stage) -> Mapping[str, int]:
    """The newest mail of each kind that lies in the outbox."""
    return dict(raw.rows(stage.house.db, "SELECT kind, max(id) FROM mails GROUP BY kind"))
