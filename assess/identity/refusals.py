"""Why a sign-in through the provider was refused: one word for each cause, so that people can be told what to do."""

from __future__ import annotations

from dataclasses import dataclass, field

from assess.core.errors import NotAllowed

THROTTLED = "throttled"
UNREACHABLE = "unreachable"
MISCONFIGURED = "misconfigured"
STALE = "stale"
OTHER_TAB = "other tab"
USED = "used"
DENIED = "denied"
TURNED_AWAY = "turned away"
CODE = "code"
CLIENT = "client"
NO_ID_TOKEN = "no id token"  # noqa: S105 - a cause, not a secret
SIGNATURE = "signature"
ISSUER = "issuer"
AUDIENCE = "audience"
CLOCK = "clock"
NONCE = "nonce"
CLAIMS = "claims"
NO_EMAIL = "no e-mail"
UNVERIFIED = "unverified e-mail"
NOT_INVITED = "not invited"
REMOVED = "removed"

CAUSES = (
    THROTTLED,
    UNREACHABLE,
    MISCONFIGURED,
    STALE,
    OTHER_TAB,
    USED,
    DENIED,
    TURNED_AWAY,
    CODE,
    CLIENT,
    NO_ID_TOKEN,
    SIGNATURE,
    ISSUER,
    AUDIENCE,
    CLOCK,
    NONCE,
    CLAIMS,
    NO_EMAIL,
    UNVERIFIED,
    NOT_INVITED,
    REMOVED,
)


@dataclass(eq=False)
class Refused(NotAllowed):
    """cause is one of CAUSES; detail is English for the log; shown is what the person may be told beside it.

    after: where the person wanted to go, empty when that is not known.
    """

    cause: str
    detail: str = ""
    shown: dict[str, str] = field(default_factory=dict)
    after: str = ""

    def __str__(self) -> str:
        return f"{self.cause}: {self.detail}"
