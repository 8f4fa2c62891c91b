"""How fast paper is made: `python -m tests.bench.paper`, part of `make bench`."""

from __future__ import annotations

import io
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from html import escape
from pathlib import Path
from threading import Event
from typing import Any
from xml.etree.ElementTree import Element

from assess.config import read_settings
from assess.content.document import read_file
from assess.content.library import Library
from assess.core.evaluation import Evaluation, evaluate
from assess.render import fonts
from assess.render.html import Page, page_for_print
from assess.resources import REPORTS, SAMPLES
from assess.usecases.documents import request_document
from assess.usecases.installation import open_installation
from assess.usecases.reports import compose_report, list_styles, make_report
from tests.bench.measuring import RUNS, Row, cpu_ms, measure, show

RENDERS, WARM = 200, 50
BLOCKS = {"p", "li", "h1", "h2", "h3", "td", "th", "figcaption", "caption", "dt", "dd"}


@cache
def sample(name: str) -> Evaluation:
    return evaluate(*Library().read_answers(read_file(SAMPLES / f"{name}.answers.yaml")))


def report(name: str, language: str, style: str = "full") -> Callable[[], bytes]:
    return lambda: make_report(sample(name), fmt="pdf", style=style, language=language)


def pages(document: object) -> int:
    import pikepdf

    assert isinstance(document, bytes)
    with pikepdf.open(io.BytesIO(document)) as opened:
        return len(opened.pages)


def final_page(name: str, language: str) -> Page:
    return page_for_print(compose_report(sample(name), style="full", language=language), (REPORTS,))


def bare_layout(page: Page) -> Callable[[], bytes]:
    """WeasyPrint as it comes, with the HTML and the fonts given, and nothing of ours around it."""
    import weasyprint

    from assess.render.fetcher import LockedFetcher

    def lay_out() -> bytes:
        document = weasyprint.HTML(string=page.html, base_url="asset:/", url_fetcher=LockedFetcher(page.assets))
        written: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
        return written

    return lay_out


def plain(page: Page, language: str) -> Page:
    """The same words in the same fonts as paragraphs and fixed tables of even columns: no charts, links, bold or running lines.

    So its text is as dense as ours, cell by cell; it has no page of charts, which makes it a little denser.
    """
    import tinyhtml5  # type: ignore[import-untyped]

    body = tinyhtml5.parse(page.html, namespace_html_elements=False).find("body")
    families = tuple(face for face in fonts.STACKS[language] if f"font-family: '{face}'" in page.html)
    css = (
        fonts.face_rules(families)
        + f"@page {{ size: A4; margin: 22mm 18mm 18mm }} html {{ font-family: {fonts.family(language, families)} }}"
        "body { font-size: 10pt; line-height: 1.4 } p { margin: 0 0 6pt } td { border: .5pt solid #999; padding: 3pt }"
        "table { table-layout: fixed; width: 100%; border-collapse: collapse; margin-bottom: 6pt; font-size: 9pt }"
    )
    html = f'<!doctype html><html lang="{language}"><title>plain</title><style>{css}</style><body>' + "\n".join(_plain(body))
    return Page(html, page.assets)


def _plain(element: Element) -> Iterator[str]:
    for child in element:
        if child.tag == "table":
            rows = ("".join(f"<td>{_words(cell)}</td>" for cell in row if cell.tag in ("td", "th")) for row in child.iter("tr"))
            yield f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
        elif child.tag in BLOCKS:
            yield f"<p>{_words(child)}</p>" if _words(child) else ""
        else:
            yield from _plain(child)


def _words(element: Element) -> str:
    return escape(" ".join("".join(element.itertext()).split()))


def against_floors() -> Iterator[Row]:
    """Points a to d: the whole report, a page, Chinese, the brief."""
    english, page = report("advanced", "en"), final_page("advanced", "en")
    yield measure("PDF, full", english, bare_layout(page), "bare WeasyPrint, same HTML and fonts", limit=1.15)
    for language in ("en", "zh-Hant"):
        ours, simple = report("advanced", language), bare_layout(plain(final_page("advanced", language), language))
        per = pages(ours()), pages(simple())
        floor = f"plain paragraphs and tables, {per[1]} pages to {per[0]}"
        yield measure(f"PDF, full, a page, {language}", ours, simple, floor, limit=1.5, per=per)
    for language in ("zh-Hant", "zh-Hans"):
        ours = report("advanced", language)
        per = pages(ours()), pages(english())
        yield measure(f"PDF, full, a page, {language}", ours, english, "English", limit=1.2, per=per)
    if "brief" in {style.id for style in list_styles()}:
        yield measure("PDF, brief", report("advanced", "en", "brief"), english, "full", limit=0.35)


def two_workers(each: int = 3) -> Row:
    """Point e: documents a second of two processes against one, by the wall clock; other work on the machine shows."""
    ratios, alone, together = [], [], []
    for _ in range(RUNS):
        alone.append(_wall(1, each))
        together.append(_wall(2, each))
        ratios.append(2 * alone[-1] / together[-1])
    ours, floor = statistics.median(together) * 500 / each, statistics.median(alone) * 1000 / each
    return Row("documents by two workers (wall, each)", ours, floor, ratios, "one worker", 1.6, at_least=True)


def _wall(workers: int, each: int) -> float:
    """Seconds that so many workers take for `each` documents each, once all are warm."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(workers + 1)
    team = [context.Process(target=_work, args=(ready, each), daemon=True) for _ in range(workers)]
    for worker in team:
        worker.start()
    ready.wait(120)
    began = time.perf_counter()
    ready.wait(600)
    took = time.perf_counter() - began
    for worker in team:
        worker.join(30)
    return took


def _work(ready: Any, each: int) -> None:
    make = report("beginner", "en", "brief" if "brief" in {style.id for style in list_styles()} else "full")
    make()
    ready.wait()
    for _ in range(each):
        make()
    ready.wait()


def memory() -> Row:
    """Point f: memory held by a worker and its server of children after 200 documents against that after the first 50.

    Through the product's own path: rows in the queue, each document made in a child of its own.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    worker = context.Process(target=_work_and_weigh, args=(there,))
    worker.start()
    held = [here.recv() for _ in range(2)]
    worker.join(60)
    name = f"memory of a worker after {RENDERS} documents (MB)"
    return Row(name, held[1], held[0], [held[1] / held[0]], f"after {WARM}", 1.05)


def _work_and_weigh(there: Any) -> None:
    from sqlalchemy import delete

    from assess.jobs import work_once
    from assess.storage.tables import document

    stop = Event()
    with tempfile.TemporaryDirectory() as folder:
        installation = open_installation(read_settings({"KAM_DATA_DIR": folder}))
        for number in range(1, RENDERS + 1):
            request_document(installation, "sample-advanced", fmt="pdf", style="brief", language="en")
            if not work_once(installation, stop):
                raise RuntimeError("nothing was waiting")
            with installation.storage.writing() as connection:
                made = connection.execute(delete(document).where(document.c.state == "done")).rowcount
            if made != 1:
                raise RuntimeError("the document was not made")
            if number in (WARM, RENDERS):
                there.send(_family_mb(os.getpid()))
        installation.storage.close()


def _family_mb(pid: int) -> float:
    """Resident memory of a process and all below it; pages that they share count for each."""
    fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6 + sum(_family_mb(int(child)) for child in below)


def the_same_again() -> Row:
    """Point g: asking again for the same content, in processor time."""
    with tempfile.TemporaryDirectory() as folder:
        installation = open_installation(read_settings({"KAM_DATA_DIR": folder}))

        def ask() -> object:
            return request_document(installation, "sample-advanced", fmt="pdf", style="full", language="en")

        ask(), ask()
        times = [cpu_ms(ask) for _ in range(4 * RUNS)]
        installation.storage.close()
    return Row("the same document asked for again", statistics.median(times), 20, [each / 20 for each in times], "20 ms")


def rows() -> Iterator[Row]:
    yield the_same_again()
    yield memory()
    yield from against_floors()
    yield two_workers()


if __name__ == "__main__":
    show(rows())
