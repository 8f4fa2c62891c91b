"""The facilitator's guide and the printable pack: from the questionnaire's own words and the phrases of reports/phrases."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from assess.content.phrases import load_phrases
from assess.core.errors import Invalid, NotFound, Problem
from assess.core.questionnaire import LANGUAGES, LEVELS, Dimension, Item, Questionnaire
from assess.core.workshop import shown_code
from assess.core.workshop_guide import ITEMS, MINUTES_AN_ITEM, calibration_item, run_sheet
from assess.storage import documents as document_rows
from assess.storage.documents import DocumentRow
from assess.storage.engine import Storage
from assess.storage.links import AssessmentKey
from assess.storage.queue import QUEUED
from assess.usecases.audit import record
from assess.usecases.copies import questionnaires_of
from assess.usecases.desks import open_desk
from assess.usecases.installation import Installation

STYLE = "workshop"
PREFIX = "workshop."
CALIBRATED = 3


@dataclass(frozen=True)
class SlotText:
    """A line of the run sheet in words; clock is hours and minutes from the beginning, length in minutes."""

    clock: str
    length: int
    name: str
    how: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Guide:
    """The guide in one language. words: phrase key -> text."""

    words: Mapping[str, str]
    slots: tuple[SlotText, ...]
    before: tuple[str, ...]
    calibration: Item
    case: str
    answer: str
    dimensions: tuple[Dimension, ...]


def open_guide(installation: Installation, key: AssessmentKey, language: str) -> Guide:
    """How to run half a day with this assessment, the most disputed questions first. Raises NotFound, NotAllowed."""
    desk = open_desk(installation, key)
    items = [line.item for line in desk.agenda if line.consensus is None] or [line.item for line in desk.agenda]
    return write_guide(desk.assessment.questionnaires, items, language)


def write_guide(questionnaires: Sequence[Questionnaire], items: Sequence[Item], language: str) -> Guide:
    """items: in the order in which they are to be talked about."""
    words = _words(language)
    known = {item.id: item for item in items}
    slots = tuple(
        SlotText(
            clock=slot.clock,
            length=slot.length,
            name=words[f"{PREFIX}slot_{slot.kind}"],
            how=words[f"{PREFIX}slot_{slot.kind}_how"].format(each=MINUTES_AN_ITEM, count=len(slot.items))
            if slot.kind == ITEMS
            else words[f"{PREFIX}slot_{slot.kind}_how"],
            items=tuple(known[id_] for id_ in slot.items),
        )
        for slot in run_sheet(tuple(known))
    )
    example = calibration_item(questionnaires[0])
    texts = {"whole": example.levels[CALIBRATED].of(language), "begun": example.levels[CALIBRATED + 1].of(language)}
    return Guide(
        words=words,
        slots=slots,
        before=tuple(words[f"{PREFIX}before_{number}"] for number in range(1, 5)),
        calibration=example,
        case=words[f"{PREFIX}calibration_case"].format(**texts),
        answer=words[f"{PREFIX}calibration_answer"].format(level=CALIBRATED),
        dimensions=tuple(dimension for one in questionnaires for dimension in one.dimensions),
    )


def _words(language: str) -> dict[str, str]:
    book = load_phrases()
    phrase = book.in_language(language)
    return {key: phrase(key) for key in book.texts if key.startswith(PREFIX)}


def request_pack(installation: Installation, key: AssessmentKey, *, languages: Sequence[str], link: str, address: str) -> str:
    """Ask for the pack of the workshop that is on; returns the document's id. Raises Invalid, NotFound, NotAllowed."""
    unknown = [language for language in languages if language not in LANGUAGES]
    if unknown or not languages:
        raise Invalid([Problem("must be one of {names}", {"names": ", ".join(LANGUAGES)}, path="languages")])
    desk = open_desk(installation, key)
    if desk.workshop is None or desk.workshop.ended_at is not None:
        raise NotFound("there is no workshop")
    request = {
        "pack": {
            "organisation": desk.assessment.assessment.organisation.name,
            "questionnaires": list(desk.assessment.digests),
            "items": [line.item.id for line in desk.agenda if line.consensus is None],
            "languages": list(languages),
            "link": link,
            "address": address,
            "code": shown_code(desk.code),
        }
    }
    text, now, owner = json.dumps(request, ensure_ascii=False), installation.clock(), owner_of(key)
    content_hash = sha256(text.encode()).hexdigest()
    with installation.storage.writing() as connection:
        known = document_rows.find_same(connection, owner, content_hash)
        if known is not None:
            return known.id
        row = DocumentRow(
            id=secrets.token_hex(16),
            owner=owner,
            fmt="pdf",
            style=STYLE,
            language=languages[0],
            content_hash=content_hash,
            filename=f"KAM-workshop-{now.date().isoformat()}-{'-'.join(languages)}.pdf",
            state=QUEUED,
            attempt=0,
            requested_at=now,
            finished_at=None,
            error=None,
            size=None,
        )
        document_rows.add_document(connection, row, desk.assessment.id, text)
        record(connection, key.actor, "workshop.pack_requested", f"assessment {key.code}", now, languages=list(languages))
    installation.enqueue(row.id)
    return row.id


def owner_of(key: AssessmentKey) -> str:
    return f"pack {key.code}"


def list_packs(installation: Installation, key: AssessmentKey) -> tuple[DocumentRow, ...]:
    """The packs asked for, the newest first."""
    with installation.storage.reading() as connection:
        return document_rows.list_documents(connection, owner_of(key))


def pack_bytes(installation: Installation, key: AssessmentKey, id_: str) -> bytes:
    """Raises NotFound while it is not done."""
    with installation.storage.reading() as connection:
        return document_rows.load_content(connection, owner_of(key), id_)


def is_pack(request: str) -> bool:
    """Whether a document's request is for a workshop pack."""
    return "pack" in json.loads(request)


def make_pack(storage: Storage, request: str) -> bytes:
    """The PDF of a request, in the worker."""
    from assess.render.pack import render_pack

    wanted: dict[str, Any] = json.loads(request)["pack"]
    with storage.reading() as connection:
        questionnaires = questionnaires_of(connection, wanted["questionnaires"])
    known = {item.id: (dimension, item) for one in questionnaires for dimension in one.dimensions for item in dimension.items}
    chosen = [known[id_] for id_ in wanted["items"] if id_ in known]
    sections = [_section(questionnaires, chosen, language) for language in wanted["languages"]]
    return render_pack({**wanted, "sections": sections})


def _section(
    questionnaires: Sequence[Questionnaire], chosen: Sequence[tuple[Dimension, Item]], language: str
) -> dict[str, Any]:
    """One language of the pack: the cards of the questions that fit into half a day."""
    guide = write_guide(questionnaires, [item for _, item in chosen], language)
    fitting = {item.id for slot in guide.slots for item in slot.items}
    cards = [
        {
            "step": dimension.title.of(language),
            "text": item.text.of(language),
            "levels": [{"number": level, "text": item.levels[level].of(language)} for level in LEVELS],
        }
        for dimension, item in chosen
        if item.id in fitting
    ]
    slots = [{"clock": one.clock, "length": one.length, "name": one.name, "how": one.how} for one in guide.slots]
    title = questionnaires[0].title.of(language)
    return {
        "language": language, "title": title, "words": guide.words, "slots": slots, "cards": cards,
        "calibration": guide.calibration.text.of(language), "case": guide.case, "answer": guide.answer,
    }  # fmt: skip
