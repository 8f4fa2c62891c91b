"""Checks of an id token: who signed it, for whom, when, in answer to which request. OpenID Connect Core 1.0, 3.1.3.7."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from assess.identity.refusals import AUDIENCE, CLAIMS, CLOCK, ISSUER, NONCE, SIGNATURE, Refused

ALGORITHMS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    "EdDSA": "OKP",
}
"""Signatures that are taken -> the type of their keys. Nothing unsigned, and nothing with a shared secret."""
LEEWAY_SECONDS = 60
_NAMES_OWN_KEY = frozenset({"jwk", "jku", "x5u", "x5c", "crit"})
_CAUSES = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "azp": AUDIENCE,
    "exp": CLOCK,
    "nbf": CLOCK,
    "iat": CLOCK,
    "nonce": NONCE,
    "at_hash": SIGNATURE,
}

Keys = Sequence[Mapping[str, Any]]
PublicKey = RSAKey | ECKey | OKPKey


@dataclass(frozen=True)
class Expected:
    """What an id token must say; now is in seconds since 1970."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str
    now: int


def check_id_token(token: str, load_keys: Callable[[bool], Keys], expected: Expected) -> dict[str, Any]:
    """The claims of a sound id token. load_keys gives the provider's keys, new ones when told to. Raises Refused."""
    header = _header(token)
    key = _find_key(load_keys(False), header) or _find_key(load_keys(True), header)
    if key is None:
        raise Refused(SIGNATURE, f"the provider has no key for {header['alg']} with the id {header.get('kid')!r}")
    try:
        decoded = jwt.decode(token, key, algorithms=[header["alg"]], registry=_registry())
    except (JoseError, ValueError) as error:
        raise Refused(SIGNATURE, str(error)) from error
    _check_claims(decoded.claims, decoded.header, expected)
    return decoded.claims


def _header(token: str) -> dict[str, Any]:
    """The header of a token, before anything in it is believed."""
    try:
        header = dict(jws.extract_compact(token.encode(), registry=_registry()).headers())
    except (JoseError, ValueError) as error:
        raise Refused(SIGNATURE, f"not a signed token: {error}") from error
    if header.get("alg") not in ALGORITHMS:
        raise Refused(SIGNATURE, f"signed with {header.get('alg')!r}")
    if named := sorted(_NAMES_OWN_KEY & set(header)):
        raise Refused(SIGNATURE, f"the header holds {', '.join(named)}")
    return header


def _registry() -> jws.JWSRegistry:
    return jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)


def _find_key(keys: Keys, header: Mapping[str, Any]) -> PublicKey | None:
    """The key of the header's id; without an id the only one that fits. None where there is none."""
    kind, kid = ALGORITHMS[header["alg"]], header.get("kid")
    fitting = [
        key
        for key in keys
        if key.get("kty") == kind and key.get("use", "sig") == "sig" and key.get("alg", header["alg"]) == header["alg"]
    ]
    chosen = fitting if kid is None else [key for key in fitting if key.get("kid") == kid]
    if len(chosen) != 1:
        return None
    try:
        return import_key(dict(chosen[0]), kind)  # type: ignore[call-overload,no-any-return]  # overloads want a literal
    except (JoseError, ValueError, TypeError) as error:
        raise Refused(SIGNATURE, f"the provider's key {kid!r} cannot be read: {error}") from error


def _check_claims(claims: dict[str, Any], header: Mapping[str, Any], expected: Expected) -> None:
    options = {"iss": {"essential": True, "value": expected.issuer}, "aud": {"essential": True, "value": expected.client_id}}
    params = {"client_id": expected.client_id, "nonce": expected.nonce, "access_token": expected.access_token}
    try:
        CodeIDToken(claims, header, options, params).validate(now=expected.now, leeway=LEEWAY_SECONDS)
    except ClaimError as error:
        claim = error.claim
        detail = f"{error}; {claim} is {claims.get(claim)!r}"
        raise Refused(_CAUSES.get(claim, CLAIMS), detail) from error
    except (TypeError, ValueError) as error:
        raise Refused(CLAIMS, f"a claim is of the wrong kind: {error}") from error
