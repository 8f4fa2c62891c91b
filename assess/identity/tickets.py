"""What a browser keeps while its person is at the provider: state, nonce and PKCE verifier, sealed with the secret key."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken

TICKET_SECONDS = 10 * 60


@dataclass(frozen=True)
class Ticket:
    """begun is in whole seconds since 1970; after is where to go once signed in."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    after: str
    begun: int

    @property
    def begun_at(self) -> datetime:
        return datetime.fromtimestamp(self.begun, UTC)


def new_ticket(redirect_uri: str, after: str, now: datetime) -> Ticket:
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Ticket(state, nonce, verifier, redirect_uri, after, int(now.timestamp()))


def seal(ticket: Ticket, secret_key: str, now: datetime) -> str:
    """Encrypted and signed text for a cookie."""
    content = json.dumps(asdict(ticket)).encode()
    return _box(secret_key).encrypt_at_time(content, int(now.timestamp())).decode()


def unseal(sealed: str, secret_key: str, now: datetime) -> Ticket | None:
    """None for what is not ours, was changed, or is older than ten minutes."""
    try:
        content = _box(secret_key).decrypt_at_time(sealed, TICKET_SECONDS, int(now.timestamp()))
    except (InvalidToken, ValueError):
        return None
    return Ticket(**json.loads(content))


def _box(secret_key: str) -> Fernet:
    return Fernet(urlsafe_b64encode(sha256(b"kam-assess sign-in ticket\0" + secret_key.encode()).digest()))
