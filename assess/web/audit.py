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
    "answers.imported": _l("answers file imported"),
    "assessment.closed": _l("assessment closed"),
    "assessment.erased": _l("assessment erased"),
    "assessment.evidence_kept": _l("evidence changed"),
    "assessment.modules_chosen": _l("modules chosen"),
    "assessment.planned": _l("plan changed"),
    "assessment.reopened": _l("assessment opened again"),
    "assessment.started": _l("assessment started"),
    "assessment.started_again": _l("next assessment started"),
    "assessment.targets_set": _l("targets set"),
    "benchmark.exported": _l("benchmark file exported"),
    "benchmark.key_distrusted": _l("key of another house no longer trusted"),
    "benchmark.key_trusted": _l("key of another house trusted"),
    "benchmark.release_imported": _l("another house’s release imported"),
    "benchmark.release_ordered": _l("benchmark release asked for"),
    "benchmark.rows_imported": _l("benchmark rows imported"),
    "benchmark.rows_removed": _l("benchmark rows erased"),
    "brand.kept": _l("look of the reports changed"),
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
    "initiative.decided": _l("initiative of the roadmap decided"),
    "initiative.kept": _l("own initiative saved"),
    "initiative.removed": _l("own initiative removed"),
    "initiatives.left_out": _l("initiatives left out of the plan"),
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
    "token.made": _l("API token made"),
    "token.revoked": _l("API token revoked"),
    "workshop.code_renewed": _l("workshop: new code"),
    "workshop.decision_noted": _l("workshop: decision noted"),
    "workshop.ended": _l("workshop: ended"),
    "workshop.facilitator_votes": _l("workshop: facilitator’s vote switched on or off"),
    "workshop.item_decided": _l("workshop: agreement recorded"),
    "workshop.item_left": _l("workshop: item left"),
    "workshop.item_taken": _l("workshop: item taken up"),
    "workshop.locked": _l("workshop: room locked"),
    "workshop.opened": _l("workshop: opened"),
    "workshop.pack_requested": _l("workshop paper asked for"),
    "workshop.parked_closed": _l("workshop: parked point ticked off or on"),
    "workshop.parked_noted": _l("workshop: point parked"),
    "workshop.round_reset": _l("workshop: votes discarded"),
    "workshop.seat_corrected": _l("workshop: seat corrected"),
    "workshop.timer_set": _l("workshop: timer set"),
    "workshop.unlocked": _l("workshop: room unlocked"),
    "workshop.voted_again": _l("workshop: vote again"),
    "workshop.votes_revealed": _l("workshop: votes revealed"),
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
