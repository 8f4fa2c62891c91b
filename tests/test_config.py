"""Settings: a mistake is named, a secret is kept, and of a sign-in provider there is all or nothing."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assess.config import SignInProvider, own_secret_key, read_settings
from assess.core.errors import Invalid

GIVEN = {
    "KAM_DATA_DIR": "/nowhere",
    "KAM_OIDC_ISSUER": "https://login.example.org/realms/acme",
    "KAM_OIDC_CLIENT_ID": "kam-assess",
    "KAM_OIDC_CLIENT_SECRET": "s3cret",
    "KAM_OIDC_NAME": "Acme ID",
}


def problems_of(**changes: str) -> set[str]:
    with pytest.raises(Invalid) as raised:
        read_settings({**GIVEN, **changes})
    return {str(problem) for problem in raised.value.problems}


def test_without_its_settings_there_is_no_provider() -> None:
    assert read_settings({"KAM_DATA_DIR": "/nowhere"}).provider is None


def test_a_provider_is_read_and_its_secret_not_shown() -> None:
    provider = read_settings(GIVEN).provider
    assert provider == SignInProvider("https://login.example.org/realms/acme", "kam-assess", "s3cret", "Acme ID")
    assert "s3cret" not in repr(read_settings(GIVEN))


def test_the_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    (tmp_path / "secret").chmod(0o600)
    given = {name: value for name, value in GIVEN.items() if name != "KAM_OIDC_CLIENT_SECRET"}
    provider = read_settings({**given, "KAM_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "secret")}).provider
    assert provider
    assert provider.client_secret == "from a file"


def test_without_a_name_the_button_shows_the_host_of_the_issuer() -> None:
    provider = read_settings({**GIVEN, "KAM_OIDC_NAME": ""}).provider
    assert provider
    assert provider.name == "login.example.org"


@pytest.mark.parametrize("missing", ["KAM_OIDC_ISSUER", "KAM_OIDC_CLIENT_ID", "KAM_OIDC_CLIENT_SECRET"])
def test_half_a_provider_is_a_mistake(missing: str) -> None:
    assert problems_of(**{missing: ""}) == {f"{missing}: is missing"}


@pytest.mark.parametrize(
    "issuer",
    ["http://login.example.org", "login.example.org", "https://", "https://a@b.org", "https://a.org/?x=1", "https://a.org/#x",
     "ftp://a.org", "http://[::1"],
)  # fmt: skip
def test_an_issuer_must_be_a_plain_https_address(issuer: str) -> None:
    assert problems_of(KAM_OIDC_ISSUER=issuer) == {
        "KAM_OIDC_ISSUER: must be an https address such as https://login.example.org"
    }


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:8080/realm", "http://localhost:9000", "https://login.example.org/"])
def test_on_the_machine_itself_http_will_do(issuer: str) -> None:
    provider = read_settings({**GIVEN, "KAM_OIDC_ISSUER": issuer}).provider
    assert provider
    assert provider.issuer == issuer, "compared letter by letter, so kept letter by letter"


def test_a_name_must_fit_on_a_button() -> None:
    assert problems_of(KAM_OIDC_NAME="x" * 61) == {"KAM_OIDC_NAME: is longer than 60 characters"}


@pytest.mark.parametrize("mode", [0o604, 0o620, 0o644, 0o666, 0o777])
def test_a_file_with_a_secret_must_be_closed_to_others(tmp_path: Path, mode: int) -> None:
    secret = tmp_path / "secret"
    secret.write_text("0123456789" * 4)
    secret.chmod(mode)
    told = problems_of(KAM_SECRET_KEY_FILE=str(secret))
    assert told == {
        f"KAM_SECRET_KEY_FILE: {secret} is open to others on this machine (mode {mode:04o}); run: chmod 600 {secret}"
    }
    for closed in (0o600, 0o400, 0o640):
        secret.chmod(closed)
        assert read_settings({**GIVEN, "KAM_SECRET_KEY_FILE": str(secret)}).secret_key == "0123456789" * 4


def test_a_file_without_a_secret_may_be_open(tmp_path: Path) -> None:
    port = tmp_path / "port"
    port.write_text("8080\n")
    port.chmod(0o644)
    assert read_settings({**GIVEN, "KAM_PORT_FILE": str(port)}).port == 8080


def test_the_installations_own_key_is_closed_again_when_it_was_opened(tmp_path: Path) -> None:
    key = own_secret_key(tmp_path)
    path = tmp_path / "secret-key"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    assert own_secret_key(tmp_path) == key
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "short\n", "\0" * 64, "x" * 31])
def test_a_file_without_a_whole_key_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secret-key"
    path.write_text(content)
    with pytest.raises(Invalid, match="secret-key holds no whole key"):
        own_secret_key(tmp_path)
    assert path.read_text() == content


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(own_secret_key, [tmp_path] * 8))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_a_full_disk_leaves_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        own_secret_key(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_paths: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    key = own_secret_key(tmp_path)
    assert own_secret_key(tmp_path) == key
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_settings_never_show_their_secrets() -> None:
    shown = {"KAM_SECRET_KEY": "k" * 40, "KAM_METRICS_TOKEN": "m" * 40, "KAM_DATABASE_URL": "postgresql://kam:p4ssw0rd@db/kam"}
    told = repr(read_settings({**GIVEN, **shown}))
    assert [value for value in ("k" * 40, "m" * 40, "p4ssw0rd", "s3cret") if value in told] == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"KAM_LOG_FORMAT": "xml"}, "KAM_LOG_FORMAT: must be one of text, json"),
        ({"KAM_METRICS_TOKEN": "short"}, "KAM_METRICS_TOKEN: must have at least 32 characters"),
    ],
)
def test_a_wrong_setting_of_logs_or_metrics_is_named(given: dict[str, str], told: str) -> None:
    assert problems_of(**given) == {told}


@pytest.mark.parametrize(
    ("host", "names", "is_exposed"), [("0.0.0.0", "", True), ("127.0.0.1", "", False), ("::", "kam.org", False)]
)
def test_a_server_that_others_reach_by_any_name_is_exposed(host: str, names: str, is_exposed: bool) -> None:
    assert read_settings({**GIVEN, "KAM_HOST": host, "KAM_TRUSTED_HOSTS": names}).is_exposed == is_exposed
