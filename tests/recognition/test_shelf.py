# SPDX-License-Identifier: Apache-2.0
"""The shelf of policies: what was published never changes, and which version rules for a day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

import app
from credentials.digests import digest_multibase
from recognition.adopting import issuer_names, policy_statement, publishing, shelf
from recognition.errors import NoSuchPolicyError, PolicyError, PolicyTakenError, RecognitionFieldError
from recognition.rule import policy_reader
from recognition.rule.policy import Status
from recognition.store import policies as rows
from service import audit
from tests.earning.house import NOW
from tests.recognition.policy_scene import DISTRICT, UNION, make, own_text
from verifier import issuer_lists
from verifier.verdict import Verdict

TODAY = NOW.date()
RULES: dict[str, Any] = {"actor": "person:1", "now": NOW}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[app.House]:
    found = make(tmp_path_factory.mktemp("shelf"))
    yield found
    found.jobs.close()
    found.db.close()


def publish(house: app.House, id: str, version: str = "1", **more: str) -> shelf.StoredPolicy:
    """Publish a text of the district's own; a later one a minute later."""
    after = timedelta(minutes=len(shelf.versions(house.office, id)))
    text = own_text(id=id, version=version, **more)
    return publishing.publish(house.office, DISTRICT, text, actor="person:1", now=NOW + after)


def test_the_house_brings_the_ten_examples_and_bringing_them_again_changes_nothing(house: app.House) -> None:
    before = shelf.every(house.office, on=TODAY)
    assert publishing.seed(house.office, now=NOW + timedelta(days=1))
    ours = [each for each in shelf.every(house.office, on=TODAY) if each.organisation == shelf.HOUSE]
    assert {each.policy.id for each in ours} == set(policy_reader.sample_ids())
    assert [each for each in before if each.organisation == shelf.HOUSE] == ours
    assert [each.policy.jurisdiction for each in ours] == sorted(each.policy.jurisdiction for each in ours)


def test_a_published_version_is_kept_byte_for_byte(house: app.House) -> None:
    text = own_text(id="kept")
    found = publishing.publish(house.office, DISTRICT, text, **RULES)
    assert found.policy.source == text
    assert found.path == "/policies/kept/1"
    assert shelf.published(house.office, "kept", "1") == found
    assert shelf.published(house.office, "kept", "2") is None
    assert publishing.publish(house.office, DISTRICT, text, **RULES) == found


def test_a_change_of_one_byte_is_a_new_version(house: app.House) -> None:
    publish(house, "changing")
    with pytest.raises(PolicyTakenError) as refused:
        publishing.publish(house.office, DISTRICT, own_text(id="changing") + b"\n", **RULES)
    assert "never changes" in refused.value.message
    assert refused.value.path == "version"
    publish(house, "changing", "2", amount="11")
    assert [each.policy.version for each in shelf.versions(house.office, "changing")] == ["2", "1"]


def test_of_two_who_publish_a_version_at_once_one_wins_and_the_other_is_told(
    house: app.House, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(house, "raced")
    monkeypatch.setattr(rows, "versions", lambda session, id: ())  # read a moment before the other wrote
    with pytest.raises(PolicyTakenError) as refused:
        publishing.publish(house.office, DISTRICT, own_text(id="raced", amount="11"), **RULES)
    assert refused.value.path == "version"


def test_an_id_belongs_to_whoever_published_it_first(house: app.House) -> None:
    publish(house, "ours-alone")
    for organisation, text in (
        ("example-state", own_text(id="ours-alone", version="9")),
        (DISTRICT, own_text(id="us-ma-renewal", version="9")),
    ):
        with pytest.raises(PolicyTakenError) as refused:
            publishing.publish(house.office, organisation, text, **RULES)
        assert refused.value.path == "id"


def test_a_text_with_a_fault_is_never_published(house: app.House) -> None:
    with pytest.raises(PolicyError):
        publishing.publish(house.office, DISTRICT, own_text(id="broken", amount="0"), **RULES)
    assert shelf.versions(house.office, "broken") == ()


def test_publishing_is_written_into_the_audit_log(house: app.House) -> None:
    found = publish(house, "noted")
    with house.db.reading() as session:
        actions = [line.action for line in audit.lines(session, subject="policy:noted/1")]
        adopted = [line.action for line in audit.lines(session, subject="policy:noted")]
    assert actions == ["policy.published"]
    assert adopted == ["policy.adopted"]
    assert found.added_by == "person:1"


def test_whoever_publishes_a_policy_decides_by_it(house: app.House) -> None:
    publish(house, "decided")
    assert "decided" in {each.policy.id for each in shelf.adopted(house.office, DISTRICT, on=TODAY)}
    assert shelf.adopters(house.office, "decided") == (DISTRICT,)


def test_an_organisation_adopts_what_others_publish_and_drops_it_again(house: app.House) -> None:
    def ids() -> set[str]:
        return {each.policy.id for each in shelf.adopted(house.office, "example-state")} - {"pinned"}

    assert ids() == set()
    publishing.adopt(house.office, "example-state", "us-vt-relicensing", **RULES)
    publishing.adopt(house.office, "example-state", "us-vt-relicensing", **RULES)
    assert ids() == {"us-vt-relicensing"}
    assert publishing.drop(house.office, "example-state", "us-vt-relicensing", **RULES)
    assert not publishing.drop(house.office, "example-state", "us-vt-relicensing", **RULES)
    assert ids() == set()
    with pytest.raises(NoSuchPolicyError):
        publishing.adopt(house.office, "example-state", "nothing", **RULES)


def test_the_award_date_selects_the_version_where_the_basis_is_the_award(house: app.House) -> None:
    two = {
        "from = 2018-01-01": "from = 2018-01-01, until = 2024-06-30",
        'basis = "claimed"': 'basis = "awarded"',
    }
    publish(house, "two-clocks", "old", **two)
    publish(
        house,
        "two-clocks",
        "new",
        **{"from = 2018-01-01": "from = 2024-07-01", 'basis = "claimed"': 'basis = "awarded"'},
    )

    def version(awarded: date, claimed: date) -> str | None:
        found = shelf.version_for(house.office, "two-clocks", awarded=awarded, claimed=claimed)
        return None if found is None else found.policy.version

    late = date(2025, 1, 1)
    assert version(date(2024, 6, 30), late) == "old"
    assert version(date(2024, 7, 1), late) == "new"
    assert version(date(2017, 1, 1), late) is None


def test_the_claim_date_selects_the_version_where_the_basis_is_the_claim(house: app.House) -> None:
    publish(house, "by-claim", "old", **{"from = 2018-01-01": "from = 2018-01-01, until = 2024-06-30"})
    publish(house, "by-claim", "new", **{"from = 2018-01-01": "from = 2024-07-01"})
    awarded = date(2020, 1, 1)
    for claimed, version in ((date(2024, 6, 30), "old"), (date(2024, 7, 1), "new")):
        found = shelf.version_for(house.office, "by-claim", awarded=awarded, claimed=claimed)
        assert found is not None
        assert found.policy.version == version


def test_a_draft_never_stands_before_a_version_in_force(house: app.House) -> None:
    publish(house, "drafted", "1")
    publish(house, "drafted", "2", status="draft")
    found = shelf.version_for(house.office, "drafted", awarded=TODAY, claimed=TODAY)
    shown = shelf.newest(house.office, "drafted", on=TODAY)
    assert found is not None
    assert shown is not None
    assert found.policy.version == shown.policy.version == "1"


def test_labels_of_versions_are_never_ordered(house: app.House) -> None:
    publish(house, "opaque", "2")
    publish(house, "opaque", "10")
    publish(house, "opaque", "1")
    found = shelf.newest(house.office, "opaque", on=TODAY)
    assert found is not None
    assert found.policy.version == "1"


def test_a_retired_version_selects_nothing_and_stays_readable(house: app.House) -> None:
    publish(house, "retiring", "1")
    publishing.retire(house.office, DISTRICT, "retiring", "1", **RULES)
    publishing.retire(house.office, DISTRICT, "retiring", "1", **RULES)
    assert shelf.version_for(house.office, "retiring", awarded=TODAY, claimed=TODAY) is None
    found = shelf.newest(house.office, "retiring", on=TODAY)
    assert found is not None
    assert found.policy.status is Status.RETIRED
    assert found.policy.source == own_text(id="retiring")
    assert not shelf.may_approve(found.policy, house.settings)
    publishing.take_up(house.office, DISTRICT, "retiring", "1", **RULES)
    assert shelf.version_for(house.office, "retiring", awarded=TODAY, claimed=TODAY) is not None


def test_nobody_retires_what_another_has_published(house: app.House) -> None:
    for organisation in (DISTRICT, "example-state"):
        with pytest.raises(NoSuchPolicyError):
            publishing.retire(house.office, organisation, "us-ma-renewal", "2018-07-02", **RULES)


def test_only_what_is_in_force_leads_to_an_approval_and_an_example_only_in_a_demonstration(
    house: app.House,
) -> None:
    example, own = policy_reader.sample("us-tn-pdp"), policy_reader.read(own_text())
    demo = replace(house.settings, demo=True)
    assert not shelf.may_approve(example, house.settings)
    assert shelf.may_approve(example, demo)
    assert shelf.may_approve(own, house.settings)
    assert not shelf.may_approve(policy_reader.read(own_text(status="draft")), demo)


# -- issuers ------------------------------------------------------------------------------------------------


def test_the_house_relies_on_its_own_issuers(house: app.House) -> None:
    trust = shelf.trust(house.office, "")
    own = {each.did for each in house.desk.registry.known()}
    assert trust.listed == own
    first = next(iter(trust.names["national-programme"]))
    assert trust.accepts(("national-programme",), first)
    assert not trust.accepts(("district-own",), first)


def test_an_organisation_without_a_list_trusts_nobody(house: app.House) -> None:
    trust = shelf.trust(house.office, "example-vt")
    assert trust.listed == frozenset()
    assert not trust.accepts(("*", "national-programme"), UNION.did)


def test_a_short_name_means_only_issuers_on_the_list(house: app.House) -> None:
    office = house.office
    issuer_names.bind(office, DISTRICT, "national-programme", [UNION.did], **RULES)
    assert shelf.trust(office, DISTRICT).accepts(("national-programme",), UNION.did)
    with pytest.raises(RecognitionFieldError):
        issuer_names.bind(office, DISTRICT, "national-programme", ["did:web:other.example"], **RULES)
    for name in ("", "*", "did:web:other.example", "x" * 81):
        with pytest.raises(RecognitionFieldError):
            issuer_names.bind(office, DISTRICT, name, [UNION.did], **RULES)
    issuer_lists.remove(house.bureau, DISTRICT, UNION.did, **RULES)
    assert not shelf.trust(office, DISTRICT).accepts(("national-programme",), UNION.did)
    issuer_lists.put_back(house.bureau, DISTRICT, UNION.did, **RULES)
    issuer_names.bind(office, DISTRICT, "national-programme", [], **RULES)
    assert not shelf.trust(office, DISTRICT).accepts(("national-programme",), UNION.did)


def test_the_short_names_that_policies_use_are_known() -> None:
    assert issuer_names.wanted(policy_reader.samples()) == ("district-own", "national-programme")


# -- the signed form ----------------------------------------------------------------------------------------


def test_the_signed_form_of_a_version_verifies_and_names_the_exact_text(house: app.House) -> None:
    stored = shelf.published(house.office, "us-ma-renewal", "2018-07-02")
    assert stored is not None
    signed = policy_statement.signed_form(house.office, stored, now=NOW)
    assert signed is not None
    assert house.desk.examine(signed, now=NOW).verdict is Verdict.VALID
    members = json.loads(signed)
    (named,) = members["relatedResource"]
    assert named["id"] == members["credentialSubject"]["id"]
    assert named["id"].endswith("/policies/us-ma-renewal/2018-07-02.toml")
    assert named["digestMultibase"] == digest_multibase(stored.policy.source)
    assert len(members["@context"]) == 2


def test_the_signed_form_is_made_once(house: app.House) -> None:
    stored = shelf.published(house.office, "us-tn-pdp", "1")
    assert stored is not None
    first = policy_statement.signed_form(house.office, stored, now=NOW)
    again = shelf.published(house.office, "us-tn-pdp", "1")
    assert again is not None
    assert again.signed == first
    assert policy_statement.signed_form(house.office, again, now=NOW + timedelta(days=9)) == first


def test_where_nobody_can_sign_for_the_publisher_there_is_no_signed_form(house: app.House) -> None:
    stored = publish(house, "unsigned")
    mute = replace(house.office, sign=None)
    assert policy_statement.signed_form(mute, stored, now=NOW) is None
    assert policy_statement.own_document(mute, f"{mute.public_url}{stored.path}.json", now=NOW) is None


def test_the_documents_of_a_policy_are_found_by_their_addresses(house: app.House) -> None:
    office, base = house.office, f"{house.office.public_url}/policies/us-nh-recertification/2024-07-12"
    assert policy_statement.own_document(office, f"{base}.toml", now=NOW) == (
        "application/toml",
        policy_reader.sample("us-nh-recertification").source,
    )
    signed = policy_statement.own_document(office, f"{base}.json", now=NOW)
    assert signed is not None
    assert policy_statement.own_document(office, base, now=NOW) == signed
    newest = f"{office.public_url}/policies/us-nh-recertification"
    assert policy_statement.own_document(office, newest, now=NOW) == signed
    for name in (
        f"{base}0.toml",
        f"{office.public_url}/policies/",
        "https://other.example/policies/x/1.toml",
    ):
        assert policy_statement.own_document(office, name, now=NOW) is None


def test_a_newer_version_of_another_publisher_counts_only_once_it_is_accepted(house: app.House) -> None:
    office, other = house.office, "example-state"
    publish(house, "pinned", amount="5")
    publishing.adopt(office, other, "pinned", **RULES)
    newer = publish(house, "pinned", "2", amount="5000")

    def ruling(organisation: str) -> str:
        found = shelf.version_for(office, "pinned", awarded=TODAY, claimed=TODAY, organisation=organisation)
        return "" if found is None else found.policy.version

    def adopted(organisation: str) -> shelf.Adopted:
        found = shelf.adopted(office, organisation)
        return next(each for each in found if each.policy.id == "pinned")

    assert (ruling(DISTRICT), ruling(other)) == ("2", "1")  # one's own follows at once
    assert (adopted(DISTRICT).policy.version, adopted(other).policy.version) == ("2", "1")
    assert adopted(DISTRICT).waiting == ()
    assert [each.policy.version for each in adopted(other).waiting] == ["2"]
    lines = shelf.difference(adopted(other).policy, newer.policy)
    assert any(each.startswith("-") and each.endswith("amount = 5") for each in lines)
    assert any(each.startswith("+") and each.endswith("amount = 5000") for each in lines)
    with pytest.raises(NoSuchPolicyError):  # another text than the one that was shown
        publishing.accept(office, other, "pinned", "2", "0" * 64, **RULES)
    publishing.accept(office, other, "pinned", "2", newer.policy.sha256, **RULES)
    publishing.accept(office, other, "pinned", "2", newer.policy.sha256, **RULES)
    assert ruling(other) == adopted(other).policy.version == "2"
    assert adopted(other).waiting == ()
    with house.db.reading() as session:
        actions = [line.action for line in audit.lines(session, subject="policy:pinned/2")]
    assert actions.count("policy.accepted") == 1
    with pytest.raises(NoSuchPolicyError):
        publishing.accept(office, "nobody", "pinned", "2", newer.policy.sha256, **RULES)
