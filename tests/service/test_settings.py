# SPDX-License-Identifier: Apache-2.0
"""Settings come from one file and the environment, strictly."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest

from service.errors import SettingsError
from service.settings import FALLBACK_DID_HOST, Settings, load, reference, write_file

ROOT = Path(__file__).resolve().parent.parent.parent


def test_an_empty_folder_has_good_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, {})
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.did_host == FALLBACK_DID_HOST
    assert settings.database_url == f"sqlite:///{tmp_path}/hallmark.sqlite3"
    assert settings.keys_passphrase_file == tmp_path / "keys-passphrase"
    assert not settings.https


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "hallmark.toml").write_text('title = "From the file"\nport = 81\n')
    settings = load(tmp_path, {"HALLMARK_TITLE": "From outside", "OTHER": "x"})
    assert (settings.title, settings.port) == ("From outside", 81)


def test_the_data_folder_comes_from_the_environment_if_nobody_names_one(tmp_path: Path) -> None:
    assert load(None, {"HALLMARK_DATA": str(tmp_path)}).data == tmp_path
    assert load(None, {}).data == Path("data").absolute()


def test_lists_and_paths_are_read_from_both_places(tmp_path: Path) -> None:
    (tmp_path / "hallmark.toml").write_text(
        'trusted_hosts = ["a.example.org"]\noffline_documents = "/srv/x"\n'
    )
    settings = load(tmp_path, {"HALLMARK_TRUSTED_HOSTS": "b.example.org, c.example.org"})
    assert settings.trusted_hosts == ("b.example.org", "c.example.org")
    assert settings.offline_documents == Path("/srv/x")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('publik_url = "https://a.example.org"', "publik_url"),
        ('data = "elsewhere"', "data"),
        ('port = "8080"', "port"),
        ("port = true", "port"),
        ("port = 65536", "port"),
        ("title = 3", "title"),
        ('title = "  "', "title"),
        ('trusted_hosts = "a"', "trusted_hosts"),
        ("trusted_hosts = [1]", "trusted_hosts"),
        ('log_level = "loud"', "log_level"),
        ('did_host = "Example.org"', "did_host"),
        ('did_host = "example.org:8080"', "did_host"),
        ('public_url = "ftp://example.org"', "public_url"),
        ('public_url = "https://example.org/path"', "public_url"),
        ('public_url = "https://user@example.org"', "public_url"),
        ('public_url = "https://example.org:port"', "public_url"),
        ('public_url = "https://example.org?"', None),
        ('public_url = "example.org"', "public_url"),
    ],
)
def test_a_setting_that_is_wrong_is_named(tmp_path: Path, content: str, name: str | None) -> None:
    (tmp_path / "hallmark.toml").write_text(content)
    if name is None:
        assert load(tmp_path, {}).public_url == "https://example.org"
        return
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, {})
    assert caught.value.path == name


def test_an_unknown_setting_says_where_it_stands_and_what_was_meant(tmp_path: Path) -> None:
    (tmp_path / "hallmark.toml").write_text("titel = 'x'")
    with pytest.raises(SettingsError, match=r"titel in .*hallmark\.toml.*mean title\?"):
        load(tmp_path, {})
    (tmp_path / "hallmark.toml").unlink()
    with pytest.raises(SettingsError, match=r"HALLMARK_TITEL in the environment"):
        load(tmp_path, {"HALLMARK_TITEL": "x"})


def test_names_that_are_no_settings_are_left_alone(tmp_path: Path) -> None:
    load(tmp_path, {"HALLMARK_VECTORS": "/x", "HALLMARK_KEYS_PASSPHRASE": "x", "HALLMARKS": "x"})


@pytest.mark.parametrize("content", [b"title = ", b"\xff\xfe", b'title = "a"\ntitle = "b"'])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "hallmark.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"hallmark\.toml"):
        load(tmp_path, {})


def test_a_number_in_the_environment_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HALLMARK_PORT"):
        load(tmp_path, {"HALLMARK_PORT": "many"})


@pytest.mark.parametrize(
    ("public_url", "did_host"),
    [
        ("https://Badges.Example.ORG/", "badges.example.org"),
        ("https://badges.example.org:443", "badges.example.org"),
        ("https://badges.example.org:8443", FALLBACK_DID_HOST),
        ("http://badges.example.org", FALLBACK_DID_HOST),
        ("https://192.0.2.7", FALLBACK_DID_HOST),
        ("https://[2001:db8::1]", FALLBACK_DID_HOST),
        ("https://localhost", FALLBACK_DID_HOST),
    ],
)
def test_the_did_host_follows_a_public_https_name_only(
    tmp_path: Path, public_url: str, did_host: str
) -> None:
    assert Settings(data=tmp_path, public_url=public_url).did_host == did_host


def test_a_chosen_did_host_stays(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, public_url="https://a.example.org", did_host="b.example.org")
    assert settings.did_host == "b.example.org"
    assert replace(settings, port=1).did_host == "b.example.org"


def test_the_database_address_is_not_shown() -> None:
    assert "pass-phrase" not in repr(Settings(database_url="postgresql://u:pass-phrase@h/d"))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    values: dict[str, str | int] = {"title": 'A "quoted" \\ title, ünïcode', "port": 81}
    (tmp_path / "hallmark.toml").write_text(write_file(values), encoding="utf-8")
    settings = load(tmp_path, {})
    assert (settings.title, settings.port) == (values["title"], 81)
    assert tomllib.loads(write_file({"title": "a\tb\u0007"})) == {"title": "a\tb\u0007"}


def test_every_setting_is_documented() -> None:
    assert all(item.metadata.get("doc", "").endswith((".", "error.")) for item in fields(Settings))
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert reference() in page, "put service.settings.reference() into docs/settings.md"
