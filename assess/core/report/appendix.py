"""Everything behind the pages: answers, comments, evidence, flags, method, limits, fingerprints."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from fractions import Fraction
from typing import Any

from assess.core.answers import Assessment, Evidence
from assess.core.confidentiality import MIN_GROUP
from assess.core.quality import CONTRADICTORY, HASTE, HIGH_WITHOUT_EVIDENCE, NO_NUMBERS, STRAIGHT_LINE, Flag
from assess.core.report.planning import inapplicable
from assess.core.report.setting import Setting
from assess.core.report.values import (
    Appendix,
    EvidenceRow,
    Figure,
    FlagRow,
    InapplicableRow,
    ItemDetail,
    Remark,
    Term,
)
from assess.core.scoring import NOT_APPLICABLE

PERSONAL = (STRAIGHT_LINE, NO_NUMBERS, HASTE, HIGH_WITHOUT_EVIDENCE, CONTRADICTORY)
METHOD = ("scale", "panel", "step", "gate", "programme", "evidence", "agreement", "roles", "quality", "benchmark", "plan")
LIMITS = ("conventions", "self_report", "sample", "not_validated", "projection", "characters")


def append(setting: Setting) -> Appendix:
    words = setting.words
    remarks, evidence = tuple(_remarks(setting)), tuple(_evidence(setting))
    left_out, flags = tuple(_inapplicable(setting)), tuple(_flags(setting))
    return Appendix(
        heading=setting.heading("appendix", words.say("appendix.finding", n=len(setting.item_score))),
        items=tuple(_detail(setting, id_) for id_ in setting.item_score),
        remarks=remarks,
        remarks_note=_remarks_note(setting, bool(remarks)),
        evidence=evidence,
        evidence_note="" if evidence else words.say("evidence.none"),
        inapplicable=left_out,
        inapplicable_note="" if left_out else _nothing_left_out(setting),
        flags=flags,
        flags_note=words.say("flags.note" if flags else "flags.none"),
        flags_effect=_effect(setting),
        method=tuple(Term(words.say(f"method.{part}_name"), words.say(f"method.{part}")) for part in METHOD),
        limits=tuple(words.say(f"limit.{part}") for part in LIMITS),
        sources=tuple(_sources(setting)),
        fingerprints=tuple(_fingerprints(setting)),
    )


def _detail(setting: Setting, id_: str) -> ItemDetail:
    words, item = setting.words, setting.item_score[id_]
    hidden = id_ in setting.hidden
    agreement = item.agreement
    masked, few = Figure(None, words.say("figure.hidden")), words.say("count.few", limit=MIN_GROUP)
    untold = setting.hides_counts(id_)
    return ItemDetail(
        id=id_,
        text=setting.text(id_),
        counts=setting.counts(id_),
        ratings=few if untold or (hidden and item.n < MIN_GROUP) else str(item.n),
        dont_know=few if untold else str(item.dont_know),
        not_applicable=few if untold else str(item.not_applicable),
        score=setting.score_figure(id_),
        ad_m=masked if hidden else words.figure(agreement.ad_m, 2),
        r_wg=masked if hidden else words.figure(agreement.r_wg, 2),
        a_wg=masked if hidden else words.figure(agreement.a_wg, 2),
        hidden=hidden,
    )


def _remarks(setting: Setting) -> Iterator[Remark]:
    """Comments by item; in a confidential report without roles, alphabetically, and only where enough people answered."""
    for id_ in setting.item_score:
        answers = setting.assessment.answers_to(id_)
        if setting.assessment.confidential and len(answers) < MIN_GROUP:
            continue
        comments = [
            Term("" if setting.assessment.confidential else setting.role(person.role), answer.comment.strip())
            for person, answer in answers
            if answer.comment.strip() and answer.not_applicable is None
        ]
        if setting.assessment.confidential:
            comments.sort(key=lambda comment: comment.text)
        if comments:
            yield Remark(id_, setting.text(id_), tuple(comments))


def _remarks_note(setting: Setting, found: bool) -> str:
    words = setting.words
    if not setting.assessment.confidential:
        return "" if found else words.say("remarks.none")
    return words.say("remarks.confidential" if found else "remarks.confidential_none", limit=MIN_GROUP)


def _evidence(setting: Setting) -> Iterator[EvidenceRow]:
    words = setting.words
    for id_ in setting.item_score:
        given = [a.evidence.strip() for _, a in setting.assessment.answers_to(id_) if a.evidence.strip()]
        for text, times in Counter(given).items():
            yield EvidenceRow(id_, text, "", words.say("evidence.answer", n=times), words.say("evidence.counts"), counts=True)
        for entry in setting.assessment.evidence.get(id_, ()):
            if entry.text.strip() or entry.url.strip():
                counts = entry.counts_on(setting.assessment.date)
                yield EvidenceRow(
                    id_, entry.text.strip(), entry.url.strip(), words.say("evidence.register"), _state(setting, entry), counts
                )


def _state(setting: Setting, entry: Evidence) -> str:
    words = setting.words
    if entry.expires is None:
        return words.say("evidence.counts")
    key = "evidence.until" if entry.counts_on(setting.assessment.date) else "evidence.lapsed"
    return words.say(key, date=words.day(entry.expires).short)


def _inapplicable(setting: Setting) -> Iterator[InapplicableRow]:
    """Items somebody called not applicable, with the reasons given; in confidence not those that few answered."""
    words = setting.words
    whole = set(inapplicable(setting))
    for id_, item in setting.item_score.items():
        agreed = setting.assessment.consensus.get(id_)
        given = () if setting.hides_counts(id_) else setting.assessment.answers_to(id_)
        answers = [answer for _, answer in given if answer.not_applicable is not None]
        reasons = [answer.not_applicable for answer in answers]
        if agreed is not None and agreed.not_applicable is not None:
            reasons = [agreed.not_applicable]
        if not reasons:
            continue
        notes = [agreed.rationale.strip()] if agreed is not None and agreed.not_applicable else []
        notes += sorted(answer.comment.strip() for answer in answers)
        named = [words.say("inapplicable.reason", reason=words.say(f"reason.{r}"), n=n) for r, n in Counter(reasons).items()]
        key = "inapplicable.left_out" if id_ in whole and item.status == NOT_APPLICABLE else "inapplicable.partly"
        yield InapplicableRow(
            id_, setting.text(id_), words.say(key, reasons=words.names(named)), tuple(note for note in notes if note)
        )


def _nothing_left_out(setting: Setting) -> str:
    if not setting.assessment.confidential:
        return setting.words.say("inapplicable.none")
    return setting.words.say("inapplicable.confidential_none", limit=MIN_GROUP)


def _flags(setting: Setting) -> Iterator[FlagRow]:
    """Signs in single people's answers; in a confidential report only their kinds."""
    words = setting.words
    personal = [flag for flag in setting.evaluation.flags if flag.kind in PERSONAL]
    if setting.assessment.confidential:
        for kind in PERSONAL:
            count = len({flag.respondent for flag in personal if flag.kind == kind})
            if count:
                about = (
                    words.say("count.few_people", limit=MIN_GROUP) if count < MIN_GROUP else words.say("count.people", n=count)
                )
                yield FlagRow(words.say(f"flag.{kind}_name"), about, words.say(f"flag.{kind}_rule"))
        return
    people = {person.id: person for person in setting.assessment.respondents}
    for flag in personal:
        person = people[flag.respondent or ""]
        about = words.say("flags.person", id=person.id, role=setting.role(person.role))
        yield FlagRow(words.say(f"flag.{flag.kind}_name"), about, _detail_of(setting, flag))


def _detail_of(setting: Setting, flag: Flag) -> str:
    words = setting.words
    return words.say(
        f"flag.{flag.kind}",
        n=int(flag.value),
        share=words.percent(flag.value) if flag.value <= 1 else "",
        value=words.figure(flag.value).text,
        items=words.names(flag.items),
    )


def _effect(setting: Setting) -> str:
    """The score with and without the people flagged."""
    words, without = setting.words, setting.evaluation.without_flagged
    if not any(flag.kind in PERSONAL for flag in setting.evaluation.flags):
        return ""
    if without is None or without.claimed.score is None:
        return words.say("flags.no_effect")
    return words.say(
        "flags.effect",
        score=words.figure(setting.card.claimed.score, 2).text,
        without=words.figure(without.claimed.score, 2).text,
        level=setting.mark(setting.card.claimed, "level.provisional").text,
        level_without=setting.mark(without.claimed, "level.provisional").text,
    )


def _sources(setting: Setting) -> Iterator[Term]:
    """Every source the questionnaires cite, once; text is its address, empty where there is none."""
    seen: set[str] = set()
    for questionnaire, _ in setting.measured:
        cited = {s for item in questionnaire.items for s in item.sources}
        cited |= {s for action in questionnaire.actions for s in action.sources}
        cited |= {point.source for point in questionnaire.reference_points}
        for source in sorted(questionnaire.sources, key=lambda source: source.citation.casefold()):
            if source.id in cited and source.citation not in seen:
                seen.add(source.citation)
                yield Term(source.citation, source.url or "")


def _fingerprints(setting: Setting) -> Iterator[Term]:
    words = setting.words
    for questionnaire, _ in setting.measured:
        name = words.say("fingerprint.questionnaire", id=questionnaire.id, version=questionnaire.version)
        yield Term(name, questionnaire.sha256)
    yield Term(words.say("fingerprint.input"), fingerprint(setting.assessment))


def fingerprint(assessment: Assessment) -> str:
    """sha256 of the assessment's content in canonical JSON: equal for equal answers, however they came in.

    In confidence it does not depend on whose answers they are: else a guess of who said what could be tried against it.
    """
    values = asdict(assessment)
    if assessment.confidential:
        values["respondents"] = _without_people(assessment)
    return hashlib.sha256(_canonical(values).encode("utf-8", "surrogatepass")).hexdigest()


def _without_people(assessment: Assessment) -> object:
    answers = ((item, _canonical(asdict(given))) for person in assessment.respondents for item, given in person.answers.items())
    return {"roles": sorted(person.role for person in assessment.respondents), "answers": sorted(answers)}


def _canonical(values: object) -> str:
    return json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, (date, Fraction)):
        return str(value)
    raise TypeError(f"{type(value)} has no canonical form")
