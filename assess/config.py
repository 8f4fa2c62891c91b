"""The settings of an installation, read once from the environment; anything wrong is said loudly at the start."""

from __future__ import annotations

import logging
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from assess.core.errors import Invalid, Problem
from assess.core.questionnaire import LANGUAGES
from assess.logs import FORMATS, TEXT

log = logging.getLogger(__name__)

DEFAULT_PORT = 8017
DEFAULT_API_PER_MINUTE = 600
DEFAULT_SAVES_PER_SECOND = 5
DEFAULT_QUEUE_LIMIT = 500
LONGEST_NAME = 60
SHORTEST_SECRET = 32
_OTHERS = 0o037
"""What a file with a secret may not allow: others anything, its group anything but reading."""
_MOUNTED = Path("/run/secrets")
"""Where container engines put secrets, readable for everybody within the one container that gets them."""
SECRETS = frozenset({"KAM_SECRET_KEY", "KAM_DATABASE_URL", "KAM_OIDC_CLIENT_SECRET", "KAM_METRICS_TOKEN"})
"""Settings whose files nobody but the server's user (and group) may read."""
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class SignInProvider:
    """An OpenID Connect provider that staff may sign in with; name is what its button calls it."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str


@dataclass(frozen=True)
class Settings:
    """data_dir holds everything this installation writes.

    trusted_hosts empty means any; proxy_hops is how many proxies to believe; api_per_minute: how often one token may call;
    saves_per_second: how many answers one person may save for long, 0: no limit; queue_limit: how many documents may wait.
    provider: None where staff sign in with their password
    only. metrics_token: what /metrics asks for; empty switches it off.
    """

    data_dir: Path
    database_url: str = field(repr=False)
    host: str
    port: int
    secret_key: str = field(repr=False)
    trusted_hosts: tuple[str, ...]
    default_language: str
    proxy_hops: int
    questionnaires: tuple[Path, ...]
    reports: tuple[Path, ...] = ()
    api_per_minute: int = DEFAULT_API_PER_MINUTE
    provider: SignInProvider | None = None
    saves_per_second: int = DEFAULT_SAVES_PER_SECOND
    queue_limit: int = DEFAULT_QUEUE_LIMIT
    log_format: str = TEXT
    metrics_token: str = field(default="", repr=False)

    @property
    def is_exposed(self) -> bool:
        """Whether other machines reach the server and may call it by any name."""
        return self.host not in _LOOPBACK and not self.trusted_hosts


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
        provider=_provider(given, problems),
        saves_per_second=_number(given, "KAM_SAVES_PER_SECOND", DEFAULT_SAVES_PER_SECOND, 1_000_000, problems),
        queue_limit=_number(given, "KAM_QUEUE_LIMIT", DEFAULT_QUEUE_LIMIT, 1_000_000, problems),
        log_format=_value(given, "KAM_LOG_FORMAT", problems) or TEXT,
        metrics_token=_value(given, "KAM_METRICS_TOKEN", problems),
    )
    if settings.log_format not in FORMATS:
        problems.append(Problem("must be one of {names}", {"names": ", ".join(FORMATS)}, "KAM_LOG_FORMAT"))
    for name, secret in (("KAM_SECRET_KEY", settings.secret_key), ("KAM_METRICS_TOKEN", settings.metrics_token)):
        if secret and len(secret) < SHORTEST_SECRET:
            problems.append(Problem("must have at least 32 characters", {}, name))
    if problems:
        raise Invalid(problems)
    return settings


def default_data_dir(environment: Mapping[str, str]) -> str:
    """Where the operating system keeps a user's application data."""
    return str(Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "kam-assess")


def own_secret_key(data_dir: Path) -> str:
    """The installation's own secret, made at the first start and kept in a file only its user can read.

    Raises Invalid for a file that holds no whole key: links that were made with the old one would stop working with a new one.
    """
    path = data_dir / "secret-key"
    if not path.exists():
        _make_secret_key(path)
    if path.stat().st_mode & _OTHERS:
        path.chmod(0o600)
        log.warning("the secret-key file of the data folder was open to others; it is not any more")
    key = path.read_text(encoding="utf-8", errors="replace").strip()
    if len(key) < SHORTEST_SECRET or not (key.isascii() and key.isprintable()):
        message = (
            "{path} holds no whole key; put it back from a copy of the data folder, or remove it: a new one is made at "
            "the next start, and links of workshops and invitations that were made with the old one stop working"
        )
        raise Invalid([Problem(message, {"path": path})])
    return key


def _make_secret_key(path: Path) -> None:
    """Whole or not at all; where another process was faster, its key stays."""
    handle, name = tempfile.mkstemp(prefix=".secret-key-", dir=path.parent)
    made = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(secrets.token_urlsafe(48))
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(made, path)
        except FileExistsError:
            return
        except OSError:  # a file system without hard links
            made.replace(path)
    finally:
        made.unlink(missing_ok=True)


def _provider(given: Mapping[str, str], problems: list[Problem]) -> SignInProvider | None:
    """None where none of its variables is set; half of them are a mistake that nobody should find out by a missing button."""
    needed = ("KAM_OIDC_ISSUER", "KAM_OIDC_CLIENT_ID", "KAM_OIDC_CLIENT_SECRET")
    issuer, client_id, client_secret = values = [_value(given, name, problems) for name in needed]
    name = _value(given, "KAM_OIDC_NAME", problems)
    if not any((*values, name)):
        return None
    problems += [Problem("is missing", {}, path=one) for one, value in zip(needed, values, strict=True) if not value]
    host = _issuer_host(issuer)
    if issuer and not host:
        problems.append(Problem("must be an https address such as https://login.example.org", {}, path="KAM_OIDC_ISSUER"))
    if len(name) > LONGEST_NAME:
        problems.append(Problem("is longer than {max_length} characters", {"max_length": LONGEST_NAME}, path="KAM_OIDC_NAME"))
    return SignInProvider(issuer, client_id, client_secret, name or host)


def _issuer_host(issuer: str) -> str:
    """The host of an issuer; empty for what can't be one. Plain http only on the machine itself."""
    try:
        parts = urlsplit(issuer)
        host = parts.hostname or ""
    except ValueError:
        return ""
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    return host if is_safe and not (parts.query or parts.fragment or "@" in parts.netloc) else ""


def _value(given: Mapping[str, str], name: str, problems: list[Problem]) -> str:
    path = given.get(f"{name}_FILE")
    if path is None:
        return given.get(name, "").strip()
    try:
        with Path(path).open(encoding="utf-8") as stream:
            mode = os.fstat(stream.fileno()).st_mode & 0o777
            text = stream.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem("{path} cannot be read: {reason}", {"path": path, "reason": error}, f"{name}_FILE"))
        return ""
    if name in SECRETS and mode & _OTHERS and not Path(path).is_relative_to(_MOUNTED):
        message = "{path} is open to others on this machine (mode {mode}); run: chmod 600 {path}"
        problems.append(Problem(message, {"path": path, "mode": f"{mode:04o}"}, f"{name}_FILE"))
    return text


def _number(given: Mapping[str, str], name: str, default: int, largest: int, problems: list[Problem]) -> int:
    text = _value(given, name, problems)
    if text.isdecimal() and len(text) <= 9 and int(text) <= largest:
        return int(text)
    if text:
        problems.append(Problem("must be a whole number from 0 to {largest}", {"largest": largest}, name))
    return default
