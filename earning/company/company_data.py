# SPDX-License-Identifier: Apache-2.0
"""What we know of somebody from learning communities, questions and imports: handed out, or erased.

Where the lead of a community is erased, the member who has been in it longest leads it; without members it
ends. Its contact was the lead's, so it is taken away, and the community is not listed until there is a new
one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from earning.company.community import MemberRole
from earning.store import communities as rows
from earning.store import imports
from service import audit, mail
from service.accounts.people import Person


class CompanyData:
    """The part of communities, questions and imports (``service.accounts.personal``)."""

    name = "communities"

    def export(self, session: Any, person: Person) -> Mapping[str, Any]:
        """Return the communities of ``person`` with the role in each, what they asked, and their imports."""
        found = []
        for community, role in rows.of_person(session, person.id):
            me = next(each for each in rows.members(session, community.id) if each.person == person.id)
            found.append(
                {
                    "name": community.name,
                    "role": str(role),
                    "shows_name": me.shows_name,
                    "wants_mail": me.wants_mail,
                    "joined_at": me.joined_at,
                    "leads": asdict(community) if role is MemberRole.LEAD else None,
                }
            )
        return {
            "communities": found,
            "questions": rows.questions_of(session, person.id, person.email),
            "imports": [
                {"name": each.name, "state": each.state, "created_at": each.created_at}
                for each in imports.of_person(session, person.id)
            ],
        }

    def erase(self, session: Any, person: Person, now: datetime) -> None:
        """Take ``person`` out of all communities, and what they asked and uploaded out of the rest."""
        for community, role in rows.of_person(session, person.id):
            rows.leave(session, community.id, person.id)
            if role is MemberRole.LEAD:
                rows.take_contact(session, community.id)
                if not community.is_over:
                    self._pass_on(session, community.id, now=now)
        rows.take_contacts(session, person.email)
        for question in rows.forget_questions(session, person.id, person.email):
            mail.forget_thread(session, f"question:{question}")
        imports.forget(session, person.id)
        imports.forget_address(session, person.email)

    def _pass_on(self, session: Any, community: str, *, now: datetime) -> None:
        heir = next(
            (each for each in rows.members(session, community) if each.role is MemberRole.MEMBER), None
        )
        if heir is None:
            rows.end(session, community, now=now)
        else:
            rows.set_member(session, community, heir.person, role=str(MemberRole.LEAD))
        audit.record(
            session,
            actor="system",
            action="community.lead-erased",
            subject=f"community:{community}",
            detail={"to": None if heir is None else heir.person},
            now=now,
        )
