# SPDX-License-Identifier: Apache-2.0
"""The work that nobody waits for: every job of every room, and how often it is looked for without a ring."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from earning.management import people_import
from earning.review import awarding, queue, review
from earning.sharing import evaluator_letters, evaluator_links
from earning.work import reminders
from issuer import cards, status_job
from issuer.bulk import desk as bulk_desk
from issuer.bulk import engine
from issuer.bulk import mails as bulk_mails
from issuer.bulk import trial as bulk_trial
from issuer.takeback import letters as takeback_letters
from issuer.takeback import trial as takeback_trial
from issuer.takeback import working as takeback_work
from issuer.takeback.takeback import JOB as TAKEBACKS
from issuer.takeback.takeback import TRIAL_JOB as TAKEBACK_TRIALS
from recognition.attesting import certificate_letters
from recognition.reversing import recheck
from recognition.stating import issuing
from roof.house import House
from verifier import batch_work, batching, list_sources, receipt


def register(house: House) -> None:
    """Name the jobs to the queue."""
    jobs = house.jobs
    jobs.register("mail", house.post_office.deliver, every=timedelta(minutes=1))
    jobs.register("awards", partial(awarding.award, house.programme), every=timedelta(minutes=1))
    jobs.register("leases", partial(review.lapse, house.programme), every=timedelta(minutes=10))
    jobs.register("review-waiting", partial(queue.call, house.programme), every=timedelta(hours=1))
    jobs.register("reminders", partial(reminders.remind, house.programme), every=timedelta(hours=1))
    jobs.register("expiry", partial(reminders.expire, house.programme), every=timedelta(hours=1))
    jobs.register("evidence-tidy", partial(reminders.tidy_files, house.programme), every=timedelta(days=1))
    jobs.register(
        "evaluator-links", partial(evaluator_letters.tell, house.programme), every=timedelta(minutes=10)
    )
    jobs.register(
        "evaluator-links-tidy", partial(evaluator_links.tidy, house.programme), every=timedelta(days=1)
    )
    jobs.register("imports-tidy", partial(people_import.tidy, house.programme), every=timedelta(days=1))
    jobs.register("receipts-tidy", partial(receipt.tidy, house.bureau), every=timedelta(days=1))
    jobs.register("cards-tidy", partial(cards.tidy, house.mint), every=timedelta(days=1))
    jobs.register("issuer-lists", partial(list_sources.look_at_all, house.bureau), every=timedelta(days=1))
    jobs.register(batching.JOB, partial(batch_work.work, house.bureau), every=timedelta(minutes=1))
    jobs.register(batching.TIDY_JOB, partial(batching.tidy, house.bureau), every=timedelta(days=1))
    jobs.register(issuing.JOB, partial(issuing.finish, house.office), every=timedelta(minutes=1))
    jobs.register(
        certificate_letters.JOB,
        partial(certificate_letters.send, house.office),
        every=certificate_letters.EVERY,
    )
    jobs.register(recheck.JOB, partial(recheck.recheck, house.office), every=recheck.EVERY)
    jobs.register(status_job.JOB, partial(status_job.work, house.mint), every=status_job.EVERY)
    jobs.register(TAKEBACKS, partial(takeback_work.work, house.mint), every=timedelta(minutes=1))
    jobs.register(TAKEBACK_TRIALS, partial(takeback_trial.work_all, house.mint), every=timedelta(minutes=1))
    jobs.register(takeback_work.TIDY_JOB, partial(takeback_work.tidy, house.mint), every=timedelta(days=1))
    jobs.register(
        takeback_letters.JOB, partial(takeback_letters.send, house.mint), every=timedelta(minutes=1)
    )
    jobs.register(engine.JOB, engine.Engine(house.mint).work, every=timedelta(minutes=1))
    jobs.register(engine.MAILS_JOB, partial(bulk_mails.write_mails, house.mint), every=timedelta(minutes=10))
    jobs.register(bulk_trial.JOB, partial(bulk_trial.work_all, house.mint), every=timedelta(minutes=1))
    jobs.register(bulk_desk.TIDY_JOB, partial(bulk_desk.tidy, house.mint), every=timedelta(days=1))
    jobs.register("mail-tidy", house.post_office.tidy, every=timedelta(days=1))
