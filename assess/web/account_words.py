"""What is said about an accounts file on the web, where nothing is typed into a command line."""

from __future__ import annotations

from dataclasses import replace

from assess.core.errors import Problem
from assess.usecases.readings import ReadingView
from assess.web.languages import N_, gettext
from assess.web.languages import lazy_gettext as _l
from assess.web.messages import problem_text

FAILURES = {
    "too_long": _l("Reading took too long. Split the file by year, or save it as CSV, which is read faster."),
    "too_large": _l("The file needs more memory than there is for it. Save the sheet as CSV, which needs hardly any."),
    "crashed": _l("The file made the program stop. Save it anew in your spreadsheet program, or as CSV."),
    "stopped": _l("Reading was begun three times and never ended. Save the file anew, or as CSV."),
    "gone": _l("The file is not there any more. Please upload it again."),
}
HERE = {
    "column {column}: numbers such as {example} may mean two things; read with a decimal comma (--decimal point)": N_(
        "Column {column}: numbers such as {example} may mean two things; they are read with a decimal comma."
    ),
    "column {column}: numbers such as {example} may mean two things; read with a decimal point (--decimal comma)": N_(
        "Column {column}: numbers such as {example} may mean two things; they are read with a decimal point."
    ),
    "dates such as {example} may mean two things; read as {order} (--dates dmy|mdy|ymd)": N_(
        "Dates such as {example} may mean two things; they are read in the order {order}."
    ),
    "is not {encoding} text; name its encoding with --encoding": N_("is not text in a known encoding; save it as CSV in UTF-8"),
}
"""Messages that name options of the command line -> what is said here instead."""
ORDERS = {"dmy": _l("day, month, year"), "mdy": _l("month, day, year"), "ymd": _l("year, month, day")}


def said(problem: Problem) -> str:
    """Where and what, in the reader's language."""
    params = dict(problem.params)
    if "order" in params:
        params["order"] = ORDERS.get(str(params["order"]), params["order"])
    if set(params) == {"part"}:
        from assess.web.account_forms import PART_NAMES

        params["part"] = PART_NAMES.get(str(params["part"]), params["part"])
    text = problem_text(Problem(HERE.get(problem.message, problem.message), params))
    shown = str(replace(problem, message="{text}", params={"text": text}))
    return shown[:1].upper() + shown[1:] if not problem.file else shown


def failure_of(reading: ReadingView) -> list[str]:
    """Why a file could not be read; [] where nothing failed."""
    if reading.problems:
        return [said(problem) for problem in reading.problems]
    return [str(FAILURES.get(reading.error, gettext("The file could not be read.")))] if reading.error else []
