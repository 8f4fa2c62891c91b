"""Messages that other packages write in English, listed so that they are translated where they are shown."""

from __future__ import annotations

from assess.core.errors import Problem
from assess.web.languages import N_, gettext

PROBLEMS = (
    N_("a key must be plain text"),
    N_("anchors and aliases (& and *) are not allowed"),
    N_("and {count} more problems"),
    N_("cannot be read: {reason}"),
    N_("goes round in a circle: {circle}"),
    N_("more people answered as {role} ({answered}) than were invited ({invited})"),
    N_("must be a whole number from 0 to {most}"),
    N_("only runs of the same questionnaire can be compared: the earlier one is of {earlier}, the later of {later}"),
    N_("the earlier run is dated {earlier}, after the later one of {later}"),
    N_("has more cells than the header"),
    N_("has more than {max_length} entries"),
    N_("holds a character that is not allowed: {reason}"),
    N_("holds half of a character"),
    N_("holds more than one YAML document"),
    N_("holds more than {limit} values"),
    N_("holds the control character U+{code}"),
    N_("is UTF-16; save it as UTF-8"),
    N_("is empty"),
    N_("is larger than {limit} MiB"),
    N_("is longer than {max_length} characters"),
    N_("is missing"),
    N_("is nested deeper than {limit} levels"),
    N_("is not UTF-8 text (byte {byte})"),
    N_("is not a day of the calendar"),
    N_("is not a known key"),
    N_("is not a readable CSV file: {reason}"),
    N_("is not valid JSON: {reason}"),
    N_("is not valid YAML: {reason}"),
    N_("must be a date such as 2026-11-21"),
    N_("must be a level from 1 to 5"),
    N_("must be a level from 1 to 5, dont_know, or a mapping with one of them"),
    N_("must be a level from 1 to 5, or a mapping with level or not_applicable"),
    N_("must be a list"),
    N_("must be a mapping"),
    N_("must be a number from 1 to 5"),
    N_("must be a number of seconds from 0 to {most}"),
    N_("must be a number"),
    N_("must be a slug: small ASCII letters, digits, and . _ - between them"),
    N_("must be a version such as 1.0.0"),
    N_("must be a whole number from 0 to {largest}"),
    N_("must be a whole number from 1 to {largest}"),
    N_("must be a whole number"),
    N_("must be at least {ge}"),
    N_("must be at most {le}"),
    N_("must be one of {expected}"),
    N_("must be one of {names}"),
    N_("must be text"),
    N_("must be true or false"),
    N_("must be {folder}, the name of its folder"),
    N_("must be {level}: levels are listed from 1 to 5"),
    N_("must have at least 32 characters"),
    N_("must not be empty"),
    N_("needs a reason, {{not_applicable: REASON}} with one of {reasons}"),
    N_("needs at least {min_length} entries"),
    N_("needs exactly one of level and not_applicable"),
    N_("needs exactly one of level, dont_know and not_applicable"),
    N_("tags such as {tag} are not allowed"),
    N_("the column {name} is missing"),
    N_("the column {name} is there twice"),
    N_("the key is given twice (first in line {first})"),
    N_("the key is given twice"),
    N_("the respondent {id} is there twice (first in line {first})"),
    N_("there is no column with scores ({names})"),
    N_("there is no item {id} in {questionnaire}"),
    N_("there is no {what} {id}"),
    N_("was answered with version {given}; {questionnaire} here is {version}"),
    N_("{given} is not a score from 1 to 5"),
    N_("{id} has ids in common with {others}"),
    N_("{id} is a module, which stands beside a core questionnaire"),
    N_("{id} is not a module"),
    N_("{id} is used twice"),
    N_("{name} is not a number"),
    N_("{path} cannot be read: {reason}"),
)

KINDS = (
    N_("action"),
    N_("dimension"),
    N_("item"),
    N_("language"),
    N_("module"),
    N_("profile"),
    N_("questionnaire"),
    N_("respondent"),
    N_("role"),
)
"""What can be said not to be there, as {what} of a problem."""


def problem_text(problem: Problem) -> str:
    """What is wrong, in the reader's language; a message that is not listed stays English."""
    params = dict(problem.params)
    if params.get("what") in KINDS:
        params["what"] = gettext(str(params["what"]))
    return gettext(problem.message).format_map(params)
