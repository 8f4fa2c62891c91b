"""The settings of a sign-in provider: all or none, and a mistake is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from assess.config import SignInProvider, read_settings
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
