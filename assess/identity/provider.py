"""The OpenID Connect provider of the settings: its discovery document, its keys, and the two steps of signing in."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any
from urllib.parse import quote_plus

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.discovery import get_well_known_url
from requests import RequestException, Session

from assess.config import SignInProvider
from assess.identity.calls import bounded, get_json, is_safe
from assess.identity.id_tokens import Expected, Keys, check_id_token
from assess.identity.refusals import (
    CLIENT,
    CODE,
    ISSUER,
    MISCONFIGURED,
    NO_EMAIL,
    NO_ID_TOKEN,
    TURNED_AWAY,
    UNREACHABLE,
    UNVERIFIED,
    Refused,
)
from assess.identity.tickets import Ticket

SCOPE = "openid email profile"
KEEP_SECONDS, KEEP_FAILURE_SECONDS = 3600.0, 10.0
_ERROR_CODE = re.compile(r"[a-z_]{1,60}")
_TOKEN_CAUSES = {"invalid_grant": CODE, "invalid_client": CLIENT, "unauthorized_client": CLIENT}


@dataclass(frozen=True)
class Metadata:
    """What is used of the discovery document. userinfo is empty where there is none; says_issuer: RFC 9207."""

    authorization: str
    token: str
    keys: str
    userinfo: str
    client_auth: str
    says_issuer: bool


class Provider:
    """Keeps the discovery document and the keys for an hour, and for a moment that they could not be had."""

    def __init__(self, settings: SignInProvider) -> None:
        self.settings = settings
        self._lock = Lock()
        self._metadata: Metadata | None = None
        self._keys: Keys = ()
        self._read_at = self._failed_at = float("-inf")
        self._failure: Refused | None = None

    def metadata(self) -> Metadata:
        """Raises Refused when it can't be had or is of another issuer."""
        with self._lock:
            now = time.monotonic()
            if self._metadata and now - self._read_at < KEEP_SECONDS:
                return self._metadata
            if self._failure and now - self._failed_at < KEEP_FAILURE_SECONDS:
                raise Refused(self._failure.cause, self._failure.detail)
            try:
                with bounded(Session()) as session:
                    self._metadata = _checked(self.settings, get_json(session, _address(self.settings)))
            except Refused as refused:
                self._failure, self._failed_at = refused, time.monotonic()
                raise
            self._keys, self._read_at, self._failure = (), time.monotonic(), None
            return self._metadata

    def address_to_ask(self, ticket: Ticket) -> str:
        """Where to send the browser: code flow with PKCE (S256), state and nonce. Raises Refused."""
        metadata = self.metadata()
        with self._session(metadata, ticket) as session:
            address, _ = session.create_authorization_url(
                metadata.authorization, state=ticket.state, nonce=ticket.nonce, code_verifier=ticket.verifier
            )
        return str(address)

    def check_sender(self, issuer: str | None) -> None:
        """Whether the answer comes from this provider, as far as it says so (RFC 9207). Raises Refused."""
        if issuer != self.settings.issuer and (issuer is not None or self.metadata().says_issuer):
            raise Refused(ISSUER, f"the answer says it comes from {issuer!r}")

    def proven_email(self, ticket: Ticket, code: str, now: int) -> str:
        """The e-mail address that the provider vouches for, in exchange for the code. Raises Refused."""
        metadata = self.metadata()
        with self._session(metadata, ticket) as session:
            answer = _exchange(session, metadata, ticket, code)
            access_token = str(answer.get("access_token") or "")
            expected = Expected(self.settings.issuer, self.settings.client_id, ticket.nonce, access_token, now)
            claims = check_id_token(_id_token(answer), lambda anew: self._load_keys(session, metadata, anew), expected)
            if not claims.get("email") and metadata.userinfo and access_token:
                claims |= _ask_userinfo(session, metadata, access_token, claims["sub"])
        return _proven(claims)

    def _session(self, metadata: Metadata, ticket: Ticket) -> OAuth2Session:
        session = OAuth2Session(
            self.settings.client_id,
            self.settings.client_secret,
            token_endpoint_auth_method=metadata.client_auth,
            scope=SCOPE,
            redirect_uri=ticket.redirect_uri,
            code_challenge_method="S256",
        )
        return bounded(session)

    def _load_keys(self, session: Session, metadata: Metadata, anew: bool) -> Keys:
        """The keys kept from before, or those the provider has now."""
        if anew or not self._keys:
            found = get_json(session, metadata.keys).get("keys")
            if not isinstance(found, list) or not all(isinstance(key, dict) for key in found):
                raise Refused(MISCONFIGURED, f"{metadata.keys} holds no keys")
            self._keys = tuple(found)
        return self._keys


@lru_cache(maxsize=8)
def provider_of(settings: SignInProvider) -> Provider:
    """One for each settings in a process, so that what it has read is kept."""
    return Provider(settings)


def shown_code(code: str) -> str:
    """An error code of the protocol as it may be shown; empty for anything else."""
    return code if _ERROR_CODE.fullmatch(code) else ""


def _address(settings: SignInProvider) -> str:
    return str(get_well_known_url(settings.issuer, external=True))


def _checked(settings: SignInProvider, found: dict[str, Any]) -> Metadata:
    if found.get("issuer") != settings.issuer:
        raise Refused(MISCONFIGURED, f"{_address(settings)} is of the issuer {found.get('issuer')!r}, not {settings.issuer!r}")
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if missing := [name for name in names if not is_safe(found.get(name))]:
        raise Refused(MISCONFIGURED, f"{_address(settings)} has no HTTPS address for {', '.join(missing)}")
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Metadata(
        found["authorization_endpoint"],
        found["token_endpoint"],
        found["jwks_uri"],
        found["userinfo_endpoint"] if is_safe(found.get("userinfo_endpoint")) else "",
        "client_secret_post" if "client_secret_post" in methods else "client_secret_basic",
        found.get("authorization_response_iss_parameter_supported") is True,
    )


def _exchange(session: OAuth2Session, metadata: Metadata, ticket: Ticket, code: str) -> dict[str, Any]:
    """What the provider gives for the code. Its refusal comes as an error code, of which each has its own advice."""
    try:
        given = session.fetch_token(
            metadata.token,
            grant_type="authorization_code",
            code=code,
            code_verifier=ticket.verifier,
            redirect_uri=ticket.redirect_uri,
            auth=_basic(session) if metadata.client_auth == "client_secret_basic" else None,
            allow_redirects=False,
        )
    except AuthlibBaseError as error:
        cause = _TOKEN_CAUSES.get(str(error.error), TURNED_AWAY)
        raise Refused(cause, f"{metadata.token}: {error}", {"code": shown_code(str(error.error))}) from error
    except (RequestException, ValueError, RecursionError) as error:
        raise Refused(UNREACHABLE, f"{metadata.token}: {error}") from error
    return dict(given)


def _basic(session: OAuth2Session) -> tuple[str, str]:
    """Who we are, encoded as RFC 6749, 2.3.1 wants it; Authlib does not, which breaks some secrets."""
    return quote_plus(session.client_id), quote_plus(session.client_secret)


def _id_token(answer: dict[str, Any]) -> str:
    token = answer.get("id_token")
    if not isinstance(token, str) or not token.isascii():
        raise Refused(NO_ID_TOKEN, "the token endpoint gave no id token")
    return token


def _ask_userinfo(session: Session, metadata: Metadata, access_token: str, subject: object) -> dict[str, Any]:
    """The e-mail address where the id token has none, of the same person."""
    found = get_json(session, metadata.userinfo, {"Authorization": f"Bearer {access_token}"})
    if found.get("sub") != subject:
        raise Refused(NO_EMAIL, "the userinfo endpoint speaks of somebody else")
    return {name: found[name] for name in ("email", "email_verified") if name in found}


def _proven(claims: dict[str, Any]) -> str:
    """The address, when the provider says that it is verified.

    Entra ID never sends `email_verified`; its optional claim `xms_edov` says that the owner of the domain is verified.
    """
    email = claims.get("email")
    if not isinstance(email, str) or not email.strip():
        raise Refused(NO_EMAIL, f"there is no e-mail address among {', '.join(sorted(claims))}")
    verified = claims.get("email_verified", claims.get("xms_edov"))
    if verified not in (True, "true", "1"):
        raise Refused(UNVERIFIED, f"{email!r}: email_verified is {claims.get('email_verified')!r}", {"email": email})
    return email
