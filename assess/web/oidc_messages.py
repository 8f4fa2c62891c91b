"""What people read when signing in through the provider did not work: what happened, and what to do or whom to ask."""

from __future__ import annotations

from dataclasses import dataclass

from assess.identity import refusals
from assess.web.languages import N_, gettext


@dataclass(frozen=True)
class Explanation:
    """Messages with %(name)s of the provider, %(email)s and %(code)s."""

    status: int
    happened: str
    advice: str


SETTINGS = (
    N_("must be an https address such as https://login.example.org"),
    N_("needs the extra oidc: pip install 'kam-assess[oidc]'"),
)
"""What can be wrong with the settings of the provider, as problems say it."""

_ASK_TO_INVITE = N_("Ask an admin of your workspace to invite exactly this address on the page “People”, then try again.")
_ASK_ABOUT_TOKEN = N_(
    "Please try again. If it happens again, give the reference to the person who runs this installation: "
    "the log says what exactly did not fit."
)

EXPLANATIONS = {
    refusals.THROTTLED: Explanation(
        429,
        N_("There were too many tries from your network."),
        N_("Please wait a quarter of an hour, then try again."),
    ),
    refusals.UNREACHABLE: Explanation(
        503,
        N_("%(name)s could not be reached, or did not answer in time."),
        N_(
            "Try again in a minute. If it happens again, ask the person who runs this installation to check "
            "that this server can reach the provider, and that the provider is running."
        ),
    ),
    refusals.MISCONFIGURED: Explanation(
        503,
        N_("What %(name)s says about itself does not fit the settings of this installation."),
        N_(
            "Ask the person who runs this installation to compare KAM_OIDC_ISSUER, letter by letter, with the issuer "
            "that the provider names."
        ),
    ),
    refusals.STALE: Explanation(
        400,
        N_("This sign-in took longer than ten minutes, or your browser did not keep the cookie that belongs to it."),
        N_("Please begin again. If it happens again, allow cookies for this site."),
    ),
    refusals.OTHER_TAB: Explanation(
        400,
        N_("You began to sign in a second time, in another tab or window; only the latest beginning counts."),
        N_("Finish in the other tab, or begin again here."),
    ),
    refusals.USED: Explanation(
        400,
        N_("This answer from %(name)s was used already; each counts once."),
        N_("If you reloaded the page or went back, just begin again."),
    ),
    refusals.DENIED: Explanation(
        403,
        N_("%(name)s did not let you in, or you cancelled there."),
        N_("If you did not cancel, ask the person who looks after %(name)s to give your account access to this application."),
    ),
    refusals.TURNED_AWAY: Explanation(
        503,
        N_("%(name)s refused the request of this installation (%(code)s)."),
        N_(
            "Give the reference to the person who runs this installation: the application at the provider is probably "
            "not set up for the scopes openid, email and profile, or not for this address to come back to."
        ),
    ),
    refusals.CODE: Explanation(
        400,
        N_("%(name)s no longer accepts the code it gave: it was used already, or too old."),
        N_(
            "Please begin again. If it happens again, ask the person who runs this installation to check the clock of "
            "this server and the address to come back to at the provider."
        ),
    ),
    refusals.CLIENT: Explanation(
        503,
        N_("%(name)s does not recognise this installation."),
        N_(
            "Ask the person who runs this installation to check KAM_OIDC_CLIENT_ID and KAM_OIDC_CLIENT_SECRET: "
            "the secret may have expired."
        ),
    ),
    refusals.NO_ID_TOKEN: Explanation(
        503,
        N_("%(name)s let you in but did not say who you are: there was no id token in its answer."),
        N_("Ask the person who runs this installation to allow the application the scope openid at the provider."),
    ),
    refusals.SIGNATURE: Explanation(
        403,
        N_("What %(name)s says about you is not signed in a way that can be trusted."),
        _ASK_ABOUT_TOKEN,
    ),
    refusals.ISSUER: Explanation(
        403,
        N_("The answer came from another sign-in provider than the one this installation trusts."),
        N_("Ask the person who runs this installation to compare KAM_OIDC_ISSUER with the issuer named in the log."),
    ),
    refusals.AUDIENCE: Explanation(
        403,
        N_("What %(name)s says about you was meant for another application."),
        N_("Ask the person who runs this installation to check KAM_OIDC_CLIENT_ID."),
    ),
    refusals.CLOCK: Explanation(
        403,
        N_("What %(name)s says about you is too old already, or from the future."),
        N_(
            "Please try again. If it happens again, ask the person who runs this installation to set the clock of the "
            "server: it may differ from that of the provider by one minute at most."
        ),
    ),
    refusals.NONCE: Explanation(
        403,
        N_("What %(name)s says about you does not belong to this sign-in."),
        _ASK_ABOUT_TOKEN,
    ),
    refusals.CLAIMS: Explanation(
        403,
        N_("What %(name)s says about you is incomplete or contradicts itself."),
        _ASK_ABOUT_TOKEN,
    ),
    refusals.NO_EMAIL: Explanation(
        403,
        N_("%(name)s did not tell your e-mail address."),
        N_(
            "Ask the person who looks after %(name)s whether your account has an e-mail address and whether the application "
            "may read it (scope email)."
        ),
    ),
    refusals.UNVERIFIED: Explanation(
        403,
        N_("%(name)s does not say that your e-mail address %(email)s is verified, so it proves nothing here."),
        N_(
            "Verify the address at the provider, or ask the person who looks after %(name)s to send the claim "
            "email_verified (in Entra ID: xms_edov)."
        ),
    ),
    refusals.NOT_INVITED: Explanation(
        403,
        N_("%(name)s says that you are %(email)s. Nobody with this address was invited here."),
        _ASK_TO_INVITE,
    ),
    refusals.REMOVED: Explanation(
        403,
        N_("%(name)s says that you are %(email)s. This person does not belong to any workspace here any more."),
        _ASK_TO_INVITE,
    ),
}
assert set(EXPLANATIONS) == set(refusals.CAUSES)  # noqa: S101 - both lists are ours


def explain(cause: str, *, name: str, email: str = "", code: str = "") -> tuple[str, str]:
    """What happened and what to do, in the reader's language."""
    told = EXPLANATIONS[cause]
    values = {"name": name, "email": email, "code": code or gettext("without a reason")}
    return gettext(told.happened, **values), gettext(told.advice, **values)
