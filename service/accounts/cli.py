# SPDX-License-Identifier: Apache-2.0
"""The commands of accounts: ``people`` and ``organisations``. Who has the data folder may do all of it."""

from __future__ import annotations

import click

from service import clock, terminal
from service.accounts import organisations, people
from service.accounts.fields import DEFAULT_ZONE
from service.accounts.organisations import KINDS, Organisation
from service.accounts.people import Person, Role
from service.errors import NoSuchPersonError
from service.terminal import House

_ROLES = click.Choice([str(role) for role in Role if role is not Role.EDUCATOR])


@click.group(name="people")
def people_group() -> None:
    """Add people, list them, and give and take their roles."""


@people_group.command()
@click.argument("email")
@click.option("--name", required=True, help="Name, as it should stand on an award.")
@click.option("--zone", default=DEFAULT_ZONE, show_default=True, help="Time zone (IANA name).")
@click.option("--state", default="", help="Two letters, such as WA.")
@terminal.with_house
def add(house: House, email: str, name: str, zone: str, state: str) -> None:
    """Add a person, who signs in by a link that is sent to the address.

    Example: hallmark people add ada@teachers.example --name "Ada Example" --state WA
    """
    now = clock.now()
    with house.db.transaction() as session:
        found = people.create(session, email=email, name=name, zone=zone, state=state, now=now)
    terminal.say(f"{found.name} can sign in at {house.settings.public_url}/sign-in by a link.")
    terminal.show(found.id)


@people_group.command(name="list")
@click.option("--search", "words", default="", help="Only those whose name, address or school has this.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.with_house
def list_people(house: House, *, words: str, as_json: bool) -> None:
    """List people with their roles.

    Example: hallmark people list --search ada
    """
    with house.db.reading() as session:
        found = people.search(session, words)
    if as_json:
        terminal.show_json([{"id": each.id, "email": each.email, "roles": _roles(each)} for each in found])
        return
    for each in found:
        terminal.show(f"{each.email:36}  {each.name:28}  {' '.join(_roles(each))}".rstrip())
    if not found:
        terminal.say("There is nobody. Add somebody with: hallmark people add")


@people_group.command()
@click.argument("email")
@click.argument("role", type=_ROLES)
@click.argument("organisation")
@terminal.with_house
def grant(house: House, email: str, role: str, organisation: str) -> None:
    """Give somebody a role in an organisation.

    Example: hallmark people grant ada@teachers.example reviewer example-education
    """
    with house.db.transaction() as session:
        found = _find(house, email)
        people.grant(session, found.id, Role(role), organisation, actor="cli", now=clock.now())
    terminal.say(f"{email} is {role} in {organisation}.")


@people_group.command()
@click.argument("email")
@click.argument("role", type=_ROLES)
@click.argument("organisation")
@terminal.with_house
def withdraw(house: House, email: str, role: str, organisation: str) -> None:
    """Take a role in an organisation from somebody, at once.

    Example: hallmark people withdraw ada@teachers.example reviewer example-education
    """
    with house.db.transaction() as session:
        found = _find(house, email)
        people.withdraw(session, found.id, Role(role), organisation, actor="cli", now=clock.now())
    terminal.say(f"{email} is not {role} in {organisation} any more.")


@click.group(name="organisations")
def organisations_group() -> None:
    """Add organisations and list them."""


@organisations_group.command(name="add")
@click.argument("slug")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What it is.")
@click.option("--parent", help="Short name of the organisation that it belongs to.")
@terminal.with_house
def add_organisation(house: House, slug: str, name: str, kind: str, parent: str | None) -> None:
    """Add an organisation, or change its name, kind or parent. A programme's has the issuer's short name.

    Example: hallmark organisations add example-wa "Example Washington" --kind affiliate
    """
    with house.db.transaction() as session:
        organisations.put(session, Organisation(slug, name, kind, parent), actor="cli", now=clock.now())
    terminal.say(f"{name} is there as {slug}.")


@organisations_group.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.with_house
def list_organisations(house: House, *, as_json: bool) -> None:
    """List organisations.

    Example: hallmark organisations list
    """
    with house.db.reading() as session:
        found = organisations.every(session)
    if as_json:
        terminal.show_json(
            [
                {"slug": each.slug, "name": each.name, "kind": each.kind, "parent": each.parent}
                for each in found
            ]
        )
        return
    for each in found:
        terminal.show(f"{each.slug:28}  {each.kind:10}  {each.name}")
    if not found:
        terminal.say("There are none yet. Add one with: hallmark organisations add")


def _find(house: House, email: str) -> Person:
    with house.db.reading() as session:
        found = people.find_by_email(session, email)
    if found is None:
        raise NoSuchPersonError(f"Nobody has an account with the address {email}.")
    return found


def _roles(person: Person) -> list[str]:
    return [f"{each.role}:{each.organisation}" for each in person.memberships]


commands: tuple[click.Command, ...] = (people_group, organisations_group)
