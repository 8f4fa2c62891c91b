"""Reading questionnaires on screen, own ones and broken ones too."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assess.content.questionnaires import load_folder
from assess.resources import QUESTIONNAIRES
from assess.usecases.installation import open_installation
from assess.web.app import create_app
from tests.web.conftest import settings_in

CORE = "kam-seven-steps"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An installation with a questionnaire of its own and one that can't be used."""
    folder = tmp_path_factory.mktemp("own")
    shutil.copytree(QUESTIONNAIRES / CORE, folder / "questionnaires" / "our-steps")
    path = folder / "questionnaires" / "our-steps" / "questionnaire.yaml"
    path.write_text(path.read_text().replace(f"id: {CORE}\n", "id: our-steps\n"))
    broken = folder / "questionnaires" / "half-done"
    broken.mkdir()
    (broken / "questionnaire.yaml").write_text(
        "schema: kam-questionnaire/1\nid: half-done\nwieght: <script>alert(1)</script>\n"
    )
    installation = open_installation(settings_in(folder, questionnaires=(folder / "questionnaires",)))
    app = create_app(installation.settings, installation)
    app.testing = True
    yield app
    installation.storage.close()


@pytest.fixture
def own(app: Flask) -> FlaskClient:
    return app.test_client()


def test_every_questionnaire_is_listed_with_its_size(own: FlaskClient) -> None:
    page = own.get("/questionnaires/").text
    for folder in QUESTIONNAIRES.iterdir():
        if (folder / "questionnaire.yaml").is_file():
            assert f'href="/questionnaires/{folder.name}"' in page
    assert "42 questions" in page
    assert "Your own" in page


@pytest.mark.parametrize(("language", "heading"), [("en", "Step 7: "), ("zh-Hant", "步驟7："), ("zh-Hans", "步骤7：")])
def test_every_word_of_a_questionnaire_can_be_read(own: FlaskClient, language: str, heading: str) -> None:
    page = own.get(f"/questionnaires/{CORE}?lang={language}").text
    one = load_folder(QUESTIONNAIRES / CORE)
    for item in one.items:
        assert f'id="item-{item.id}"' in page
    assert heading in page
    assert page.count('class="card"') == 5 * len(one.items)
    actions = own.get(f"/questionnaires/{CORE}/actions").text
    assert all(f'id="action-{action.id}"' in actions for action in one.actions)


def test_a_broken_folder_says_what_is_wrong_and_where_and_hides_the_place_on_the_machine(own: FlaskClient) -> None:
    assert "1 folder can't be used" in own.get("/questionnaires/").text
    page = own.get("/questionnaires/half-done").text
    assert "questionnaire.yaml:3: wieght" in page
    assert "<script>alert" not in page
    assert str(Path("questionnaires") / "half-done") not in page


def test_problems_are_told_in_the_readers_language(own: FlaskClient) -> None:
    assert "缺少" in own.get("/questionnaires/half-done?lang=zh-Hant").text


def test_a_questionnaire_taken_along_is_in_order_and_has_always_the_same_bytes(own: FlaskClient, tmp_path: Path) -> None:
    first = own.get(f"/questionnaires/{CORE}.zip")
    assert first.mimetype == "application/zip"
    assert first.data == own.get(f"/questionnaires/{CORE}.zip").data
    with zipfile.ZipFile(io.BytesIO(first.data)) as archive:
        archive.extractall(tmp_path)
    assert load_folder(tmp_path / CORE) == load_folder(QUESTIONNAIRES / CORE)
    assert (tmp_path / CORE / "MODEL_CARD.md").is_file()


@pytest.mark.parametrize(
    "address",
    ["/questionnaires/nowhere", "/questionnaires/half-done/actions", "/questionnaires/nowhere.zip", "/questionnaires/..%2f.."],
)
def test_what_is_not_there_is_not_found(own: FlaskClient, address: str) -> None:
    assert own.get(address).status_code == 404
