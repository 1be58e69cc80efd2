# SPDX-License-Identifier: Apache-2.0
"""Issuers, their keys and their signers, in rows and files (threats K1, K2, K4, K5, L1)."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from credentials.errors import MalformedDIDError
from credentials.proofs.signer import Signer
from credentials.verification_method import KeyAlgorithm
from keys import private_key, store
from keys.cabinet import Cabinet
from keys.errors import (
    CustodyError,
    IssuerExistsError,
    IssuerNameError,
    KeyReusedError,
    KeyStateError,
    NoActiveKeyError,
    NoSuchIssuerError,
    NoSuchKeyError,
    UnsupportedCustodyError,
    WeakKeyError,
)
from keys.keyring import KeyState
from keys.publish import did_document
from service import audit
from service.db import Database
from service.errors import AuditUnavailableError
from service.settings import Settings
from tests.keys.samples import HOUR, NOW, PASSPHRASE, ed25519_jwk, environment, pem

ED, P256 = KeyAlgorithm.ED25519, KeyAlgorithm.P256
ROOT = Path(store.__file__).parent.parent


@pytest.fixture
def union(cabinet: Cabinet) -> Cabinet:
    """A cabinet with one issuer that has both of its keys."""
    cabinet.create_issuer("union", cabinet.root_did, now=NOW)
    for algorithm in (ED, P256):
        cabinet.new_key("union", algorithm, now=NOW)
    return cabinet


def second_house(cabinet: Cabinet) -> None:
    cabinet.create_issuer("district", "did:web:badges.hallmark.example:issuers:district", now=NOW)


def files(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.data / "keys").iterdir())


# -- issuers ----------------------------------------------------------------------------------------------


def test_an_issuer_is_known_by_slug_and_by_did(union: Cabinet) -> None:
    second_house(union)
    assert union.slugs() == ("district", "union") or union.slugs() == ("union", "district")
    assert union.slug_of(union.root_did) == "union"
    assert union.did_of("district").endswith(":district")
    assert union.slug_of("did:web:elsewhere.example") is None
    with pytest.raises(NoSuchIssuerError):
        union.did_of("nobody")


@pytest.mark.parametrize(
    "slug", ["", "Union", "a--b", "-a", "a-", "a b", "a/b", "ä", "a" * 65, "../a", "a\n"]
)
def test_an_issuers_short_name_is_plain(cabinet: Cabinet, slug: str) -> None:
    with pytest.raises(IssuerNameError):
        cabinet.create_issuer(slug, cabinet.root_did, now=NOW)


@pytest.mark.parametrize("did", ["did:key:z6Mk", "did:web:127.0.0.1", "did:web:localhost", "union", ""])
def test_an_issuer_has_a_did_web(cabinet: Cabinet, did: str) -> None:
    with pytest.raises(MalformedDIDError):
        cabinet.create_issuer("union", did, now=NOW)


def test_no_two_issuers_have_one_name_or_one_did(union: Cabinet) -> None:
    with pytest.raises(IssuerExistsError, match="name"):
        union.create_issuer("union", "did:web:other.example", now=NOW)
    with pytest.raises(IssuerExistsError, match="DID"):
        union.create_issuer("other", union.root_did, now=NOW)


# -- keys -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", [ED, P256, KeyAlgorithm.RSA])
def test_a_new_key_signs_at_once(cabinet: Cabinet, algorithm: KeyAlgorithm) -> None:
    cabinet.create_issuer("union", cabinet.root_did, now=NOW)
    key = cabinet.new_key("union", algorithm, now=NOW)
    signer: Signer = cabinet.signer("union", algorithm)
    key.public_key.verify(signer.sign(b"a badge"), b"a badge")
    assert signer.verification_method == f"{cabinet.root_did}#{key.id}"
    assert signer.algorithm is algorithm


def test_what_is_refused_leaves_no_file(union: Cabinet, settings: Settings) -> None:
    before = files(settings)
    with pytest.raises(KeyStateError):
        union.new_key("union", ED, now=NOW)
    with pytest.raises(NoSuchIssuerError):
        union.new_key("nobody", ED, now=NOW)
    with pytest.raises(NoActiveKeyError):
        union.rotate("union", KeyAlgorithm.RSA, now=NOW)
    with pytest.raises(WeakKeyError):
        union.new_key("union", KeyAlgorithm.P384, now=NOW)
    with pytest.raises(UnsupportedCustodyError):
        union.rotate("union", ED, now=NOW, custody="pkcs11:token=a")
    with pytest.raises(CustodyError):
        union.rotate("union", ED, now=NOW, custody="file:mine.key")
    assert files(settings) == before


def test_two_issuers_never_share_a_key(union: Cabinet, settings: Settings) -> None:
    second_house(union)
    key = pem(Ed25519PrivateKey.generate())
    union.import_key("district", key, now=NOW)
    before = files(settings)
    for slug in ("union", "district"):
        with pytest.raises(KeyReusedError):
            union.import_key(slug, key, now=NOW, replace=True)
    assert files(settings) == before


def test_a_key_that_was_retired_or_stolen_never_comes_back(union: Cabinet) -> None:
    secret = pem(Ed25519PrivateKey.generate())
    first = union.import_key("union", secret, now=NOW, replace=True)
    union.compromised("union", first.id, since=NOW, now=NOW + HOUR)
    with pytest.raises(KeyReusedError):
        union.import_key("union", secret, now=NOW + HOUR)


def test_the_rows_themselves_refuse_a_shared_key_and_a_second_active_one(union: Cabinet) -> None:
    """Also where two requests race past the first question."""
    second_house(union)
    with union._db.transaction() as session:
        ring = store.ring(session, "union")
        empty = store.ring(session, "district")
        with pytest.raises(KeyReusedError):
            store.save(session, empty, empty.with_new(ring.keys[0]))
    for sql in (
        "INSERT INTO keys SELECT thumbprint, 'district', key_id, algorithm, public_jwk, custody, 'retired', "
        "created, retired_at, compromised_since FROM keys LIMIT 1",
        "INSERT INTO keys SELECT 'another', slug, 'another', algorithm, public_jwk, custody, 'active', "
        "created, retired_at, compromised_since FROM keys LIMIT 1",
    ):
        with pytest.raises(IntegrityError), union._db.transaction() as session:
            session.execute(text(sql))


def test_a_change_in_the_same_moment_is_told_as_such(union: Cabinet) -> None:
    second_house(union)
    with union._db.reading() as session:
        stale = store.ring(session, "district")
    key = union.new_key("district", ED, now=NOW)
    other = union.rotate("union", ED, now=NOW)
    unseen = dataclasses.replace(other, public_key=private_key.generate(ED).public_key, id="ed25519-unseen")
    with pytest.raises(KeyStateError, match="same moment"), union._db.transaction() as session:
        store.save(session, stale, stale.with_new(unseen))
    assert union.ring("district").active(ED) == key


def test_a_key_of_the_environment_signs_and_is_written_nowhere(db: Database, settings: Settings) -> None:
    secret = Ed25519PrivateKey.generate()
    cabinet = Cabinet.open(
        db, settings, environ=environment(HALLMARK_KEY_UNION=ed25519_jwk(secret.private_bytes_raw()))
    )
    cabinet.create_issuer("union", cabinet.root_did, now=NOW)
    key = cabinet.new_key("union", ED, now=NOW, custody="env:HALLMARK_KEY_UNION")
    key.public_key.verify(cabinet.signer("union", ED).sign(b"x"), b"x")
    assert not (settings.data / "keys").exists()
    with pytest.raises(WeakKeyError, match="another kind"):
        cabinet.new_key("union", P256, now=NOW, custody="env:HALLMARK_KEY_UNION")


# -- rotation ---------------------------------------------------------------------------------------------


def test_ten_rotations_keep_every_old_method(union: Cabinet) -> None:
    """Threat K4: what an old key signed can still be checked, by the document of today."""
    listed: set[str] = set()
    for turn in range(10):
        signer = union.signer("union", ED)
        listed.add(signer.verification_method)
        union.rotate("union", ED, now=NOW + turn * HOUR)
        document = json.loads(did_document(union.ring("union")))
        assert listed <= {method["id"] for method in document["verificationMethod"]}
        assert listed <= set(document["assertionMethod"])
    assert len(listed) == 10
    assert len(union.ring("union").keys) == 12


def test_a_signer_stops_at_once_when_its_key_is_taken_out_of_use(union: Cabinet, settings: Settings) -> None:
    """In this process, and in another one that opened the key before."""
    other = Cabinet.open(Database(settings.database_url), settings, environ=environment(PASSPHRASE))
    steps: list[Callable[[str], object]] = [
        lambda key: union.rotate("union", ED, now=NOW + HOUR),
        lambda key: union.compromised("union", key, since=NOW, now=NOW + HOUR),
    ]
    for step in steps:
        signers = [union.signer("union", ED), other.signer("union", ED)]
        for signer in signers:
            signer.sign(b"before")
        step(union.ring("union").active(ED).id)
        for signer in signers:
            with pytest.raises(KeyStateError):
                signer.sign(b"after")
        assert not any(key.algorithm is ED for key in union._opened)
    union.retire("union", union.ring("union").active(P256).id, now=NOW + HOUR)
    with pytest.raises(NoActiveKeyError):
        union.signer("union", P256)
    other._db.close()


def test_an_unknown_key_cannot_be_retired(union: Cabinet) -> None:
    with pytest.raises(NoSuchKeyError):
        union.retire("union", "ed25519-none", now=NOW)


def test_processes_that_rotate_at_once_leave_one_active_key(union: Cabinet, settings: Settings) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from credentials.verification_method import KeyAlgorithm\n"
        "from keys.cabinet import Cabinet\n"
        "from service import clock\n"
        "from service.db import Database\n"
        "from service.settings import Settings\n"
        "settings = Settings(data=Path(sys.argv[1]))\n"
        "cabinet = Cabinet.open(Database(settings.database_url), settings)\n"
        "for _ in range(5):\n"
        "    cabinet.rotate('union', KeyAlgorithm.ED25519, now=clock.now())\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(settings.data)], env=environment(), cwd=ROOT)
        for _ in range(2)
    ]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    keys = [key for key in union.ring("union").keys if key.algorithm is ED]
    assert len(keys) == 11
    assert [key.state for key in keys].count(KeyState.ACTIVE) == 1
    union.signer("union", ED).sign(b"x")
    with union._db.reading() as session:
        assert audit.check(session) is None


# -- what may go wrong ------------------------------------------------------------------------------------


def test_without_an_audit_line_nothing_changes(union: Cabinet) -> None:
    """Threat L1."""
    before = union.ring("union")
    with union._db.transaction() as session:
        session.execute(text("ALTER TABLE audit_log RENAME TO lost"))
    key = before.active(ED).id
    for act in (
        lambda: union.rotate("union", ED, now=NOW),
        lambda: union.retire("union", key, now=NOW),
        lambda: union.compromised("union", key, since=NOW, now=NOW),
        lambda: union.create_issuer("district", "did:web:district.example", now=NOW),
    ):
        with pytest.raises(AuditUnavailableError):
            act()
    assert union.ring("union") == before
    union.signer("union", ED).sign(b"the old key still signs")


def test_every_change_has_its_audit_line(union: Cabinet) -> None:
    first = union.ring("union").active(ED).id
    second = union.rotate("union", ED, now=NOW + HOUR, actor="cli").id
    union.compromised("union", first, since=NOW, now=NOW + HOUR)
    with union._db.reading() as session:
        rows = session.execute(text("SELECT actor, action, subject, detail FROM audit_log ORDER BY number"))
        lines = [(row.actor, row.action, row.subject, json.loads(row.detail)) for row in rows]
    assert [line[1] for line in lines] == [
        "issuer.created",
        "key.activated",
        "key.activated",
        "key.activated",
        "key.compromised",
    ]
    assert lines[3] == ("cli", "key.activated", "union", {first: "retired", second: "active"})
    assert lines[4][3] == {first: "compromised since 2026-02-27T09:30:00Z"}


def test_a_file_without_a_row_is_harmless(union: Cabinet, settings: Settings) -> None:
    """A crash between file and row leaves just this."""
    own = settings.data / "keys" / files(settings)[0]
    shutil.copy(own, own.with_name("union.orphan.key"))
    (settings.data / "keys" / ".abc.tmp").write_bytes(b"half a ke")
    union.rotate("union", ED, now=NOW + HOUR)
    assert len(union.ring("union").keys) == 3


def test_a_swapped_key_file_is_not_used(db: Database, union: Cabinet, settings: Settings) -> None:
    """Threat K1: whoever exchanges files does not make us sign with another key."""
    second_house(union)
    other = union.new_key("district", ED, now=NOW)
    mine = union.ring("union").active(ED)
    folder = settings.data / "keys"
    shutil.copy(folder / other.custody[5:], folder / mine.custody[5:])
    fresh = Cabinet.open(db, settings, environ=environment(PASSPHRASE))
    with pytest.raises(CustodyError, match="another key"):
        fresh.signer("union", ED)


def test_a_key_is_opened_once_per_process(union: Cabinet, settings: Settings) -> None:
    union.signer("union", ED).sign(b"x")
    shutil.rmtree(settings.data / "keys")
    union.signer("union", ED).sign(b"x")


def test_a_lost_key_file_is_our_side_broken(db: Database, union: Cabinet, settings: Settings) -> None:
    shutil.rmtree(settings.data / "keys")
    fresh = Cabinet.open(db, settings, environ=environment(PASSPHRASE))
    with pytest.raises(CustodyError):
        fresh.signer("union", ED)
    assert len(json.loads(did_document(fresh.ring("union")))["verificationMethod"]) == 2


def test_a_key_change_joins_the_transaction_around_it(union: Cabinet) -> None:
    def rotate_and_fail() -> None:
        with union._db.transaction():
            union.rotate("union", ED, now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rotate_and_fail()
    assert len(union.ring("union").keys) == 2
