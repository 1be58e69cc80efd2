# SPDX-License-Identifier: Apache-2.0
"""Where private keys are kept: sealed files of one's own, or the environment (threat K1)."""

from __future__ import annotations

import copy
import os
import pickle
import resource
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from credentials.proofs.signer import Signer
from credentials.verification_method import KeyAlgorithm
from keys import custody, file_key, private_key
from keys.custody import (
    PASSPHRASE_FILE_VARIABLE,
    PASSPHRASE_VARIABLE,
    Custody,
    KeySigner,
    unsafe_signer_from_seed,
)
from keys.errors import CustodyError, UnreadableKeyError, UnsupportedCustodyError, WeakKeyError
from keys.private_key import PrivateKey
from keys.sealed import Passphrase, seal
from tests.keys.samples import PASSPHRASE, ed25519_jwk, environment, pem

DID_URL = "did:web:union.example#key"


@pytest.fixture
def key() -> PrivateKey:
    return private_key.generate(KeyAlgorithm.ED25519)


def opened(data: Path, environ: dict[str, str] | None = None) -> Custody:
    environ = environment() if environ is None else environ
    return Custody(data / "keys", passphrase_file=data / "passphrase", environ=environ)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_sealed_key_opens_again(tmp_path: Path, key: PrivateKey) -> None:
    uri = opened(tmp_path).seal(key, name="union.a")
    assert uri == "file:union.a.key"
    assert opened(tmp_path).open(uri).public_key == key.public_key


def test_files_and_folder_are_nobody_elses(tmp_path: Path, key: PrivateKey) -> None:
    before = os.umask(0)
    try:
        opened(tmp_path, {}).seal(key, name="a")
    finally:
        os.umask(before)
    assert mode(tmp_path / "keys") == 0o700
    assert mode(tmp_path / "keys" / "a.key") == 0o600
    assert mode(tmp_path / "passphrase") == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["a.key"]


def test_an_open_folder_is_closed_to_others(tmp_path: Path, key: PrivateKey) -> None:
    (tmp_path / "keys").mkdir(mode=0o777)
    opened(tmp_path).seal(key, name="a")
    assert mode(tmp_path / "keys") == 0o700


def test_a_key_file_that_others_may_read_is_not_used(tmp_path: Path, key: PrivateKey) -> None:
    uri = opened(tmp_path).seal(key, name="a")
    (tmp_path / "keys" / "a.key").chmod(0o640)
    with pytest.raises(CustodyError, match="600"):
        opened(tmp_path).open(uri)


def test_a_key_file_is_not_reached_through_a_link(tmp_path: Path, key: PrivateKey) -> None:
    opened(tmp_path).seal(key, name="a")
    (tmp_path / "keys" / "b.key").symlink_to(tmp_path / "keys" / "a.key")
    with pytest.raises(CustodyError):
        opened(tmp_path).open("file:b.key")


@pytest.mark.parametrize("name", ["../a.key", "/etc/a.key", "a", "", ".a.key", "a/b.key", "a.key\n", "ä.key"])
def test_only_plain_names_name_a_key_file(tmp_path: Path, name: str, key: PrivateKey) -> None:
    opened(tmp_path).seal(key, name="a")
    with pytest.raises(CustodyError):
        opened(tmp_path).open(f"file:{name}")


def test_a_missing_key_is_our_side_broken(tmp_path: Path) -> None:
    with pytest.raises(CustodyError):
        opened(tmp_path).open("file:gone.key")


def test_a_file_with_another_keys_name_does_not_open(tmp_path: Path, key: PrivateKey) -> None:
    box = opened(tmp_path)
    box.seal(key, name="a")
    box.seal(private_key.generate(KeyAlgorithm.P256), name="b")
    content = (tmp_path / "keys" / "b.key").read_bytes().replace(b'"P-256"', b'"Ed25519"')
    (tmp_path / "keys" / "a.key").write_bytes(content)
    with pytest.raises(CustodyError):
        opened(tmp_path).open("file:a.key")


def test_a_sealed_text_that_is_no_key_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    file_key.make_folder(folder)
    label = {"algorithm": "Ed25519", "thumbprint": "x"}
    file_key.write_durably(folder / "a.key", seal(b"not a key", Passphrase(PASSPHRASE), label=label))
    with pytest.raises(CustodyError, match="something else"):
        opened(tmp_path).open("file:a.key")


def test_writing_replaces_the_whole_file_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    file_key.write_durably(path, b"first")
    file_key.write_durably(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_our_side_broken(tmp_path: Path, key: PrivateKey) -> None:
    (tmp_path / "keys").write_text("in the way")
    with pytest.raises(CustodyError):
        opened(tmp_path).seal(key, name="a")
    with pytest.raises(CustodyError):
        file_key.write_durably(tmp_path / "gone" / "a.key", b"x")
    (tmp_path / "b.key").mkdir()
    with pytest.raises(CustodyError):
        file_key.write_durably(tmp_path / "b.key", b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.key", "keys"]


# -- the passphrase ---------------------------------------------------------------------------------------


def test_the_passphrase_comes_from_the_environment_first(tmp_path: Path, key: PrivateKey) -> None:
    (tmp_path / "given").write_text("another passphrase\n")
    (tmp_path / "passphrase").write_text("a third passphrase\n")
    environ = environment(**{PASSPHRASE_FILE_VARIABLE: str(tmp_path / "given")})
    uri = opened(tmp_path, environ).seal(key, name="a")
    assert opened(tmp_path).open(uri).public_key == key.public_key


def test_the_passphrase_file_may_stand_elsewhere(tmp_path: Path, key: PrivateKey) -> None:
    (tmp_path / "given").write_text(f" {PASSPHRASE} \nsecond line\n")
    uri = opened(tmp_path, {PASSPHRASE_FILE_VARIABLE: str(tmp_path / "given")}).seal(key, name="a")
    assert opened(tmp_path).open(uri).public_key == key.public_key
    assert not (tmp_path / "passphrase").exists()


def test_the_passphrase_file_may_be_named_from_the_home_folder(
    tmp_path: Path, key: PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "given").write_text(f"{PASSPHRASE}\n")
    uri = opened(tmp_path, {PASSPHRASE_FILE_VARIABLE: "~/given"}).seal(key, name="a")
    assert opened(tmp_path).open(uri).public_key == key.public_key
    with pytest.raises(CustodyError):
        opened(tmp_path, {PASSPHRASE_FILE_VARIABLE: "~nobody-here/given"}).seal(key, name="b")


@pytest.mark.parametrize("content", [None, b"", b"\n", b"short\n", b"x" * 5_000])
def test_a_passphrase_file_without_one_is_an_error(
    tmp_path: Path, key: PrivateKey, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "given").write_bytes(content)
    with pytest.raises(CustodyError):
        opened(tmp_path, {PASSPHRASE_FILE_VARIABLE: str(tmp_path / "given")}).seal(key, name="a")


def test_without_any_passphrase_one_is_made_and_said_so(
    tmp_path: Path, key: PrivateKey, capsys: pytest.CaptureFixture[str]
) -> None:
    uri = opened(tmp_path, {}).seal(key, name="a")
    said = capsys.readouterr().err
    assert str(tmp_path / "passphrase") in said
    assert PASSPHRASE_VARIABLE in said
    assert (tmp_path / "passphrase").read_text().strip() not in said
    assert opened(tmp_path, {}).open(uri).public_key == key.public_key
    opened(tmp_path, {}).seal(key, name="b")
    assert capsys.readouterr().err == ""


def test_a_lost_passphrase_is_not_replaced_by_a_new_one(tmp_path: Path, key: PrivateKey) -> None:
    uri = opened(tmp_path, {}).seal(key, name="a")
    (tmp_path / "passphrase").unlink()
    with pytest.raises(CustodyError, match=PASSPHRASE_VARIABLE):
        opened(tmp_path, {}).open(uri)
    with pytest.raises(CustodyError, match=PASSPHRASE_VARIABLE):
        opened(tmp_path, {}).seal(key, name="b")
    assert not (tmp_path / "passphrase").exists()


def test_no_passphrase_is_made_outside_the_data_folder(tmp_path: Path, key: PrivateKey) -> None:
    box = Custody(tmp_path / "data" / "keys", passphrase_file=tmp_path / "secret", environ={})
    with pytest.raises(CustodyError):
        box.seal(key, name="a")


def test_two_that_make_the_passphrase_at_once_agree(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: file_key.generate_passphrase(path), range(32)))
    assert made.count(True) == 1
    assert list(tmp_path.iterdir()) == [path]


def test_a_passphrase_file_that_cannot_be_written_is_our_side_broken(tmp_path: Path) -> None:
    with pytest.raises(CustodyError):
        file_key.generate_passphrase(tmp_path / ("x" * 300))


def test_a_wrong_passphrase_says_only_that(tmp_path: Path, key: PrivateKey) -> None:
    uri = opened(tmp_path).seal(key, name="a")
    with pytest.raises(CustodyError) as caught:
        opened(tmp_path, environment(Passphrase.unsafe_generate())).open(uri)
    assert caught.value.__cause__ is None
    assert str(tmp_path) not in str(caught.value)


# -- the environment and other places ---------------------------------------------------------------------


def test_a_key_is_handed_in_by_the_environment(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    for text in (pem(key), ed25519_jwk(key.private_bytes_raw())):
        box = opened(tmp_path, {"HALLMARK_KEY_UNION": text})
        assert box.open("env:HALLMARK_KEY_UNION").public_key == PrivateKey(key).public_key


@pytest.mark.parametrize("uri", ["env:NOT_SET", "env:", "env:lower", "env:A=B"])
def test_an_unset_variable_is_our_side_broken(tmp_path: Path, uri: str) -> None:
    with pytest.raises(CustodyError):
        opened(tmp_path).open(uri)


def test_a_key_of_the_environment_is_judged_too(tmp_path: Path) -> None:
    box = opened(tmp_path, {"ZEROS": ed25519_jwk(bytes(32)), "WORDS": "a password"})
    with pytest.raises(WeakKeyError):
        box.open("env:ZEROS")
    with pytest.raises(UnreadableKeyError):
        box.open("env:WORDS")


@pytest.mark.parametrize(
    "uri", ["pkcs11:token=a", "awskms:alias/a", "gcpkms:x", "azurekms:x", "kms:x", "http://x", "", "a.key"]
)
def test_other_places_are_named_as_not_reached(tmp_path: Path, uri: str) -> None:
    with pytest.raises(UnsupportedCustodyError, match="file: "):
        opened(tmp_path).open(uri)


# -- signers ----------------------------------------------------------------------------------------------


def test_a_signer_signs_under_its_verification_method(key: PrivateKey) -> None:
    signer: Signer = KeySigner(key, verification_method=DID_URL)
    key.public_key.verify(signer.sign(b"x"), b"x")
    assert (signer.verification_method, signer.algorithm) == (DID_URL, KeyAlgorithm.ED25519)
    assert repr(signer) == f"<KeySigner {DID_URL}>"


@pytest.mark.parametrize("act", [pickle.dumps, copy.copy, copy.deepcopy])
def test_signers_and_custody_are_neither_copied_nor_sent(
    act: object, tmp_path: Path, key: PrivateKey
) -> None:
    box = opened(tmp_path)
    assert PASSPHRASE not in repr(box)
    for secret in (KeySigner(key, verification_method=DID_URL), box):
        with pytest.raises(TypeError):
            act(secret)  # type: ignore[operator]


def test_a_seed_makes_a_signer_for_tests_and_benchmarks() -> None:
    """RFC 8032, section 7.1, test 1."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    signer = unsafe_signer_from_seed(seed, DID_URL)
    assert signer.public_key.to_multikey() == "z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw"
    assert (
        signer.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155")
    )


def test_a_process_that_opens_a_key_writes_no_core() -> None:
    code = (
        "import resource, sys, pathlib\n"
        "from keys.custody import Custody\n"
        "from keys.errors import CustodyError\n"
        "box = Custody(pathlib.Path('gone/keys'), passphrase_file=pathlib.Path('gone/p'), environ={})\n"
        "before = resource.getrlimit(resource.RLIMIT_CORE)\n"
        "try:\n    box.open('env:NONE')\n"
        "except CustodyError:\n    pass\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(custody.__file__).parent.parent,
    )
    assert done.stdout.strip() == "(0, 0)"


def test_refusing_core_dumps_twice_is_fine() -> None:
    custody.refuse_core_dumps()
    custody.refuse_core_dumps()
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
