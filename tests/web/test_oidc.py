"""Signing in through a provider, as a browser goes there and back; the provider stands on loopback."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from assess.core.errors import Invalid, NotAllowed
from assess.core.staff import Actor
from assess.identity import calls, refusals
from assess.usecases import audit, people, provider_sign_in
from assess.usecases.installation import Installation
from assess.web.app import create_app
from tests.identity.fake_provider import EC, OTHER_EC, RSA, FakeProvider, FakeProviders, serve_providers
from tests.staff import PASSWORD, become_admin, join
from tests.web.conftest import Person
from tests.web.test_headers import assert_headers, parse

CALLBACK = "/sign-in/oidc/callback"
REFERENCE = re.compile(r"Reference for the person who runs this installation: ([0-9A-F]{8})\.")


@pytest.fixture(scope="module")
def providers() -> Iterator[FakeProviders]:
    with serve_providers() as running:
        yield running


@pytest.fixture(scope="module")
def own_app(installation: Installation) -> Flask:
    app = create_app(installation.settings, installation)
    app.testing = True
    return app


@dataclass
class Visit:
    """Somebody at the sign-in page of an installation with a provider."""

    app: Flask
    installation: Installation
    provider: FakeProvider
    ada: Actor
    person: Person

    def go(self, after: str = "") -> str:
        """Press the button and say yes at the provider; returns the address the browser is sent back to."""
        answer = self.person.get("/sign-in/oidc", query_string={"next": after} if after else {})
        assert answer.status_code == 303
        there = answer.headers["Location"]
        assert there.startswith(f"{self.provider.issuer}/authorize?"), there
        return self.provider.authorize(there).removeprefix("http://localhost")

    def sign_in(self, after: str = "") -> TestResponse:
        return self.person.get(self.go(after))

    def is_in(self) -> bool:
        return self.person.get("/account").status_code == 200

    def refused(self, caplog: pytest.LogCaptureFixture, answer: TestResponse, cause: str) -> TestResponse:
        """The page that says why, after checking that nobody came in and that the log has its reference and its cause."""
        if answer.status_code == 303:
            assert answer.headers["Location"] == "/sign-in/oidc/failed"
            answer = self.person.get("/sign-in/oidc/failed")
        assert answer.status_code >= 400
        assert not self.is_in()
        found = REFERENCE.search(answer.text)
        assert found, answer.text
        (line,) = [each.getMessage() for each in caplog.records if found[1] in each.getMessage()]
        assert f"cause: {cause};" in line
        assert "\n" not in line
        assert self.provider.settings.client_secret not in line
        return answer


def visit_to(provider: FakeProvider, app: Flask, installation: Installation, **changes: Any) -> Visit:
    mark = uuid4().hex[:8]
    ada = become_admin(installation, f"ada-{mark}@example.org", f"Ada & Co {mark}")
    provider.email = ada.email
    settings = replace(installation.settings, provider=provider.settings)
    configured = replace(installation, settings=settings, **changes)
    app.extensions["kam_assess"] = configured
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = f"test-{mark}"
    return Visit(app, configured, provider, ada, Person(client, configured))


@pytest.fixture
def visit(providers: FakeProviders, own_app: Flask, installation: Installation) -> Visit:
    return visit_to(providers.new(), own_app, installation)


def test_there_and_back_opens_the_same_session_as_a_password(visit: Visit) -> None:
    page = visit.person.get("/sign-in").text
    assert "Sign in with Acme ID" in page
    assert visit.provider.calls == []
    answer = visit.sign_in("/people/?x=1")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/people/?x=1"
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("kam_lan=")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert visit.person.client.get_cookie("kam_lan_oidc") is None
    assert visit.ada.email in visit.person.get("/account").text
    assert visit.provider.calls == ["discovery", "token", "keys"]
    assert audit.export_log(visit.installation, visit.ada)[-1].action == "session.opened_by_provider"
    assert "signed in through the sign-in provider" in visit.person.get("/audit/").text
    assert visit.person.post("/sign-out").headers["Location"] == "/sign-in"
    assert not visit.is_in()


def test_what_the_provider_is_asked_carries_nothing_to_guess(visit: Visit) -> None:
    answers = [visit.person.get("/sign-in/oidc").headers["Location"] for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        found = [re.search(rf"[?&]{name}=([^&]+)", one)[1] for one in answers]  # type: ignore[index]
        assert found[0] != found[1]
        assert all(len(one) == 43 for one in found)
    assert visit.provider.calls == ["discovery"], "the discovery document is kept"


def test_over_https_both_cookies_are_bound_to_the_host(visit: Visit) -> None:
    client = visit.person.client
    started = client.get("/sign-in/oidc", base_url="https://localhost")
    (ticket,) = [each for each in started.headers.getlist("Set-Cookie") if each.startswith("__Host-kam-oidc=")]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"} <= set(ticket.split("; "))
    back = visit.provider.authorize(started.headers["Location"])
    assert back.startswith("https://localhost/sign-in/oidc/callback?")
    answer = client.get(back.removeprefix("https://localhost"), base_url="https://localhost")
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("__Host-kam=")]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize("kept", [EC, RSA])
@pytest.mark.parametrize("methods", [["client_secret_post"], ["client_secret_basic"], None])
def test_every_usual_provider_is_understood(visit: Visit, kept: Any, methods: list[str] | None) -> None:
    visit.provider.key, visit.provider.published = kept, [RSA, EC]
    visit.provider.metadata = {"token_endpoint_auth_methods_supported": methods}
    assert visit.sign_in().status_code == 303
    assert visit.is_in()


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["kam-assess"]},
        {"aud": ["kam-assess", "another"], "azp": "kam-assess"},
        {"email_verified": "true"},
        {"nbf": 0},
        {"groups": [f"group-{number}" for number in range(3000)]},
    ],
)
def test_sound_claims_of_other_shapes_are_taken(visit: Visit, claims: dict[str, Any]) -> None:
    visit.provider.claims = claims
    visit.sign_in()
    assert visit.is_in()


def test_the_address_is_found_in_capitals_and_in_the_userinfo(visit: Visit) -> None:
    visit.provider.email = visit.ada.email.upper()
    visit.provider.left_out = ("email", "email_verified")
    visit.sign_in()
    assert visit.is_in()
    assert visit.provider.calls[-1] == "userinfo"


def test_entra_id_says_it_with_a_claim_of_its_own(visit: Visit) -> None:
    visit.provider.left_out, visit.provider.claims = ("email_verified",), {"xms_edov": True}
    visit.sign_in()
    assert visit.is_in()


def test_xms_edov_never_outvotes_email_verified(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    visit.provider.claims = {"xms_edov": True, "email_verified": False}
    visit.refused(caplog, visit.sign_in(), refusals.UNVERIFIED)


PUBLIC = RSA.as_dict(private=False)
WRONG_TOKENS: list[tuple[str, dict[str, Any]]] = [
    (refusals.NONCE, {"claims": {"nonce": "another"}}),
    (refusals.NONCE, {"left_out": ("nonce",)}),
    (refusals.CLOCK, {"claims": {"exp": int(time.time()) - 120}}),
    (refusals.CLOCK, {"claims": {"iat": int(time.time()) + 7200}}),
    (refusals.CLOCK, {"left_out": ("exp",)}),
    (refusals.AUDIENCE, {"claims": {"aud": "another"}}),
    (refusals.AUDIENCE, {"claims": {"aud": ["another", "kam-assess"]}}),
    (refusals.AUDIENCE, {"claims": {"aud": ["another", "kam-assess"], "azp": "another"}}),
    (refusals.AUDIENCE, {"claims": {"azp": "another"}}),
    (refusals.ISSUER, {"claims": {"iss": "https://evil.example"}}),
    (refusals.CLAIMS, {"left_out": ("sub",)}),
    (refusals.SIGNATURE, {"claims": {"at_hash": "bm90IHRoZSBoYXNo"}}),
    (refusals.SIGNATURE, {"header": {"alg": "none"}}),
    (refusals.SIGNATURE, {"header": {"alg": "HS256"}}),
    (refusals.SIGNATURE, {"header": {"jku": "https://evil.example/keys"}}),
    (refusals.SIGNATURE, {"header": {"jwk": PUBLIC}}),
    (refusals.SIGNATURE, {"header": {"kid": "nobody"}}),
    (refusals.SIGNATURE, {"key": OTHER_EC, "published": [RSA, EC]}),
    (refusals.SIGNATURE, {"key": EC, "published": [RSA]}),
    (refusals.SIGNATURE, {"published": [RSA, RSA], "header": {"kid": None}}),
    (refusals.NO_EMAIL, {"left_out": ("email",), "metadata": {"userinfo_endpoint": None}}),
    (refusals.UNVERIFIED, {"claims": {"email_verified": False}}),
    (refusals.UNVERIFIED, {"left_out": ("email_verified",)}),
    (refusals.NOT_INVITED, {"claims": {"email": "nobody@example.org"}}),
    (refusals.DENIED, {"refuse": "access_denied"}),
    (refusals.TURNED_AWAY, {"refuse": "invalid_scope"}),
    (refusals.ISSUER, {"metadata": {"authorization_response_iss_parameter_supported": True}}),
    (refusals.UNREACHABLE, {"answers": {"token": Response(status=502)}}),
    (refusals.UNREACHABLE, {"answers": {"keys": Response(status=500)}}),
    (refusals.MISCONFIGURED, {"answers": {"keys": Response("{}")}}),
    (refusals.CLIENT, {"answers": {"token": Response('{"error": "invalid_client"}', 401)}}),
    (refusals.TURNED_AWAY, {"answers": {"token": Response('{"error": "<b>"}', 400)}}),
    (refusals.NO_ID_TOKEN, {"answers": {"token": Response('{"access_token": "x", "token_type": "Bearer"}')}}),
    (refusals.SIGNATURE, {"answers": {"token": Response('{"id_token": "a.b.c"}')}}),
]


@pytest.mark.parametrize(
    ("cause", "wrong"), [pytest.param(*case, id=f"{case[0]} {number}") for number, case in enumerate(WRONG_TOKENS, start=1)]
)
def test_what_does_not_fit_lets_nobody_in(
    visit: Visit, caplog: pytest.LogCaptureFixture, cause: str, wrong: dict[str, Any]
) -> None:
    for name, value in wrong.items():
        setattr(visit.provider, name, value)
    page = visit.refused(caplog, visit.sign_in(), cause)
    assert "<b>" not in page.text
    assert "Try again with Acme ID" in page.text


@pytest.mark.parametrize("change", ["state", "no state", "no cookie", "cookie of another", "changed cookie"])
def test_an_answer_counts_only_in_the_browser_that_asked(visit: Visit, caplog: pytest.LogCaptureFixture, change: str) -> None:
    back, client = visit.go(), visit.person.client
    cookie = client.get_cookie("kam_lan_oidc")
    assert cookie
    if change == "state":
        answer = client.get(re.sub(r"state=[^&]+", "state=other", back))
    elif change == "no state":
        answer = client.get(re.sub(r"state=[^&]+", "", back))
    elif change == "cookie of another":
        visit.person.get("/sign-in/oidc")
        answer = client.get(back)
    else:
        client.delete_cookie("kam_lan_oidc")
        if change == "changed cookie":
            client.set_cookie("kam_lan_oidc", cookie.value[:-4] + "AAAA")
        answer = client.get(back)
    visit.refused(caplog, answer, refusals.STALE if answer.status_code == 400 else refusals.OTHER_TAB)
    assert (answer.status_code == 400) == (change in ("no cookie", "changed cookie"))
    assert "token" not in visit.provider.calls


def test_a_code_is_exchanged_once(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    back, client = visit.go(), visit.person.client
    cookie = client.get_cookie("kam_lan_oidc")
    assert cookie
    assert client.get(back).status_code == 303
    visit.person.post("/sign-out")
    client.set_cookie("kam_lan_oidc", cookie.value)
    visit.refused(caplog, client.get(back), refusals.USED)
    assert visit.provider.calls.count("token") == 1


def test_a_code_of_another_sign_in_is_refused_by_the_provider(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    visit.go()
    (stolen,) = visit.provider.codes
    back = visit.go()
    answer = visit.person.get(re.sub(r"code=[^&]+", f"code={stolen}", back))
    visit.refused(caplog, answer, refusals.CODE)


def test_ten_minutes_are_enough(
    providers: FakeProviders, own_app: Flask, installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    now = installation.clock()
    visit = visit_to(providers.new(), own_app, installation, clock=lambda: now)
    back = visit.go()
    now += timedelta(minutes=11)
    page = visit.refused(caplog, visit.person.get(back), refusals.STALE)
    assert "took longer than ten minutes" in page.text


def test_who_was_removed_stays_out(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    carl = join(visit.installation, visit.ada, f"carl-{uuid4().hex[:8]}@example.org", "consultant")
    visit.provider.email = carl.email
    visit.sign_in()
    assert visit.is_in()
    people.remove_member(visit.installation, visit.ada, carl.person_id)
    assert not visit.is_in(), "a removal counts with the next request"
    page = visit.refused(caplog, visit.sign_in(), refusals.REMOVED)
    assert carl.email in page.text


def test_who_was_invited_comes_in_without_ever_choosing_a_password(visit: Visit) -> None:
    email = f"olga-{uuid4().hex[:8]}@example.org"
    invited = people.invite_member(visit.installation, visit.ada, email=email, name="Olga", role="admin", engagement=None)
    assert invited.token
    assert people.find_member(visit.installation, visit.ada, invited.person_id).is_invited
    with pytest.raises(NotAllowed, match="a workspace needs an admin"):
        people.remove_member(visit.installation, visit.ada, visit.ada.person_id)
    visit.provider.email = email
    visit.sign_in()
    account = visit.person.get("/account").text
    assert "You sign in with Acme ID and have no password here." in account
    assert "Present password" not in account
    assert not people.find_member(visit.installation, visit.ada, invited.person_id).is_invited
    assert visit.person.get(f"/setup/{invited.token}").status_code == 404, "who has the old link must not become Olga"
    with pytest.raises(NotAllowed, match="can sign in already"):
        people.renew_setup_link(visit.installation, visit.ada, invited.person_id)


def test_nobody_is_made_by_signing_in(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    before = len(people.list_members(visit.installation, visit.ada))
    visit.provider.email = "stranger@example.org"
    page = visit.refused(caplog, visit.sign_in(), refusals.NOT_INVITED)
    assert "stranger@example.org" in page.text
    assert "Ask an admin of your workspace" in page.text
    assert len(people.list_members(visit.installation, visit.ada)) == before


@pytest.mark.parametrize(
    "after", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil"]
)
def test_the_way_back_leads_to_pages_of_this_server_only(visit: Visit, caplog: pytest.LogCaptureFixture, after: str) -> None:
    visit.provider.refuse = "access_denied"
    page = visit.refused(caplog, visit.sign_in(after), refusals.DENIED)
    assert "evil" not in page.text
    visit.provider.refuse = ""
    assert visit.sign_in(after).headers["Location"] == "/engagements/"
    assert visit.person.get("/sign-in/oidc", query_string={"next": after}).headers["Location"] == "/engagements/"


def test_where_the_person_wanted_to_go_survives_a_failure(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    visit.provider.refuse = "access_denied"
    page = visit.refused(caplog, visit.sign_in("/people/"), refusals.DENIED)
    assert 'href="/sign-in/oidc?next=/people/"' in page.text
    assert 'href="/sign-in?next=/people/"' in page.text


def test_new_keys_of_the_provider_are_fetched_once(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    visit.sign_in()
    visit.person.post("/sign-out")
    visit.provider.key, visit.provider.published = EC, [EC]
    visit.sign_in()
    assert visit.is_in()
    assert visit.provider.calls.count("keys") == 2
    visit.person.post("/sign-out")
    visit.provider.key = RSAKey.generate_key(2048, {"kid": "never published"})
    visit.refused(caplog, visit.sign_in(), refusals.SIGNATURE)
    assert visit.provider.calls.count("keys") == 3


DISCOVERIES: list[tuple[str, Response]] = [
    (refusals.UNREACHABLE, Response(status=503)),
    (refusals.MISCONFIGURED, Response(status=302, headers={"Location": "https://evil.example/"})),
    (refusals.MISCONFIGURED, Response("<html>")),
    (refusals.MISCONFIGURED, Response("[" * 100_000)),
    (refusals.MISCONFIGURED, Response("[]")),
    (refusals.UNREACHABLE, Response(b" " * (calls.MOST_BYTES + 1))),
    (refusals.MISCONFIGURED, Response('{"issuer": "https://evil.example"}')),
]


@pytest.mark.parametrize(("cause", "document"), DISCOVERIES)
def test_a_discovery_document_that_cannot_be_used(
    visit: Visit, caplog: pytest.LogCaptureFixture, cause: str, document: Response
) -> None:
    visit.provider.answers = {"discovery": document}
    page = visit.refused(caplog, visit.person.get("/sign-in/oidc"), cause)
    assert page.headers["Retry-After"] == "60"


def test_addresses_without_https_are_not_called(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    visit.provider.metadata = {"token_endpoint": "http://idp.example/token", "jwks_uri": "file:///etc/passwd"}
    page = visit.refused(caplog, visit.person.get("/sign-in/oidc"), refusals.MISCONFIGURED)
    assert page.status_code == 503
    assert "token_endpoint, jwks_uri" in caplog.text


def test_a_provider_that_is_down_is_said_to_be(
    own_app: Flask, installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    visit = visit_to(FakeProvider("http://127.0.0.1:9"), own_app, installation)
    page = visit.refused(caplog, visit.person.get("/sign-in/oidc"), refusals.UNREACHABLE)
    assert page.status_code == 503
    assert "could not be reached, or did not answer in time" in page.text


@pytest.mark.parametrize("endpoint", ["discovery", "token", "keys"])
def test_a_slow_provider_is_not_waited_for(
    visit: Visit, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    monkeypatch.setattr(calls, "READ_SECONDS", 1)
    visit.provider.delay = {endpoint: 20}
    begun = time.monotonic()
    answer = visit.person.get("/sign-in/oidc") if endpoint == "discovery" else visit.sign_in()
    assert time.monotonic() - begun < 15
    visit.refused(caplog, answer, refusals.UNREACHABLE)


def test_a_provider_that_drips_is_not_waited_for(
    visit: Visit, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drip() -> Iterator[bytes]:
        for _ in range(400):
            time.sleep(0.05)
            yield b" "

    monkeypatch.setattr(calls, "WHOLE_SECONDS", 0.2)
    visit.provider.answers = {"discovery": Response(drip())}
    begun = time.monotonic()
    visit.refused(caplog, visit.person.get("/sign-in/oidc"), refusals.UNREACHABLE)
    assert time.monotonic() - begun < 15


def test_a_provider_that_is_down_is_not_asked_again_at_once(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    visit.provider.answers = {"discovery": Response(status=503)}
    for _ in range(5):
        visit.refused(caplog, visit.person.get("/sign-in/oidc"), refusals.UNREACHABLE)
    assert visit.provider.calls == ["discovery"]


def test_too_many_tries_from_one_address_are_refused(
    visit: Visit, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_sign_in, "TRIES_PER_ADDRESS", 4)
    for _ in range(4):
        visit.sign_in()
        visit.person.post("/sign-out")
    visit.provider.refuse = "access_denied"
    for _ in range(2):
        visit.refused(caplog, visit.sign_in(), refusals.DENIED)
    page = visit.refused(caplog, visit.person.get("/sign-in/oidc"), refusals.THROTTLED)
    assert page.status_code == 429
    assert page.headers["Retry-After"] == "900"


def test_without_a_provider_there_is_no_button_and_no_address(app: Flask, otto: Person) -> None:
    assert "oidc" not in otto.get("/sign-in").text
    for path in ("/sign-in/oidc", CALLBACK, "/sign-in/oidc/failed"):
        assert otto.get(path).status_code == 404


def test_the_ways_through_the_provider_are_for_getting_only(visit: Visit) -> None:
    for path in ("/sign-in/oidc", CALLBACK, "/sign-in/oidc/failed"):
        assert visit.person.client.post(path).status_code == 405
    assert visit.person.get("/sign-in/oidc/failed").headers["Location"] == "/sign-in"


def test_without_the_extra_the_start_is_refused(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_sign_in, "_NEEDED", ("no_such_library",))
    with pytest.raises(Invalid, match=r"KAM_OIDC_ISSUER: needs the extra oidc: pip install 'kam-assess\[oidc\]'"):
        create_app(visit.installation.settings, visit.installation)


def test_the_password_still_works_beside_it(visit: Visit) -> None:
    token = visit.person.csrf("/sign-in")
    form = {"csrf_token": token, "email": visit.ada.email, "password": PASSWORD}
    assert visit.person.client.post("/sign-in", data=form).status_code == 303


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
def test_every_cause_has_a_page_in_every_language(visit: Visit, language: str) -> None:
    for cause in refusals.CAUSES:
        assert_told(visit, language, cause)


def assert_told(visit: Visit, language: str, cause: str) -> None:
    with visit.person.client.session_transaction() as kept:
        kept["oidc_failure"] = {"cause": cause, "reference": "0A1B2C3D", "email": "a@b.c", "code": "", "after": "/people/"}
    page = visit.person.get("/sign-in/oidc/failed", query_string={"lang": language})
    assert page.status_code in (400, 403, 429, 503)
    assert_headers(page)
    assert page.headers["Cache-Control"] == "no-store"
    found = parse(page)
    assert found.forbidden == []
    assert f'<html lang="{language}">' in page.text
    main = page.text.split("<main")[1].split("</main>")[0]
    assert "Acme ID" in main
    assert "0A1B2C3D" in main
    assert "%(" not in main
    words = re.sub(r"<[^>]*>", "", main)
    assert language == "en" or not re.search(r"\b(the|this|your|ask|please)\b", words, re.IGNORECASE), words


def test_the_log_takes_no_line_breaks_from_the_provider(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    visit.provider.refuse = "temporarily_unavailable"
    visit.refused(caplog, visit.sign_in(), refusals.TURNED_AWAY)
    assert r"no\r\nway" in caplog.text
