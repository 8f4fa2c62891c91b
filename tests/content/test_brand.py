"""Brand files are read strictly, every problem at once, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from assess.content.brand import read_brand
from assess.core.brand import Brand, Logo
from assess.core.errors import Invalid, NotFound, Problem

WHOLE = """schema: kam-brand/1
name: Northwind Advisory
primary: "#0057B8"
second: "#ff8200"
footer: Northwind, Leeds
paper: letter
facilitator_logo: {file: logos/north.png, text: Northwind}
"""


def fake_logo(content: bytes, text: str) -> Logo:
    if content == b"bad":
        raise Invalid([Problem("is not a PNG, JPEG or WebP picture")])
    return Logo(content, 4, 3, text)


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "logos").mkdir(exist_ok=True)
    (tmp_path / "logos" / "north.png").write_bytes(b"picture")
    (tmp_path / "logos" / "bad.png").write_bytes(b"bad")
    path = tmp_path / "brand.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(Invalid) as caught:
        read_brand(written(tmp_path, text), fake_logo)
    return [f"{problem.line}: {problem.path}: {problem.text}" for problem in caught.value.problems]


def test_a_whole_brand_file_is_read(tmp_path: Path) -> None:
    assert read_brand(written(tmp_path, WHOLE), fake_logo) == Brand(
        "Northwind Advisory", "#0057b8", "#ff8200", "Northwind, Leeds", "letter", Logo(b"picture", 4, 3, "Northwind"), None
    )


def test_all_but_the_schema_may_be_left_out(tmp_path: Path) -> None:
    assert read_brand(written(tmp_path, "schema: kam-brand/1\n"), fake_logo) == Brand()


def test_every_problem_is_named_at_once_with_its_line(tmp_path: Path) -> None:
    text = """schema: kam-brand/1
primary: #0057b8
second: orange
paper: a3
foot: x
facilitator_logo: {file: logos/bad.png, text: x}
client_logo: {file: logos/none.png, text: ""}
"""
    assert problems(tmp_path, text) == [
        '2: primary: is empty: write the colour in quotes, such as "#0e6377"',
        '3: second: must be a colour of six digits in quotes, such as "#0e6377"',
        "4: paper: must be one of 'a4' or 'letter'",
        "5: foot: is not a known key",
        "6: facilitator_logo.file: is not a PNG, JPEG or WebP picture",
        "7: client_logo.text: must not be empty",
        "7: client_logo.file: there is no file logos/none.png",
    ]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("primary", '"#fff"', "six digits"),
        ("primary", '"#0057b8; } body {"', "six digits"),
        ("footer", '"' + "x" * 121 + '"', "longer than 120"),
        ("footer", '"two\\nlines"', "one line"),
        ("name", '""', "must not be empty"),
        ("client_logo", "logo.png", "must be a mapping"),
        ("client_logo", '{file: "a\\0b", text: x}', "control character"),
    ],
)
def test_what_a_brand_file_must_not_hold(tmp_path: Path, key: str, value: str, message: str) -> None:
    assert message in "\n".join(problems(tmp_path, f"schema: kam-brand/1\n{key}: {value}\n"))


def test_a_logo_of_more_than_2_mib_is_refused_before_it_is_read_whole(tmp_path: Path) -> None:
    path = written(tmp_path, WHOLE)
    (tmp_path / "logos" / "north.png").write_bytes(b"x" * (2 * 1024**2 + 1))
    with pytest.raises(Invalid, match=r"brand\.yaml:7: facilitator_logo\.file: is larger than 2 MiB"):
        read_brand(path, fake_logo)


def test_a_brand_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no such file"):
        read_brand(tmp_path / "brand.yaml", fake_logo)
