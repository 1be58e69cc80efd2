# SPDX-License-Identifier: Apache-2.0
"""Settings come from one file and the environment, strictly."""

from __future__ import annotations

import tomllib
from dataclasses import Field, fields, replace
from pathlib import Path
from typing import Any

import pytest

from service.errors import SettingsError
from service.mailbox import Mailbox
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
    load(tmp_path, {"HALLMARK_KEY": "x", "HALLMARK_KEY_UNION": "x", "HALLMARK_KEY_2": "x"})


OTHER_VALUES = {
    "public_url": "https://badges.example.org",
    "did_host": "badges.example.org",
    "database_url": "postgresql://hallmark@db.example.org/hallmark",
    "trusted_hosts": "a.example.org, b.example.org",
    "mail_from": "Badges <badges@example.org>",
    "mail_security": "tls",
    "files_url": "s3://bucket/prefix",
    "files_endpoint": "https://store.example.org",
    "log_level": "debug",
    "max_body_bytes": "4096",
}
BESIDE = {
    "files_endpoint": {"files_url": "s3://bucket"},
    "files_access_key": {"files_url": "s3://bucket", "files_secret_key": "secret"},
    "files_secret_key": {"files_url": "s3://bucket", "files_access_key": "name"},
    "files_secret_key_file": {"files_url": "s3://bucket", "files_access_key": "name"},
}


@pytest.mark.parametrize(
    "item", [each for each in fields(Settings) if each.name != "data"], ids=lambda each: each.name
)
def test_every_setting_of_the_table_is_taken_from_the_environment(tmp_path: Path, item: Field[Any]) -> None:
    kind, name = str(item.type), item.name
    value: Any = {"int": 3, "bool": not item.default}.get(kind, f"{tmp_path}/x" if "Path" in kind else "word")
    given = {name: OTHER_VALUES.get(name, str(value)), **BESIDE.get(name, {})}
    settings = load(tmp_path, {f"HALLMARK_{each.upper()}": text for each, text in given.items()})
    taken = getattr(settings, name)
    if kind.startswith("tuple"):
        taken = ", ".join(taken)
    assert str(taken).lower() == given[name].lower()
    assert taken != getattr(load(tmp_path, {}), name)


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("HALLMARK_KEY_FOLDER", "keys_folder"),
        ("HALLMARK_KEYS_FOLDR", "keys_folder"),
        ("HALLMARK_KEY_PASSPHRASE_FILE", "keys_passphrase_file"),
        ("HALLMARK_KEYS_PASSPRASE", "keys_passphrase"),
        ("HALLMARK_KEY_PASSPHRASE", "keys_passphrase"),
        ("HALLMARK_KEYS", ""),
        ("HALLMARK_PASSPHRASE", ""),
        ("HALLMARK_VECTOR", ""),
    ],
)
def test_a_misspelt_variable_about_keys_is_refused_like_any_other(
    tmp_path: Path, variable: str, meant: str
) -> None:
    with pytest.raises(SettingsError, match=f"Unknown setting {variable} .*{meant}"):
        load(tmp_path, {variable: "x"})


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


# -- mail -------------------------------------------------------------------------------------------------


def test_the_sender_has_the_name_of_the_site_unless_told_otherwise(tmp_path: Path) -> None:
    own = Settings(data=tmp_path, public_url="https://badges.union.example", title='A "B" <C>')
    assert own.sender == Mailbox(address="hallmark@badges.union.example", name='A "B" <C>')
    told = Settings(data=tmp_path, mail_from="Awards <awards@union.example>")
    assert told.sender == Mailbox(address="awards@union.example", name="Awards")


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_follows_the_protection(tmp_path: Path, security: str, port: int) -> None:
    assert Settings(data=tmp_path, mail_security=security).mail_port == port
    assert Settings(data=tmp_path, mail_security=security, mail_port=2525).mail_port == 2525


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"mail_from": "awards"}, "mail_from"),
        ({"mail_from": "Awards\r\nBcc: eve@evil.example <a@union.example>"}, "mail_from"),
        ({"mail_security": "ssl"}, "mail_security"),
        ({"mail_port": 65_536}, "mail_port"),
        ({"workers": 17}, "workers"),
        ({"mail_password": "x", "mail_password_file": Path("x")}, "mail_password_file"),
        ({"mail_host": "mail.example", "mail_security": "none", "mail_user": "u"}, "mail_security"),
    ],
)
def test_settings_of_mail_that_do_not_fit_are_refused(
    tmp_path: Path, values: dict[str, Any], name: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(data=tmp_path, **values)
    assert caught.value.path == name


def test_the_password_is_not_shown(tmp_path: Path) -> None:
    assert "tr0ub4dor" not in repr(Settings(data=tmp_path, mail_password="tr0ub4dor"))


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), ("False", False), ("0", False)])
def test_yes_and_no_come_from_the_environment(tmp_path: Path, text: str, value: bool) -> None:
    assert load(tmp_path, {"HALLMARK_DEMO": text}).demo is value
    with pytest.raises(SettingsError, match="true or false"):
        load(tmp_path, {"HALLMARK_DEMO": "perhaps"})


def test_a_demonstration_says_so_in_its_file(tmp_path: Path) -> None:
    (tmp_path / "hallmark.toml").write_text(write_file({"demo": True}))
    assert load(tmp_path, {}).demo is True
