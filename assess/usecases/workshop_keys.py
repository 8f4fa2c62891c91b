"""The code, the links and the addresses of a workshop: made from its serial with the secret, stored as hashes."""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256

from assess.core import workshop as rooms
from assess.storage.links import REPLY_PREFIX, AssessmentKey
from assess.storage.workshops import Workshop
from assess.usecases.installation import Installation


def code_of(installation: Installation, serial: str) -> str:
    """The join code. Who has the database but not the installation's secret can't make it."""
    return rooms.code_of(_derived(installation, f"code {serial}"))


def join_token_of(installation: Installation, serial: str) -> str:
    """What the QR code leads to."""
    return _token(installation, f"join {serial}")


def projector_token_of(installation: Installation, serial: str) -> str:
    """What the wall's address leads to."""
    return _token(installation, f"projector {serial}")


def code_hash(installation: Installation, code: str) -> str:
    """Of a code of 40 bits, so with the secret: a plain hash could be searched through."""
    return _derived(installation, f"code hash {code}").hex()


def _token(installation: Installation, purpose: str) -> str:
    """An address of 128 bits."""
    return urlsafe_b64encode(_derived(installation, purpose)[:16]).decode().rstrip("=")


def _derived(installation: Installation, purpose: str) -> bytes:
    return hmac.digest(installation.settings.secret_key.encode(), f"workshop {purpose}".encode(), sha256)


def address_hash(token: str) -> str:
    """How the address of a QR code or a projector is stored and found."""
    return sha256(f"workshop address {token}".encode("utf-8", "surrogatepass")).hexdigest()


def new_keys(installation: Installation) -> dict[str, str]:
    """A new serial with the hashes of everything that is made from it."""
    serial = secrets.token_hex(16)
    return {
        "serial": serial,
        "code_hash": code_hash(installation, code_of(installation, serial)),
        "join_hash": address_hash(join_token_of(installation, serial)),
        "projector_hash": address_hash(projector_token_of(installation, serial)),
    }


def own_token_of(installation: Installation, join_token: str, press: str, *said: str) -> str:
    """The own link of somebody who joins; the same for a form sent twice. press: a long random number of that form."""
    return REPLY_PREFIX + _token(installation, "\0".join(("own", join_token, press, *said)))


def facilitator_token(installation: Installation, found: Workshop, key: AssessmentKey) -> str:
    """The own link of a facilitator who votes."""
    return REPLY_PREFIX + _token(installation, f"facilitator {found.id} {key.actor.person_id}")
