"""The settings of an installation, read once from the environment; anything wrong is said loudly at the start."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assess.core.errors import Invalid, Problem
from assess.core.questionnaire import LANGUAGES

DEFAULT_PORT = 8017
DEFAULT_API_PER_MINUTE = 600


@dataclass(frozen=True)
class Settings:
    """data_dir holds everything this installation writes.

    trusted_hosts empty means any; proxy_hops is how many proxies to believe; api_per_minute: how often one token may call.
    """

    data_dir: Path
    database_url: str
    host: str
    port: int
    secret_key: str
    trusted_hosts: tuple[str, ...]
    default_language: str
    proxy_hops: int
    questionnaires: tuple[Path, ...]
    reports: tuple[Path, ...] = ()
    api_per_minute: int = DEFAULT_API_PER_MINUTE


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from KAM_* variables; NAME_FILE names a file that holds the value of NAME. Raises Invalid with every problem."""
    given = os.environ if environment is None else environment
    problems: list[Problem] = []
    data_dir = Path(_value(given, "KAM_DATA_DIR", problems) or default_data_dir(given)).expanduser().absolute()
    language = _value(given, "KAM_LANGUAGE", problems) or "en"
    if language not in LANGUAGES:
        problems.append(Problem("must be one of {names}", {"names": ", ".join(LANGUAGES)}, "KAM_LANGUAGE"))
    settings = Settings(
        data_dir=data_dir,
        database_url=_value(given, "KAM_DATABASE_URL", problems) or f"sqlite:///{data_dir / 'kam-assess.sqlite3'}",
        host=_value(given, "KAM_HOST", problems) or "127.0.0.1",
        port=_number(given, "KAM_PORT", DEFAULT_PORT, 65535, problems),
        secret_key=_value(given, "KAM_SECRET_KEY", problems),
        trusted_hosts=tuple(_value(given, "KAM_TRUSTED_HOSTS", problems).replace(",", " ").split()),
        default_language=language,
        proxy_hops=_number(given, "KAM_PROXY_HOPS", 0, 10, problems),
        questionnaires=(data_dir / "questionnaires",),
        reports=(data_dir / "reports",),
        api_per_minute=_number(given, "KAM_API_PER_MINUTE", DEFAULT_API_PER_MINUTE, 1_000_000, problems),
    )
    if settings.secret_key and len(settings.secret_key) < 32:
        problems.append(Problem("must have at least 32 characters", {}, "KAM_SECRET_KEY"))
    if problems:
        raise Invalid(problems)
    return settings


def default_data_dir(environment: Mapping[str, str]) -> str:
    """Where the operating system keeps a user's application data."""
    return str(Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "kam-assess")


def own_secret_key(data_dir: Path) -> str:
    """The installation's own secret, made at the first start and kept in a file only its user can read."""
    path = data_dir / "secret-key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text().strip()


def _value(given: Mapping[str, str], name: str, problems: list[Problem]) -> str:
    path = given.get(f"{name}_FILE")
    if path is None:
        return given.get(name, "").strip()
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem("{path} cannot be read: {reason}", {"path": path, "reason": error}, f"{name}_FILE"))
        return ""


def _number(given: Mapping[str, str], name: str, default: int, largest: int, problems: list[Problem]) -> int:
    text = _value(given, name, problems)
    if text.isdecimal() and len(text) <= 9 and int(text) <= largest:
        return int(text)
    if text:
        problems.append(Problem("must be a whole number from 0 to {largest}", {"largest": largest}, name))
    return default
