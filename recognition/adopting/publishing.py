# SPDX-License-Identifier: Apache-2.0
"""Publish, retire and adopt policies: every change is a transaction with its audit line.

What was published never changes; a version is retired, never deleted, since decisions name it. The examples
of the house are put on the shelf by ``seed``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from recognition.adopting import shelf
from recognition.adopting.shelf import HOUSE, StoredPolicy
from recognition.errors import NoSuchPolicyError, PolicyTakenError
from recognition.office import Office
from recognition.rule import policy_reader
from recognition.rule.policy import Policy
from recognition.store import policies as rows
from recognition.store.policies import Adoption, Stored
from service import audit

VERSIONS_MOST: Final = 1_000  # versions that one organisation may publish; 64 KiB each at the most


def publish(office: Office, organisation: str, source: bytes, *, actor: str, now: datetime) -> StoredPolicy:
    """Publish one version in the name of an organisation, and let the organisation decide by the policy.

    The same bytes again change nothing.

    Raises:
        PolicyError: The text is no policy as agreed.
        PolicyTakenError: The id belongs to another, or the version was published with other bytes.
    """
    policy = policy_reader.read(source)
    with office.db.transaction() as session:
        before = rows.versions(session, policy.id)
        refuse_taken(policy, organisation, before)
        if not any(each.version == policy.version for each in before):
            if rows.count(session, organisation) >= VERSIONS_MOST:
                raise PolicyTakenError(
                    f"There is no room left: {VERSIONS_MOST:,} versions were published.", path="version"
                )
            new = Stored(
                id=policy.id,
                version=policy.version,
                organisation=organisation,
                source=source,
                sha256=policy.sha256,
                signed=None,
                added_at=now,
                added_by=actor,
                retired_at=None,
            )
            if not rows.add(session, new):
                raise PolicyTakenError(
                    f"Version “{policy.version}” was published a moment ago. Look at it first.",
                    path="version",
                )
            audit.record(
                session,
                actor=actor,
                action="policy.published",
                subject=f"policy:{policy.id}/{policy.version}",
                detail={"organisation": organisation, "sha256": policy.sha256, "status": policy.status},
                now=now,
            )
        if organisation != HOUSE:
            _adopt(office, organisation, policy.id, actor=actor, now=now)
    found = shelf.published(office, policy.id, policy.version)
    if found is None:  # pragma: no cover  it was written a moment ago
        raise NoSuchPolicyError("There is no such policy here.", got=policy.id)
    return found


def would_take(office: Office, organisation: str, policy: Policy) -> None:
    """Refuse what could not be published, before somebody is shown how it would look.

    Raises:
        PolicyTakenError: The id belongs to another, or the version was published with other bytes.
    """
    with office.db.reading() as session:
        refuse_taken(policy, organisation, rows.versions(session, policy.id))


def refuse_taken(policy: Policy, organisation: str, before: Iterable[Stored]) -> None:
    """Refuse an id of somebody else, and a version that was published with other bytes.

    Raises:
        PolicyTakenError: It is one of the two.
    """
    for each in before:
        if each.organisation != organisation:
            raise PolicyTakenError(
                f"The id “{policy.id}” belongs to somebody else who publishes here. Choose another id.",
                path="id",
            )
        if each.version == policy.version and each.sha256 != policy.sha256:
            raise PolicyTakenError(
                f"Version “{policy.version}” of {policy.id} was published with another text, and what was "
                "published never changes. Give this text a new version.",
                path="version",
            )


def retire(office: Office, organisation: str, id: str, version: str, *, actor: str, now: datetime) -> None:
    """Use a version no more for new decisions; decisions made by it keep it. Twice changes nothing.

    Raises:
        NoSuchPolicyError: The organisation has published no such version.
    """
    _set_retired(office, organisation, id, version, at=now, actor=actor, now=now)


def take_up(office: Office, organisation: str, id: str, version: str, *, actor: str, now: datetime) -> None:
    """Use a retired version again; twice changes nothing.

    Raises:
        NoSuchPolicyError: The organisation has published no such version.
    """
    _set_retired(office, organisation, id, version, at=None, actor=actor, now=now)


def adopt(office: Office, organisation: str, id: str, *, actor: str, now: datetime) -> None:
    """Let an organisation decide by a published policy, whoever published it; twice changes nothing.

    What is published by now is accepted; a later version of another publisher counts once it is (``accept``).

    Raises:
        NoSuchPolicyError: There is no such policy.
    """
    with office.db.transaction() as session:
        if not rows.versions(session, id):
            raise NoSuchPolicyError("There is no such policy here.", got=id[:80])
        _adopt(office, organisation, id, actor=actor, now=now)


def accept(
    office: Office, organisation: str, id: str, version: str, sha256: str, *, actor: str, now: datetime
) -> None:
    """Let another publisher's version count for an organisation that decides by the policy.

    Twice changes nothing.

    Args:
        office: The opened room.
        organisation: Slug of whoever decides by the policy.
        id: The policy.
        version: The version whose difference was shown.
        sha256: Of the text that was shown.
        actor: Who accepts it.
        now: When.

    Raises:
        NoSuchPolicyError: The organisation does not decide by it, or this text was not published.
    """
    with office.db.transaction() as session:
        found = rows.get(session, id, version)
        is_adopted = rows.adoption(session, organisation, id) is not None
        if not is_adopted or found is None or found.sha256 != sha256:
            raise NoSuchPolicyError("There is no such policy here.", got=f"{id}/{version}"[:160])
        if rows.accept(session, organisation, id, version, sha256):
            audit.record(
                session,
                actor=actor,
                action="policy.accepted",
                subject=f"policy:{id}/{version}",
                detail={"organisation": organisation, "sha256": sha256},
                now=now,
            )


def drop(office: Office, organisation: str, id: str, *, actor: str, now: datetime) -> bool:
    """Let an organisation decide by a policy no more; return whether it did."""
    with office.db.transaction() as session:
        if not rows.drop(session, organisation, id):
            return False
        audit.record(
            session,
            actor=actor,
            action="policy.dropped",
            subject=f"policy:{id}",
            detail={"organisation": organisation},
            now=now,
        )
    return True


def seed(office: Office, *, now: datetime) -> tuple[str, ...]:
    """Put the examples on the shelf; return sentences about what there is. Twice changes nothing.

    An example that was published with other bytes by an older release stays as it was.
    """
    with office.db.transaction() as session:
        for policy in policy_reader.samples():
            known = rows.versions(session, policy.id)
            if any(each.organisation != HOUSE or each.version == policy.version for each in known):
                continue
            publish(office, HOUSE, policy.source, actor="system", now=now)
    return (f"Rules of recognizers, as examples: {len(policy_reader.samples())}",)


def _adopt(office: Office, organisation: str, id: str, *, actor: str, now: datetime) -> None:
    with office.db.transaction() as session:
        accepted = {each.version: each.sha256 for each in rows.versions(session, id)}
        if rows.adopt(session, Adoption(organisation, id, now, actor, accepted)):
            audit.record(
                session,
                actor=actor,
                action="policy.adopted",
                subject=f"policy:{id}",
                detail={"organisation": organisation},
                now=now,
            )


def _set_retired(
    office: Office,
    organisation: str,
    id: str,
    version: str,
    *,
    at: datetime | None,
    actor: str,
    now: datetime,
) -> None:
    with office.db.transaction() as session:
        found = rows.get(session, id, version)
        if found is None or found.organisation != organisation:
            raise NoSuchPolicyError("There is no such policy here.", got=f"{id}/{version}"[:160])
        if (found.retired_at is None) is (at is None):
            return
        rows.retire(session, id, version, at=at)
        audit.record(
            session,
            actor=actor,
            action="policy.taken-up" if at is None else "policy.retired",
            subject=f"policy:{id}/{version}",
            detail={"organisation": organisation},
            now=now,
        )
