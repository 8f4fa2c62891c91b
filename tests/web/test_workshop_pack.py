"""The facilitator's guide on screen, and the printable pack as a worker makes it: words, languages, the QR code on paper."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Event

import pytest
import segno
from PIL import Image

from assess.core.answers import Consensus
from assess.core.questionnaire import LANGUAGES
from assess.core.workshop import shown_code
from assess.jobs import Limits, work_once
from assess.storage.queue import DONE
from assess.usecases import desks, engagements, packs, workshops
from assess.usecases.installation import open_installation
from assess.web.app import create_app
from tests.staff import CHEAP, become_admin, start_run
from tests.web.cast import sign_in
from tests.web.conftest import Person, settings_in

FIRST = {
    "en": "Key account management is a company-wide commitment",
    "zh-Hant": "關鍵客戶管理是全公司的承諾",
    "zh-Hans": "关键客户管理是全公司的承诺",
}
"""How the first question begins."""
MM, DOTS = 25.4, 100


@dataclass(frozen=True)
class Packed:
    """Ada at her desk, her pack as it was downloaded, and what stands in the way in."""

    ada: Person
    address: str
    document: bytes
    join_address: str
    shown_code: str


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Packed]:
    installation = replace(open_installation(settings_in(tmp_path_factory.mktemp("pack"))), passwords=CHEAP)
    actor = become_admin(installation)
    run = start_run(installation, actor, "kam-seven-steps-short", client="Acme 關鍵")
    key = engagements.key_to(installation, actor, run.code)
    workshops.start_workshop(installation, key)
    desk = desks.open_desk(installation, key)
    decided = desk.agenda[-1].item.id
    workshops.take_item(installation, key, decided, "live")
    workshops.reveal_votes(installation, key)
    workshops.decide_item(installation, key, Consensus(2, None, "Settled before.", ""))
    ada = sign_in(create_app(installation.settings, installation), installation, actor.email)
    address = f"/engagements/{run.engagement}/assessments/{run.code}/workshop/"
    ada.post(f"{address}pack", {"languages": list(LANGUAGES)})
    assert work_once(installation, Event(), Limits())
    (made,) = packs.list_packs(installation, key)
    assert (made.state, made.error) == (DONE, None)
    answer = ada.get(f"{address}guide?document={made.id}")
    assert answer.mimetype == "application/pdf"
    yield Packed(ada, address, answer.data, f"http://localhost/join/{desk.join_token}", shown_code(desk.code))
    installation.storage.close()


def pages(document: bytes) -> list[str]:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=document, capture_output=True, check=True, timeout=30)
    return done.stdout.decode().split("\f")[:-1]


def test_the_pack_says_the_same_in_every_language_of_the_room(packed: Packed) -> None:
    text = "".join(re.sub(r"\s+", "", page) for page in pages(packed.document))
    assert text.count(packed.shown_code) == len(LANGUAGES)
    for begin in FIRST.values():
        assert text.count(begin.replace(" ", "")) == 3, "in the calibration example, on the agenda and on its card"
    assert text.count("localhost/join") == len(LANGUAGES)


def test_the_calibration_example_on_paper_says_its_question(packed: Packed) -> None:
    first = re.sub(r"\s+", "", pages(packed.document)[0])
    shown = re.sub(r"\s+", "", packed.ada.get(f"{packed.address}guide?lang=en").text)
    (question,) = re.findall(r"<h2>Calibrationexample</h2><p><strong>([^<]+)</strong>", shown)
    assert first.index("Calibrationexample") < first.index(question.replace("&#39;", "'"))


def test_a_pack_s_name_says_its_languages(packed: Packed) -> None:
    assert "-en-zh-Hant-zh-Hans.pdf" in packed.ada.get(f"{packed.address}guide").text


def test_what_is_decided_has_no_card(packed: Packed) -> None:
    cards = [re.findall(r"(?m)^\s*(\d+) · ", page) for page in pages(packed.document)]
    numbers = [int(number) for found in cards for number in found]
    assert numbers == [*range(1, 14)] * len(LANGUAGES), "13 of 14 questions in three languages"


def test_the_qr_code_on_paper_leads_to_the_room(packed: Packed) -> None:
    """Module by module, from a picture of the page, against the code of the join address."""
    sheets = [number for number, page in enumerate(pages(packed.document), 1) if packed.shown_code in page]
    assert len(sheets) == len(LANGUAGES)
    wanted = [[bool(dark) for dark in row] for row in segno.make(packed.join_address, error="m", micro=False).matrix]
    for sheet in sheets:
        assert _modules(packed.document, sheet, len(wanted)) == wanted


def _modules(document: bytes, sheet: int, size: int) -> list[list[bool]]:
    """The code in the middle of a sheet, 95 mm wide with a border of two modules."""
    command = ["pdftoppm", "-r", str(DOTS), "-f", str(sheet), "-l", str(sheet), "-gray", "-png", "-"]
    done = subprocess.run(command, input=document, capture_output=True, check=True, timeout=30)
    picture = Image.open(io.BytesIO(done.stdout)).convert("L")
    module = 95 / (size + 4) / MM * DOTS
    left = picture.width / 2 - (size / 2) * module
    column = [picture.getpixel((int(left + module / 2), y)) for y in range(picture.height)]
    top = next(y for y, light in enumerate(column) if all(dark < 128 for dark in column[y : y + int(6 * module)]))
    return [
        [picture.getpixel((int(left + (x + 0.5) * module), int(top + (y + 0.5) * module))) < 128 for x in range(size)]
        for y in range(size)
    ]


def test_the_guide_is_a_run_sheet_of_half_a_day_in_the_reader_s_language(packed: Packed) -> None:
    for language, begin in FIRST.items():
        page = packed.ada.get(f"{packed.address}guide?lang={language}").text
        assert begin in page
        clocks = re.findall(r'<th scope="row">(\d:\d\d)</th>', page)
        assert clocks == ["0:00", "0:15", "0:30", "1:26", "1:41", "2:29", "2:49"]


def test_a_pack_needs_a_language_and_strangers_get_none(packed: Packed, otto: Person) -> None:
    packed.ada.get(f"{packed.address}guide?lang=en")
    answer = packed.ada.post(f"{packed.address}pack", {})
    assert answer.status_code == 303
    assert "Please choose at least one language." in packed.ada.get(f"{packed.address}guide").text
    assert otto.get(f"{packed.address}guide").status_code in (303, 404)


def test_the_same_pack_asked_for_again_is_the_same_document(packed: Packed) -> None:
    before = packed.ada.get(f"{packed.address}guide").text.count("guide?document=")
    packed.ada.post(f"{packed.address}pack", {"languages": list(LANGUAGES)})
    assert packed.ada.get(f"{packed.address}guide").text.count("guide?document=") == before == 1
