"""The installation's own signing key, the keys it trusts, and the secret that hides names of organisations.

All are files in the data folder, readable by its user only: a copy of the database alone tells no names and signs nothing.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assess.content.exchange import fingerprint, grouped
from assess.core.benchmark import key_of
from assess.core.errors import Failed, Invalid, NotFound, Problem

FOLDER, SIGNING_KEY, NAME_SECRET, TRUSTED = "benchmark", "signing-key", "name-secret", "trusted"
_PRINT = re.compile(r"[0-9a-f]{40}\Z")


@dataclass(frozen=True)
class TrustedKey:
    """A key whose exchange files are accepted, and whose it is."""

    fingerprint: str
    name: str
    public_key: bytes


def own_private_key(data_dir: Path) -> bytes:
    """The 32 bytes this installation signs with, made at the first use."""
    return _secret(data_dir, SIGNING_KEY, _new_private_key)


def own_public_key(data_dir: Path) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    private = Ed25519PrivateKey.from_private_bytes(own_private_key(data_dir))
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def organisation_hash(data_dir: Path) -> Callable[[str], bytes]:
    """Name -> 16 bytes that mean nothing without this installation's secret; one for all spellings of a name."""
    secret = _secret(data_dir, NAME_SECRET, lambda: secrets.token_bytes(32))
    return lambda name: hmac.digest(secret, key_of(name).encode("utf-8", "surrogatepass"), "sha256")[:16]


def trust(data_dir: Path, public_key: str, name: str) -> TrustedKey:
    """Accept the files of a key, given as Base64. Raises Invalid."""
    key = decoded(public_key)
    if key is None:
        raise Invalid([Problem("is not a public key: 32 bytes in Base64, as `kam-assess peers keys` shows it")])
    trusted = TrustedKey(fingerprint(key), name.strip(), key)
    content = {"name": trusted.name, "key": b64encode(key).decode()}
    path = _folder(data_dir) / TRUSTED
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        (path / f"{trusted.fingerprint}.json").write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror or error}") from error
    return trusted


def distrust(data_dir: Path, print_: str) -> TrustedKey:
    """Stop accepting the files of a key. Raises NotFound."""
    wanted = print_.replace(" ", "").lower()
    found = next((key for key in trusted_keys(data_dir) if key.fingerprint == wanted), None)
    if found is None:
        raise NotFound(f"there is no trusted key {print_}")
    (data_dir / FOLDER / TRUSTED / f"{wanted}.json").unlink()
    return found


def trusted_keys(data_dir: Path) -> tuple[TrustedKey, ...]:
    """By name. A file that is no key, or that of another key, is no trust."""
    found = []
    for path in sorted((data_dir / FOLDER / TRUSTED).glob("*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            key = decoded(str(content["key"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if key is not None and fingerprint(key) == path.stem:
            found.append(TrustedKey(path.stem, str(content.get("name", "")), key))
    return tuple(sorted(found, key=lambda trusted: (trusted.name, trusted.fingerprint)))


def require_trusted(data_dir: Path, public_key: bytes, file: str) -> None:
    """Raise Invalid, with what to do, unless the key is our own or a trusted one."""
    if not is_trusted(data_dir, public_key):
        message = (
            "is signed with the key {print}, which is not trusted here. Compare it with the sender, not by the same mail; "
            "then run: kam-assess peers trust {key} --name NAME"
        )
        params = {"print": grouped(fingerprint(public_key)), "key": b64encode(public_key).decode()}
        raise Invalid([Problem(message, params, file)])


def is_trusted(data_dir: Path, public_key: bytes) -> bool:
    """Whether the key is our own or a trusted one."""
    known = {trusted.public_key for trusted in trusted_keys(data_dir)}
    return public_key in known or (has_own_key(data_dir) and public_key == own_public_key(data_dir))


def has_own_key(data_dir: Path) -> bool:
    return (data_dir / FOLDER / SIGNING_KEY).exists()


def _new_private_key() -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().private_bytes_raw()


def decoded(public_key: str) -> bytes | None:
    """The 32 bytes of a key in Base64; None when it is none."""
    try:
        key = b64decode(public_key.strip(), validate=True)
    except (NotBase64, ValueError):
        return None
    return key if len(key) == 32 else None


def _secret(data_dir: Path, name: str, make: Callable[[], bytes]) -> bytes:
    """32 secret bytes from a file only its user can read, made when it is not there."""
    path = _folder(data_dir) / name
    try:
        temporary = path.with_name(f".{name}.{secrets.token_hex(8)}")
        if not path.exists():
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
                stream.write(b64encode(make()).decode() + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            _put_unless_there(temporary, path)
        content = decoded(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"{path} cannot be used: {error}") from error
    if content is None:
        raise Failed(f"{path} is damaged: it must hold 32 bytes in Base64; restore it from a backup")
    return content


def _put_unless_there(temporary: Path, path: Path) -> None:
    """Whole or not at all, and the first of two processes wins."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def _folder(data_dir: Path) -> Path:
    folder = data_dir / FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Failed(f"{folder} cannot be made: {error.strerror or error}") from error
    return folder
