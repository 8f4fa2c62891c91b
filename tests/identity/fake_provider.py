"""An OpenID Connect provider on loopback with keys of its own: right by default, and wrong in whatever way a test asks for."""

from __future__ import annotations

import json
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_urlsafe
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from assess.config import SignInProvider

CLIENT, SECRET = "kam-assess", "a secret: with / and %"
RSA = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})
EC = ECKey.generate_key("P-256", {"kid": "second", "use": "sig"})
OTHER_EC = ECKey.generate_key("P-256", {"kid": "second"})


@dataclass
class FakeProvider:
    """claims, header, answers are put over what it would say: of the id token, of its header, of an endpoint by name."""

    issuer: str
    key: Any = field(default_factory=lambda: RSA)
    published: list[Any] = field(default_factory=lambda: [RSA])
    email: str = "ada@example.org"
    claims: dict[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    header: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Response] = field(default_factory=dict)
    delay: dict[str, float] = field(default_factory=dict)
    refuse: str = ""
    now: Any = time.time
    calls: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def settings(self) -> SignInProvider:
        return SignInProvider(self.issuer, CLIENT, SECRET, "Acme ID")

    def handle(self, endpoint: str, request: Request) -> Response:
        self.calls.append(endpoint)
        time.sleep(self.delay.get(endpoint, 0))
        if endpoint in self.answers:
            return self.answers[endpoint]
        if endpoint == "authorize":
            return Response(status=302, headers={"Location": self.authorize(request.url)})
        return _json(*getattr(self, f"_{endpoint}")(request))

    def authorize(self, address: str) -> str:
        """What the person's browser is sent back to after saying yes (or no)."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        answer = {"state": asked["state"]}
        if self.refuse:
            answer |= {"error": self.refuse, "error_description": "no\r\nway"}
        else:
            answer["code"] = token_urlsafe(16)
            self.codes[answer["code"]] = asked
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def _discovery(self, _: Request) -> tuple[dict[str, Any], int]:
        addresses = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        addresses["userinfo_endpoint"] = "userinfo"
        found = {"issuer": self.issuer, **{name: f"{self.issuer}/{path}" for name, path in addresses.items()}}
        return found | self.metadata, 200

    def _keys(self, _: Request) -> tuple[dict[str, Any], int]:
        return {"keys": [key.as_dict(private=False) for key in self.published]}, 200

    def _userinfo(self, request: Request) -> tuple[dict[str, Any], int]:
        if request.headers.get("Authorization") != "Bearer an-access-token":
            return {"error": "invalid_token"}, 401
        return {"sub": "person-1", "email": self.email, "email_verified": True}, 200

    def _token(self, request: Request) -> tuple[dict[str, Any], int]:
        if _client(request) != (CLIENT, SECRET):
            return {"error": "invalid_client"}, 401
        asked = self.codes.pop(request.form.get("code", ""), None)
        verifier = request.form.get("code_verifier", "")
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if asked is None or challenge != asked["code_challenge"] or request.form["redirect_uri"] != asked["redirect_uri"]:
            return {"error": "invalid_grant"}, 400
        return {"access_token": "an-access-token", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])}, 200

    def id_token(self, nonce: str) -> str:
        now = int(self.now())
        half = sha256(b"an-access-token").digest()[:16]
        claims: dict[str, Any] = {
            "iss": self.issuer, "sub": "person-1", "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": nonce,
            "at_hash": urlsafe_b64encode(half).rstrip(b"=").decode(), "email": self.email, "email_verified": True,
        } | self.claims  # fmt: skip
        claims = {name: value for name, value in claims.items() if name not in self.left_out}
        kind = "ES256" if isinstance(self.key, ECKey) else "RS256"
        return sign({"alg": kind, "kid": self.key.kid, **self.header}, claims, self.key)


def sign(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    """A token with this header and these claims; with `alg` none nobody signs, with HS256 the public key is the secret."""
    header = {name: value for name, value in header.items() if value is not None}
    if header["alg"] == "none":
        parts = (json.dumps(part).encode() for part in (header, claims))
        return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."
    if header["alg"] == "HS256":
        key = OctKey.import_key(key.as_pem(private=False).replace(b"-----", b""))
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    registry.max_header_length = 4096
    return jws.serialize_compact(header, json.dumps(claims), key, registry=registry)


@dataclass
class FakeProviders:
    """A server for as many providers as tests want, each under a path of its own."""

    address: str = ""
    known: dict[str, FakeProvider] = field(default_factory=dict)

    def new(self, **wanted: Any) -> FakeProvider:
        name = f"p{len(self.known)}"
        self.known[name] = FakeProvider(f"{self.address}/{name}", **wanted)
        return self.known[name]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        name, _, path = request.path.strip("/").partition("/")
        endpoint = "discovery" if path == ".well-known/openid-configuration" else path
        return self.known[name].handle(endpoint, request)(environ, start_response)


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        pass


@contextmanager
def serve_providers() -> Iterator[FakeProviders]:
    providers = FakeProviders()
    server = make_server("127.0.0.1", 0, providers, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True
    providers.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield providers
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _json(content: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")


def _client(request: Request) -> tuple[str, str]:
    """Who asks, by HTTP Basic (RFC 6749, 2.3.1) or in the form."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Basic":
        return request.form.get("client_id", ""), request.form.get("client_secret", "")
    name, _, secret = b64decode(given).decode().partition(":")
    return unquote_plus(name), unquote_plus(secret)
