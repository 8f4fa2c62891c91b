"""The published JSON: a value that does not exist is null, never 0 and never left out."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction

from assess.core.benchmark import Peer
from assess.core.evaluation import evaluate
from assess.core.outputs import comparison_json, roadmap_json, scorecard_json
from assess.core.quality import Flag
from assess.core.scoring import score
from tests.core.builders import DK, action, alone, assessed, panel, person, plain, questionnaire

ASKED = questionnaire(
    plain("a", 2), plain("m", 1), actions=(action("x", ("a1", 4), weeks=160), action("y", ("a2", 5), effort=3))
)
ITEM_KEYS = [
    "id",
    "score",
    "source",
    "status",
    "evidenced",
    "n",
    "dont_know",
    "not_applicable",
    "median",
    "min",
    "max",
    "agreement",
]
STANDING_KEYS = ["score", "index", "band", "level", "capped_by"]


def test_an_unanswered_scorecard_has_every_key_and_nulls():
    card = scorecard_json(score(ASKED, assessed()))
    assert card["schema"] == "kam-scorecard/1"
    assert card["overall"] == {
        **dict.fromkeys(("score", "index", "band", "level")),
        "capped_by": [],
        "coverage": 0.0,
        "provisional": True,
        "evidenced": {**dict.fromkeys(("score", "index", "band", "level")), "capped_by": []},
    }
    assert list(card["items"][0]) == ITEM_KEYS
    assert card["items"][0]["agreement"] == dict.fromkeys(("ad_m", "r_wg", "a_wg", "flag"))
    assert card["items"][0]["score"] is card["items"][0]["min"] is None
    assert (card["modules"], card["flags"], card["without_flagged"]) == ([], [], None)


def test_a_scorecard_names_its_questionnaire_and_all_keys_of_a_dimension():
    card = scorecard_json(score(ASKED, panel("a1", sales=[3], executive=[DK])))
    assert card["questionnaire"] == {"id": "q", "version": "1.0.0", "sha256": "0" * 64}
    assert sorted(card["dimensions"][0]) == sorted(["id", *STANDING_KEYS, "coverage", "status", "evidenced", "roles"])
    assert card["dimensions"][0]["roles"] == {"sales": {"score": 3.0, "n": 1}}


def test_modules_stand_beside_the_programme_with_the_same_shape():
    module = questionnaire(plain("m", 1), id_="m")
    card = scorecard_json(score(ASKED, alone({"m1": 4})), [score(module, alone({"m1": 4}))])
    assert sorted(card["modules"][0]) == ["dimensions", "items", "overall", "questionnaire"]
    assert card["modules"][0]["overall"]["score"] == 4.0


def test_a_flag_says_what_who_and_where():
    flag = Flag("visibility", Fraction(1, 3), Fraction(3, 10), items=("a1",))
    assert scorecard_json(score(ASKED, assessed()), flags=[flag])["flags"] == [
        {
            "kind": "visibility",
            "value": 0.3333,
            "limit": 0.3,
            "respondent": None,
            "items": ["a1"],
            "dimension": None,
            "roles": [],
        }
    ]


def test_a_roadmap_shows_weeks_dates_and_targets():
    found = evaluate(ASKED, (), alone({"a1": 2, "a2": 3, "m1": 3}), start=date(2027, 1, 4), capacity=1)
    made = roadmap_json(found.roadmap, ASKED)
    assert (made["schema"], made["start"], made["capacity"]) == ("kam-roadmap/1", "2027-01-04", 1)
    assert made["targets"] == {"a": 4, "m": 4}
    assert made["initiatives"][1] == {
        "action": "y",
        "priority": 0.6667,
        "enabler": False,
        "owner_role": "kam",
        "effort": 3,
        "start_week": 160,
        "end_week": 161,
        "start": "2030-01-28",
        "end": "2030-02-04",
        "horizon": "later",
        "quick_win": False,
        "requires": [],
        "lifts": [{"item": "a2", "from": 3.0, "to": 5}],
    }
    assert made["later"] == ["y"]
    assert (made["no_action"], made["unanswered"]) == (["m1"], [])
    assert [entry["horizon"] for entry in made["projection"]] == [
        "mobilise",
        "quick_wins",
        "introduce",
        "embed",
        "optimise",
        "later",
    ]
    assert sorted(made["projection"][0]) == ["dimensions", "end", "horizon", "index", "level", "score"]


def test_a_benchmark_shows_nulls_where_peers_are_too_few():
    peers = [Peer(f"o{n}", "q", "1.0.0", date(2026, 1, 1), {"a": Fraction(3)}) for n in range(5)]
    found = evaluate(ASKED, (), alone({"a1": 2, "a2": 3, "m1": 3}), peers=peers)
    made = comparison_json(found.comparison)
    assert (made["n"], made["missing"], made["directional"], made["first"]) == (5, 0, True, "2026-01-01")
    figures = ["n", "own", "median", "q1", "q3", "p10", "p90", "band", "rank", "rank_low", "rank_high"]
    assert list(made["overall"]) == list(made["dimensions"]["a"]) == figures
    assert (made["dimensions"]["a"]["median"], made["dimensions"]["a"]["p10"]) == (3.0, None)
    assert (made["dimensions"]["m"]["n"], made["dimensions"]["m"]["median"]) == (0, None)


def test_everything_published_is_plain_json():
    people = [person(f"r{n}", "sales", {"a1": 1 + n, "a2": 5}) for n in range(4)]
    found = evaluate(ASKED, (), assessed(*people), peers=())
    for made in (
        scorecard_json(found.scorecard, found.module_scorecards, found.flags, found.without_flagged),
        roadmap_json(found.roadmap, ASKED),
        comparison_json(found.comparison),
    ):
        assert json.loads(json.dumps(made, allow_nan=False)) == made


def test_made_up_data_is_marked_in_every_output():
    found = evaluate(ASKED, (), alone({"a1": 2}, sample=True), peers=())
    assert scorecard_json(found.scorecard, sample=True)["sample"]
    assert roadmap_json(found.roadmap, ASKED, sample=True)["sample"]
    assert comparison_json(found.comparison, sample=True)["sample"]
