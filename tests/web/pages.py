"""Every page of the product that a person can get to see, by name."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from assess.storage import documents as rows
from assess.usecases.installation import Installation
from tests.web.conftest import Person

EVIL = "<script>alert('x')</script>\" onmouseover=\"alert(1)"


def make_document(installation: Installation, *, content: bytes | None = None, reason: str = "") -> None:
    """What the worker does with the oldest waiting document: finish it with this content, or fail it."""
    now = installation.clock()
    with installation.storage.writing() as connection:
        claim = rows.claim_next(connection, now)
        assert claim is not None
        if content is None:
            assert rows.fail(connection, claim, reason, now)
        else:
            assert rows.finish(connection, claim, content, now)


def ask_document(person: Person, **wanted: str) -> str:
    """Ask for a report; returns the address of its page."""
    data = {"fmt": "pdf", "style": "full", "language": "en", **wanted}
    answer = person.post(f"{person.link}documents", data)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def all_pages(person: Person) -> dict[str, TestResponse]:
    """Visit every page in every state, with evil texts in all fields."""
    link = person.start(name=EVIL)
    pages: dict[str, Any] = {"result, empty": person.get(f"{link}result")}
    person.post(f"{link}step/s1", {"q_s1.1": "2", "q_s1.1__evidence": EVIL, "q_s1.1__comment": EVIL})
    pages["result, provisional"] = person.get(f"{link}result")
    pages["overview"] = person.get(link)
    person.answer_all("2")
    pages["step, with a mistake"] = person.post(f"{link}step/s2", {"q_s2.1": EVIL, "q_s2.1__comment": EVIL})
    pages["step, old"] = person.post(f"{link}step/s2", {"csrf_token": "old", "q_s2.1__comment": EVIL})
    pages["start, with a mistake"] = person.post("/start", {"role": EVIL, "name": EVIL, "size": EVIL})
    pages["plan, with a mistake"] = person.post(f"{link}plan", {"profile": EVIL, "start": EVIL, "capacity": EVIL})
    pages["report, with a mistake"] = person.post(f"{link}documents", {"fmt": EVIL, "style": EVIL, "language": EVIL})
    action = person.get(f"{link}result").text.split(f"{link}plan/a-")[1].split('"')[0]
    waiting = ask_document(person)
    pages["document, waiting"] = person.get(waiting)
    make_document(person.installation, reason=EVIL)
    pages["document, failed"] = person.get(waiting)
    ready = ask_document(person, fmt="json")
    make_document(person.installation, content=b"{}")
    pages["document, done"] = person.get(ready)
    paths = {
        "front": "/",
        "start": "/start",
        "step": f"{link}step/s1",
        "result": f"{link}result",
        "roadmap": f"{link}plan/",
        "own initiative": f"{link}plan/own",
        "history": f"{link}history/",
        "look of the reports": f"{link}brand",
        "questionnaires": "/questionnaires/",
        "actions": "/questionnaires/kam-seven-steps/actions",
        "a questionnaire": "/questionnaires/kam-seven-steps",
        "initiative": f"{link}plan/a-{action}",
        "description": f"{link}description",
        "erase": f"{link}erase",
        "sample overview": "/a/sample-beginner/",
        "sample step": "/a/sample-beginner/step/s2",
        "sample result": "/a/sample-advanced/result",
        "not found": "/nowhere",
        "stranger": "/a/stranger/",
    }
    pages |= {name: person.get(path) for name, path in paths.items()}
    pages["wrong verb"] = person.client.put("/start")
    pages["forbidden"] = person.post("/a/sample-beginner/step/s1", {"q_s1.1": "1"})
    return pages
