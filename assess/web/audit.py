"""The audit log on screen and as a file that can be checked without this program."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request

from assess.usecases import audit
from assess.web.forms import PageForm
from assess.web.guards import me
from assess.web.languages import lazy_gettext as _l
from assess.web.opening import installation
from assess.web.staff import page

blueprint = Blueprint("audit", __name__, url_prefix="/audit")

ACTIONS = {
    "accounts.deleted": _l("figures of the accounts deleted"),
    "accounts.file_deleted": _l("accounts file deleted"),
    "accounts.read": _l("accounts file read"),
    "accounts.uploaded": _l("accounts file uploaded"),
    "assessment.erased": _l("assessment erased"),
    "assessment.evidence_kept": _l("evidence changed"),
    "assessment.modules_chosen": _l("modules chosen"),
    "assessment.planned": _l("plan changed"),
    "assessment.started": _l("assessment started"),
    "assessment.targets_set": _l("targets set"),
    "benchmark.exported": _l("benchmark file exported"),
    "benchmark.key_distrusted": _l("key of another house no longer trusted"),
    "benchmark.key_trusted": _l("key of another house trusted"),
    "benchmark.release_imported": _l("another house’s release imported"),
    "benchmark.release_ordered": _l("benchmark release asked for"),
    "benchmark.rows_imported": _l("benchmark rows imported"),
    "benchmark.rows_removed": _l("benchmark rows erased"),
    "demo.added": _l("demo data added"),
    "demo.removed": _l("demo data removed"),
    "document.requested": _l("report asked for"),
    "document.retried": _l("report tried again"),
    "engagement.archived": _l("engagement archived"),
    "engagement.changed": _l("engagement changed"),
    "engagement.created": _l("engagement created"),
    "engagement.deleted": _l("engagement deleted"),
    "engagement.restored": _l("engagement restored"),
    "engagement.unarchived": _l("engagement taken out of the archive"),
    "invitation.made": _l("people invited to answer"),
    "invitation.revoked": _l("invitation revoked"),
    "person.invited": _l("person invited"),
    "person.link_renewed": _l("set-up link renewed"),
    "person.password_changed": _l("password changed"),
    "person.removed": _l("person removed"),
    "person.role_changed": _l("role changed"),
    "person.set_up": _l("password chosen"),
    "session.all_closed": _l("signed out everywhere"),
    "session.closed": _l("signed out"),
    "session.moved": _l("workspace switched"),
    "session.opened": _l("signed in"),
    "session.opened_by_provider": _l("signed in through the sign-in provider"),
}


@blueprint.get("/")
def index() -> Response:
    given = request.args.get("before", "")
    before = int(given) if given.isdecimal() and len(given) <= 9 else None
    shown = audit.show_log(installation(), me().actor, before)
    return page("audit/index.html", PageForm(None), log=shown, actions=ACTIONS)


@blueprint.get("/audit.jsonl")
def export() -> Response:
    lines = (
        json.dumps(vars(entry) | {"at": entry.at.isoformat(timespec="microseconds")}, ensure_ascii=False)
        for entry in audit.export_log(installation(), me().actor)
    )
    response = Response("".join(f"{line}\n" for line in lines), mimetype="application/jsonl")
    response.headers["Content-Disposition"] = 'attachment; filename="kam-audit.jsonl"'
    return response
