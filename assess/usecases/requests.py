"""Everything an assessment consists of, as one JSON text: what documents are made from and snapshots keep."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from assess import __version__
from assess.content.account_figures import read_figures
from assess.content.answers import answers_file, read_assessment
from assess.content.comparisons import dump_comparison, load_comparison
from assess.content.document import parse
from assess.content.library import thaw
from assess.content.questionnaires import Frozen
from assess.core.benchmark import Comparison
from assess.core.brand import Brand, brand_of_data
from assess.core.evaluation import Evaluation, evaluate
from assess.storage import assessments as rows
from assess.storage import brands
from assess.storage.engine import Storage
from assess.usecases.assessments import OpenAssessment, anonymous


def request_of(
    opened: OpenAssessment,
    digests: Sequence[str],
    earlier: str | None = None,
    brand: str | None = None,
    accounts: str | None = None,
    comparison: Comparison | None = None,
) -> str:
    """The request for an assessment as it stands; `digests` name its frozen questionnaires, core first.

    earlier is the request of the run it is compared with, brand the digest of the reports' brand, accounts the figures of an
    accounts file as they are kept, comparison the one with its peers as released now; None where there is none.
    """
    content: dict[str, Any] = {
        "answers": answers_file(anonymous(opened.assessment)),
        "questionnaires": list(digests),
        "start": None if opened.start is None else opened.start.isoformat(),
        "capacity": opened.capacity,
        "product": __version__,
    }
    if earlier is not None:
        content["earlier"] = json.loads(earlier)
    if brand is not None:
        content["brand"] = brand
    if accounts is not None:
        content["accounts"] = json.loads(accounts)
    if comparison is not None:
        content["comparison"] = dump_comparison(comparison)
    return json.dumps(content, ensure_ascii=False)


def brand_of_request(storage: Storage, request: str) -> Brand | None:
    """The brand of the reports as it was when the request was written; None for the product's own look."""
    digest = json.loads(request).get("brand")
    if digest is None:
        return None
    with storage.reading() as connection:
        return brand_of_data(json.loads(brands.load_brand(connection, digest)))


def evaluate_request(storage: Storage, request: str) -> Evaluation:
    """The answers and questionnaires as they were when it was written, evaluated."""
    return _evaluate(storage, json.loads(request))


def _evaluate(storage: Storage, wanted: dict[str, Any]) -> Evaluation:
    with storage.reading() as connection:
        copies = [rows.load_questionnaire_files(connection, digest) for digest in wanted["questionnaires"]]
    core, *modules = (thaw(Frozen(files)) for files in copies)
    assessment = read_assessment(parse(json.dumps(wanted["answers"]).encode(), "answers"))
    start = None if wanted["start"] is None else date.fromisoformat(wanted["start"])
    evaluation = evaluate(core, modules, assessment, start=start, capacity=wanted["capacity"])
    if "accounts" in wanted:
        evaluation = replace(evaluation, accounts=read_figures(json.dumps(wanted["accounts"])))
    if "comparison" in wanted:
        evaluation = replace(evaluation, comparison=load_comparison(wanted["comparison"]))
    if "earlier" not in wanted:
        return evaluation
    return replace(evaluation, earlier=_evaluate(storage, wanted["earlier"]))
