"""The look of the reports, chosen on screen."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from assess.usecases import documents
from assess.usecases.requests import brand_of_request
from tests.web.conftest import LINK, Person
from tests.web.pages import EVIL, ask_document

TOO_LARGE = {"en": "At most 4 MB can be sent", "zh-Hant": "最多可送出 4 MB", "zh-Hans": "最多可提交 4 MB"}


def picture(fmt: str = "PNG", size: tuple[int, int] = (300, 100)) -> io.BytesIO:
    stream = io.BytesIO()
    Image.new("RGB", size, "#804000").save(stream, fmt)
    stream.seek(0)
    return stream


@pytest.fixture
def lea(rosa: Person) -> Person:
    rosa.start(name="Acme")
    rosa.post(f"{rosa.link}step/s1", {f"q_s1.{n}": "3" for n in range(1, 7)})
    return rosa


def send(person: Person, **data: object) -> object:
    return person.post(f"{person.link}brand", data, content_type="multipart/form-data")


def test_logo_and_colours_go_into_the_next_report(lea: Person) -> None:
    sent = send(lea, primary="#804000", client=(picture("JPEG"), "l.jpg"), client_text="Logo of Acme", footer="Acme 2027")
    assert sent.status_code == 303
    page = lea.get(f"{lea.link}brand").text
    assert "data:image/png;base64," in page
    assert 'alt="Logo of Acme"' in page
    ask_document(lea)
    installation = lea.installation
    with installation.storage.reading() as connection:
        (request,) = connection.exec_driver_sql("SELECT request FROM document ORDER BY requested_at DESC LIMIT 1").one()
    brand = brand_of_request(installation.storage, request)
    assert brand is not None
    assert brand.client is not None
    assert (brand.primary, brand.footer, brand.client.text) == ("#804000", "Acme 2027", "Logo of Acme")


def test_another_look_makes_another_document(lea: Person) -> None:
    first = ask_document(lea)
    send(lea, primary="#804000")
    second = ask_document(lea)
    send(lea, primary="")
    assert (second != first, ask_document(lea)) == (True, first)
    found = LINK.match(lea.link)
    assert found
    assert len(documents.list_documents(lea.installation, found[1])) == 2


def test_a_colour_that_is_hard_to_read_is_made_darker_and_this_is_said(lea: Person) -> None:
    assert send(lea, primary="#ffee00").status_code == 303
    assert re.search(r'class="notice done"[^>]*>[^<]*ffee00', lea.get(f"{lea.link}brand").text)


@pytest.mark.parametrize(
    ("data", "field", "said"),
    [
        ({"primary": "red"}, "primary", "must be a colour"),
        ({"client": (io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "l.svg"), "client_text": "x"}, "client", "SVG"),
        ({"client": (io.BytesIO(b"no picture"), "l.png"), "client_text": "x"}, "client", "is not a PNG"),
        ({"facilitator": (picture(), "l.png")}, "facilitator", "needs a text"),
        ({"footer": "x" * 121}, "footer", "121 characters"),
        ({"paper": "a0"}, "paper", "choose one"),
    ],
)
def test_mistakes_are_said_at_their_field(lea: Person, data: dict[str, object], field: str, said: str) -> None:
    answer = send(lea, name=EVIL, **data)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert said in answer.text
    assert "<script>alert" not in answer.text


def test_a_logo_stays_until_it_is_removed(lea: Person) -> None:
    send(lea, client=(picture(), "l.png"), client_text="Logo")
    send(lea, client_text="Logo of Acme")
    assert 'alt="Logo of Acme"' in lea.get(f"{lea.link}brand").text
    send(lea, client_text="Logo of Acme", client_removed="y")
    assert "<img" not in lea.get(f"{lea.link}brand").text


def test_a_file_that_is_too_large_is_refused(lea: Person) -> None:
    body = (
        b"--b\r\nContent-Disposition: form-data; name=client; filename=l.png\r\n\r\n" + b"x" * (5 * 1024**2) + b"\r\n--b--\r\n"
    )
    for language, words in TOO_LARGE.items():
        address = f"{lea.link}brand?lang={language}"
        answer = lea.client.post(address, data=body, content_type="multipart/form-data; boundary=b")
        assert answer.status_code == 413
        assert words in answer.text


def test_samples_have_no_look_of_their_own(otto: Person) -> None:
    assert otto.get("/a/sample-beginner/brand").status_code == 403
