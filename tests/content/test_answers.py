from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.content.answers import answers_file, dump_answers, read_assessment
from assess.content.document import CONTROL
from assess.content.library import Library
from assess.core.answers import NOT_APPLICABLE_REASONS, Answer, Assessment, Consensus, Evidence, Organisation, Respondent
from assess.core.errors import Invalid
from tests.conftest import VECTORS
from tests.content.builders import HEAD, PERSON, document, problems_of

LIBRARY = Library([VECTORS])
NAMES = sorted(path.name for path in VECTORS.glob("*.answers.yaml"))
NO_ANSWER = "must be a level from 1 to 5, dont_know, or a mapping with one of them"


def read(text: str) -> Assessment:
    return LIBRARY.read_answers(document(text))[2]


def problems(text: str) -> list[str]:
    return problems_of(lambda: read(text))


def only_answer(written: str) -> Answer:
    return read(f"{PERSON}    s1.1: {written}\n").respondents[0].answers["s1.1"]


class TestForms:
    @pytest.mark.parametrize(
        ("written", "answer"),
        [
            ("3", Answer(level=3)),
            ("+3", Answer(level=3)),
            ("dont_know", Answer(dont_know=True)),
            ("{level: 4}", Answer(level=4)),
            ("{level: dont_know}", Answer(dont_know=True)),
            ("{dont_know: true}", Answer(dont_know=True)),
            ("{level: null, dont_know: true}", Answer(dont_know=True)),
            (
                "{not_applicable: out_of_scope, comment: no tenders}",
                Answer(not_applicable="out_of_scope", comment="no tenders"),
            ),
            ('{level: 4, evidence: "charter v2, p. 3", seconds: 7}', Answer(level=4, evidence="charter v2, p. 3", seconds=7.0)),
            ("{level: 2, seconds: 0.25}", Answer(level=2, seconds=0.25)),
            ("{level: 2, comment: 1984}", Answer(level=2, comment="1984")),
            ("{level: 2, comment: no, evidence: 1:30}", Answer(level=2, comment="no", evidence="1:30")),
        ],
    )
    def test_an_answer_can_be_written_short_or_long(self, written, answer):
        assert only_answer(written) == answer

    @pytest.mark.parametrize(
        ("written", "agreed"),
        [
            ("3", Consensus(3)),
            ("{level: 2, rationale: r, dissent: d}", Consensus(2, None, "r", "d")),
            ("{not_applicable: constraint}", Consensus(None, "constraint")),
        ],
    )
    def test_a_consensus_can_be_written_short_or_long(self, written, agreed):
        assert read(f"{HEAD}consensus: {{s1.1: {written}}}\n").consensus == {"s1.1": agreed}

    def test_text_that_looks_like_numbers_stays_as_written(self):
        found = read(
            HEAD.replace("date", "organisation: {name: 1984, size: 250, region: no, industry: 012}\nversion: 1.10\ndate")
            + "respondents:\n- {id: 007, role: kam}\n- {id: 1.10, role: kam}\n- {id: true, role: kam}\n"
        )
        assert found.organisation == Organisation("1984", "012", "no", "250")
        assert found.version == "1.10"
        assert [person.id for person in found.respondents] == ["007", "1.10", "true"]

    def test_json_holds_the_same_as_yaml(self):
        text = '{"schema": "kam-answers/1", "questionnaire": "mini", "date": "2026-11-21", "targets": {"s1": 3.5, "s2": 4}}'
        assert read(text).targets == {"s1": Fraction(7, 2), "s2": Fraction(4)}
        assert read(text) == read(f"{HEAD}targets: {{s1: 3.5, s2: 4}}\n")

    def test_a_target_is_exactly_what_was_written(self):
        assert read(f"{HEAD}targets: {{s1: 3.1}}\n").targets == {"s1": Fraction(31, 10)}

    def test_everything_but_schema_questionnaire_and_date_may_be_left_out(self):
        assert read(HEAD) == Assessment("mini", Organisation(), date(2026, 11, 21), ())


class TestMistakes:
    @pytest.mark.parametrize(
        ("written", "said"),
        [
            ("0", "s1.1.level: must be a level from 1 to 5"),
            ("6", "s1.1.level: must be a level from 1 to 5"),
            ("-1", "s1.1.level: must be a level from 1 to 5"),
            ('"3"', f"s1.1: {NO_ANSWER}"),
            ("3.5", f"s1.1: {NO_ANSWER}"),
            ("3.0", f"s1.1: {NO_ANSWER}"),
            ("true", f"s1.1: {NO_ANSWER}"),
            ("", f"s1.1: {NO_ANSWER}"),
            ("[3]", f"s1.1: {NO_ANSWER}"),
            ("don't know", f"s1.1: {NO_ANSWER}"),
            ('{level: "3"}', "s1.1.level: must be a level from 1 to 5"),
            ("{level: true}", "s1.1.level: must be a level from 1 to 5"),
            ("{level: 3.0}", "s1.1.level: must be a level from 1 to 5"),
            ("{level: 3, dont_know: true}", "s1.1: needs exactly one of level, dont_know and not_applicable"),
            ("{level: dont_know, dont_know: 3}", "s1.1.level: must be a level from 1 to 5"),
            ("{evidence: charter}", "s1.1: needs exactly one of level, dont_know and not_applicable"),
            (
                "not_applicable",
                "s1.1: needs a reason, {not_applicable: REASON} with one of out_of_scope, business_priority, constraint, other",
            ),
            (
                "{not_applicable: because}",
                "s1.1.not_applicable: must be one of 'out_of_scope', 'business_priority', 'constraint' or 'other'",
            ),
            ("{level: 3, evidence: [x]}", "s1.1.evidence: must be text"),
            ("{level: 3, evidence: null}", "s1.1.evidence: must be text"),
            ("{level: 3, seconds: -1}", "s1.1.seconds: must be a number of seconds from 0 to 86400"),
            ('{level: 3, seconds: "5"}', "s1.1.seconds: must be a number of seconds from 0 to 86400"),
            ("{level: 3, seconds: true}", "s1.1.seconds: must be a number of seconds from 0 to 86400"),
            ("{level: 3, seconds: nan}", "s1.1.seconds: must be a number of seconds from 0 to 86400"),
            ("{level: 3, note: x}", "s1.1.note: is not a known key"),
            ('{level: 3, comment: "a\\eb"}', "s1.1.comment: holds the control character U+001B"),
            (f"{{level: 3, comment: {'x' * 20_001}}}", "s1.1.comment: is longer than 20000 characters"),
        ],
    )
    def test_a_wrong_answer_is_named_with_line_and_place(self, written, said):
        expected = [f"f:8: respondents[r1].answers.{said}"]
        assert [problem for problem in problems(f"{PERSON}    s1.1: {written}\n") if ".dont_know:" not in problem] == expected

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (f"{PERSON}    s9.9: 3\n", ["f:8: respondents[r1].answers.s9.9: there is no item s9.9 in mini"]),
            (f"{HEAD}respondents:\n- id: r1\n  role: boss\n", ["f:6: respondents[r1].role: there is no role boss"]),
            (
                f"{HEAD}respondents:\n- id: r1\n  role: kam\n- role: kam\n  id: r1\n",
                ["f:8: respondents[r1].id: the respondent r1 is there twice (first in line 5)"],
            ),
            (f"{HEAD}respondents:\n- id: r1\n", ["f:5: respondents[r1].role: is missing"]),
            (f"{HEAD}respondents:\n- {{id: ' ', role: kam}}\n", ["f:5: respondents[ ].id: must not be empty"]),
            (f"{HEAD}respondents: {{id: 3}}\n", ["f:4: respondents: must be a list"]),
            (f"{HEAD}respondents: [3]\n", ["f:4: respondents[0]: must be a mapping"]),
            (f"{HEAD}consensus: {{s9.9: 3}}\n", ["f:4: consensus.s9.9: there is no item s9.9 in mini"]),
            (
                f"{HEAD}consensus: {{s1.1: dont_know}}\n",
                ["f:4: consensus.s1.1: must be a level from 1 to 5, or a mapping with level or not_applicable"],
            ),
            (f"{HEAD}consensus: {{s1.1: {{}}}}\n", ["f:4: consensus.s1.1: needs exactly one of level and not_applicable"]),
            (f"{HEAD}evidence: {{s9.9: []}}\n", ["f:4: evidence.s9.9: there is no item s9.9 in mini"]),
            (
                f"{HEAD}evidence:\n  s1.1:\n  - expires: 2026-02-30\n",
                ["f:6: evidence.s1.1[0].expires: is not a day of the calendar"],
            ),
            (f"{HEAD}targets: {{s9: 3}}\n", ["f:4: targets.s9: there is no dimension s9"]),
            (f"{HEAD}targets: {{s1: 6}}\n", ["f:4: targets.s1: must be a number from 1 to 5"]),
            (f"{HEAD}targets: {{s1: '4'}}\n", ["f:4: targets.s1: must be a number from 1 to 5"]),
            (f"{HEAD}profile: hasty\n", ["f:4: profile: there is no profile hasty"]),
            (f"{HEAD}version: 2.0.0\n", ["f:4: version: was answered with version 2.0.0; mini here is 1.0.0"]),
            (f"{HEAD}modules: [nope]\n", ["f:4: modules[0]: there is no questionnaire nope"]),
            (f"{HEAD}modules: [mini]\n", ["f:4: modules[0]: mini is not a module"]),
            (f"{HEAD}confidential: yes\n", ["f:4: confidential: must be true or false"]),
            (f"{HEAD}colour: blue\n", ["f:4: colour: is not a known key"]),
            (f"{HEAD}organisation: Acme\n", ["f:4: organisation: must be a mapping"]),
            (f"{HEAD}questionnaire: mini\n", ["f:4: questionnaire: the key is given twice (first in line 2)"]),
            (HEAD.replace("kam-answers/1", "kam-answers/2"), ["f:1: schema: must be one of 'kam-answers/1'"]),
            (HEAD.replace("mini", "maxi"), ["f:2: questionnaire: there is no questionnaire maxi"]),
            (HEAD.replace("mini", "3"), ["f:2: questionnaire: there is no questionnaire 3"]),
            (
                HEAD.replace("mini", "../mini"),
                [
                    "f:2: questionnaire: must be a slug: small ASCII letters, digits, and . _ - between them",
                    "f:2: questionnaire: there is no questionnaire ../mini",
                ],
            ),
            (HEAD.replace("2026-11-21", "2026-02-30"), ["f:3: date: is not a day of the calendar"]),
            (HEAD.replace("2026-11-21", "21.11.2026"), ["f:3: date: must be a date such as 2026-11-21"]),
            (HEAD.replace("2026-11-21", "2026-11-21T10:00:00"), ["f:3: date: must be a date such as 2026-11-21"]),
            (HEAD.replace("2026-11-21", "20261121"), ["f:3: date: must be a date such as 2026-11-21"]),
            ("schema: kam-answers/1\n", ["f:1: questionnaire: is missing", "f:1: date: is missing"]),
            ("just text", ["f:1: must be a mapping"]),
            ("- 1\n", ["f:1: must be a mapping"]),
        ],
    )
    def test_typical_mistakes_are_said_in_words_people_understand(self, text, said):
        assert problems(text) == said

    def test_all_problems_are_named_at_once_in_the_order_of_the_file(self):
        text = (
            f"{HEAD}colour: blue\nrespondents:\n- id: r1\n  role: boss\n  answers:\n    s1.1: 7\n    s9.9: 3\n"
            "- id: r1\n  role: kam\n  answers: {s1.2: '3'}\nconsensus: {s1.1: 8}\n"
            "evidence: {y: [{expires: 2026-02-30}]}\ntargets: {s9: 3}\nprofile: none\n"
        )
        assert problems(text) == [
            "f:4: colour: is not a known key",
            "f:7: respondents[r1].role: there is no role boss",
            "f:9: respondents[r1].answers.s1.1.level: must be a level from 1 to 5",
            "f:10: respondents[r1].answers.s9.9: there is no item s9.9 in mini",
            "f:11: respondents[r1].id: the respondent r1 is there twice (first in line 6)",
            f"f:13: respondents[r1].answers.s1.2: {NO_ANSWER}",
            "f:14: consensus.s1.1.level: must be a level from 1 to 5",
            "f:15: evidence.y[0].expires: is not a day of the calendar",
            "f:15: evidence.y: there is no item y in mini",
            "f:16: targets.s9: there is no dimension s9",
            "f:17: profile: there is no profile none",
        ]

    def test_the_same_mistakes_in_json_have_their_lines_too(self):
        text = (
            '{"schema": "kam-answers/1",\n "questionnaire": "mini",\n "date": "2026-02-30",\n'
            ' "respondents": [\n  {"id": "r1", "role": "kam",\n   "answers": {"s1.1": 6,\n "s9.9": "\\ud800"}}]}'
        )
        assert problems(text) == [
            "f:3: date: is not a day of the calendar",
            "f:6: respondents[r1].answers.s1.1.level: must be a level from 1 to 5",
            f"f:7: respondents[r1].answers.s9.9: {NO_ANSWER}",
            "f:7: respondents[r1].answers.s9.9: there is no item s9.9 in mini",
        ]

    @pytest.mark.parametrize(
        ("part", "said"),
        [
            ('"organisation": {"name": "\\ud800"}', "f:2: organisation.name: holds half of a character"),
            ('"organisation": {"name": "a\\u0000b"}', "f:2: organisation.name: holds the control character U+0000"),
            ('"profile": "\\ud800"', "f:2: profile: holds half of a character"),
        ],
    )
    def test_half_characters_and_control_characters_in_json_are_refused(self, part, said):
        text = '{"schema": "kam-answers/1", "questionnaire": "mini", "date": "2026-11-21",\n' + part + "}"
        found = problems_of(lambda: read_assessment(document(text)))
        assert found == [said]
        "\n".join(found).encode()

    def test_more_than_two_thousand_respondents_are_refused(self):
        people = "".join(f"- {{id: r{n}, role: kam}}\n" for n in range(2001))
        assert problems(f"{HEAD}respondents:\n{people}") == ["f:4: respondents: has more than 2000 entries"]


class TestRoundTrip:
    @pytest.mark.parametrize("name", NAMES)
    def test_exporting_what_was_imported_gives_the_files_content(self, name):
        content = (VECTORS / name).read_bytes()
        assert answers_file(read_assessment(document(content))) == yaml.safe_load(content)

    @pytest.mark.parametrize("name", NAMES)
    def test_the_exported_text_reads_as_the_same_assessment(self, name):
        assessment = read_assessment(document((VECTORS / name).read_bytes()))
        assert read_assessment(document(dump_answers(assessment))) == assessment

    def test_every_part_of_the_format_survives(self):
        text = (
            f"{HEAD}version: 1.10\nmodules: [a-b]\norganisation: {{name: 1984, industry: no}}\n"
            "confidential: true\nsample: true\n"
            "respondents:\n- id: 007\n  role: kam\n  answers:\n    s1.1: {level: 2, seconds: 0, comment: 'null'}\n"
            "    s1.2: {not_applicable: other}\nconsensus: {s1.1: {level: 3, dissent: '1:30'}}\n"
            "evidence: {s1.1: [{text: '2026-11-21', url: 'https://a.example', expires: 2027-06-30}], s1.2: []}\n"
            "targets: {s1: 4, s2: 3.12345678}\nprofile: p\n"
        )
        assessment = read_assessment(document(text))
        assert assessment.respondents[0].answers["s1.1"] == Answer(level=2, seconds=0.0, comment="null")
        assert read_assessment(document(dump_answers(assessment))) == assessment

    def test_the_export_uses_the_shortest_forms_and_leaves_out_what_is_not_there(self):
        assessment = read(f"{PERSON}    s1.1: {{level: 3}}\n    s1.2: {{dont_know: true}}\n")
        assert answers_file(assessment) == {
            "schema": "kam-answers/1",
            "questionnaire": "mini",
            "date": "2026-11-21",
            "respondents": [{"id": "r1", "role": "kam", "answers": {"s1.1": 3, "s1.2": "dont_know"}}],
        }


ALLOWED = st.text(st.characters(exclude_categories=("Cs",)).filter(lambda one: not CONTROL.search(one)), max_size=12)
TRICKY = st.sampled_from(
    ["", "no", "012", "1:30", "null", "~", "true", "3", "1.10", "- a", "a: b", "# a", "'", '"', "2026-11-21", " a ", "=", "<<"]
)
WORDS = st.one_of(ALLOWED, TRICKY)
SLUGS = st.from_regex(r"[a-z0-9]+([._-][a-z0-9]+){0,2}", fullmatch=True)
DATES = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 1, 1))
REASONS = st.sampled_from(NOT_APPLICABLE_REASONS)
LEVELS = st.integers(1, 5)
SECONDS = st.one_of(st.none(), st.floats(0, 86_400, allow_nan=False).map(abs))
EXTRAS = {"evidence": WORDS, "comment": WORDS, "seconds": SECONDS}
ANSWERS = st.one_of(
    st.builds(Answer, level=LEVELS, **EXTRAS),
    st.builds(Answer, dont_know=st.just(True), **EXTRAS),
    st.builds(Answer, not_applicable=REASONS, **EXTRAS),
    st.builds(Answer, level=LEVELS),
)
ASSESSMENTS = st.builds(
    Assessment,
    questionnaire=SLUGS,
    version=st.one_of(st.none(), st.sampled_from(["1.0.0", "1.10", "2"])),
    modules=st.lists(SLUGS, max_size=2).map(tuple),
    organisation=st.builds(Organisation, WORDS, WORDS, WORDS, WORDS),
    date=DATES,
    confidential=st.booleans(),
    sample=st.booleans(),
    respondents=st.lists(
        st.builds(
            Respondent,
            id=WORDS.filter(lambda words: words.strip()),
            role=SLUGS,
            answers=st.dictionaries(WORDS, ANSWERS, max_size=3),
        ),
        max_size=3,
    ).map(tuple),
    consensus=st.dictionaries(
        SLUGS,
        st.one_of(
            st.builds(Consensus, level=LEVELS, rationale=WORDS, dissent=WORDS),
            st.builds(Consensus, not_applicable=REASONS, rationale=WORDS),
        ),
        max_size=2,
    ),
    evidence=st.dictionaries(
        SLUGS, st.lists(st.builds(Evidence, WORDS, WORDS, st.one_of(st.none(), DATES)), max_size=2).map(tuple), max_size=2
    ),
    targets=st.dictionaries(SLUGS, st.integers(1_000_000, 5_000_000).map(lambda n: Fraction(n, 1_000_000)), max_size=2),
    profile=st.one_of(st.none(), SLUGS),
    invited=st.dictionaries(SLUGS, st.integers(0, 100_000), max_size=3),
)


@settings(max_examples=80, deadline=None)
@given(ASSESSMENTS)
def test_any_assessment_survives_export_and_import(assessment):
    assert read_assessment(document(dump_answers(assessment))) == assessment


class TestInvited:
    def test_who_was_asked_may_stand_in_the_file(self):
        assert read(f"{PERSON}    s1.1: 3\ninvited: {{kam: 2, sales: 0}}\n").invited == {"kam": 2, "sales": 0}

    def test_without_it_nobody_noted_who_was_asked(self):
        assert read(f"{PERSON}    s1.1: 3\n").invited == {}

    @pytest.mark.parametrize("written", ["-1", "1.5", "many", "true", "100001", "[2]", "null"])
    def test_a_number_of_people_is_a_whole_number(self, written):
        assert problems(f"{HEAD}invited: {{kam: {written}}}\n") == ["f:4: invited.kam: must be a whole number from 0 to 100000"]

    def test_roles_are_those_of_the_questionnaire(self):
        assert problems(f"{HEAD}invited: {{cook: 1}}\n") == ["f:4: invited.cook: there is no role cook"]

    def test_nobody_answers_without_being_asked_where_it_says_who_was(self):
        assert problems(f"{PERSON}    s1.1: 3\ninvited: {{sales: 2}}\n") == [
            "f:9: invited: more people answered as kam (1) than were invited (0)"
        ]
        two = "- id: r2\n  role: kam\n"
        assert problems(f"{PERSON}    s1.1: 3\n{two}invited: {{kam: 1}}\n") == [
            "f:11: invited.kam: more people answered as kam (2) than were invited (1)"
        ]


def test_a_file_with_problems_is_refused_whole():
    with pytest.raises(Invalid) as caught:
        read(f"{HEAD}colour: blue\ntargets: {{s9: 3}}\n")
    assert len(caught.value.problems) == 2
    assert {problem.file for problem in caught.value.problems} == {"f"}
