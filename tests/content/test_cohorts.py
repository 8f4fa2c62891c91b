"""Attacks on released benchmark figures, by brute force, and that the figures are right."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations
from random import Random

import numpy as np
import pytest

from assess.content.cohorts import StoredPeer, build, columns
from assess.content.exchange import pack_bins
from assess.core.benchmark import MIN_PEERS, position
from assess.core.release import ALL, OVERALL, Cell, figures_of, in_fives, shown_histograms

STEPS = (OVERALL, "s1", "s2")
SEGMENTS = (("food", "it", "steel", ""), ("eu", "us", "asia", ""), ("small", "large"))


class Roster:
    """Made-up organisations over several releases, as the database would keep them. History remembers every published set."""

    def __init__(self, random: Random) -> None:
        self.random, self.rows, self.gone = random, {}, {}
        self.blocks, self.cells, self.next_id, self.release = (), {}, 1, 0
        self.published: dict[tuple[Cell, int, str], frozenset[int]] = {}

    def add(self, organisation: int, segments: tuple[str, str, str] | None = None, shares=(1, 0.9, 0.6)) -> None:
        weights = ((5, 3, 1, 1), (5, 3, 1, 1), (3, 1))
        segments = segments or tuple(self.random.choices(v, w)[0] for v, w in zip(SEGMENTS, weights, strict=True))
        bins = [self.random.randrange(401) if self.random.random() < share else None for share in shares]
        id_ = len(self.rows) + len(self.gone) + 1
        day = date(2026, 1, 1) + timedelta(days=30 * self.release + self.random.randrange(30))
        self.rows[id_] = [id_, organisation.to_bytes(16, "big"), *segments, day, bins, 0]

    def withdraw(self, id_: int) -> None:
        self.gone[id_] = self.rows.pop(id_)

    def stored(self) -> list[StoredPeer]:
        """Of who withdrew nothing is left but the organisation's hash, and that only while its block is shown."""
        here = [StoredPeer(*row[:6], pack_bins(row[6]), row[7]) for row in self.rows.values()]
        erased = [StoredPeer(row[0], row[1], "", "", "", date.min, b"", row[7]) for row in self.gone.values() if row[7] > 0]
        return sorted([*here, *erased], key=lambda row: (row.organisation, row.completed_on, row.id))

    def publish(self):
        self.release += 1
        table = columns([self.stored()], len(STEPS))
        cohort = build(table, STEPS, self.blocks, self.cells, self.next_id)
        for block, ids in cohort.joined.items():
            for id_ in ids:
                self.rows[int(id_)][7] = block
        for id_ in cohort.spent:
            (self.rows.get(int(id_)) or self.gone[int(id_)])[7] = -1
        before = {block.id: self.members[block.id] for block in self.blocks} if self.blocks else {}
        self.members = {
            b.id: frozenset(int(i) for i in cohort.joined[b.id]) if b.id in cohort.joined else before[b.id]
            for b in cohort.blocks
        }
        self.next_id = 1 + max([self.next_id, *self.members])
        self.blocks, self.cells = cohort.blocks, cohort.cells
        for cell, blocks in cohort.cells.items():
            for step in STEPS:
                self._note(cell, step, blocks)
        return cohort

    def _note(self, cell: Cell, step: str, blocks) -> None:
        """Who is in the figures, found again from the rows and not from the histograms; the two must agree."""
        having = (self.scored(self.members[block.id], step) for block in blocks if step in block.histograms)
        people = frozenset().union(*(with_score for with_score in having if len(with_score) >= MIN_PEERS))
        histogram = shown_histograms(blocks, [step])[step]
        assert sum(histogram.values()) == len(people)
        assert sorted(np.repeat(list(histogram), list(histogram.values()))) == sorted(self.bin(id_, step) for id_ in people)
        if people:
            self.published[cell, self.release, step] = people

    def bin(self, id_: int, step: str) -> int | None:
        return (self.rows.get(id_) or self.gone[id_])[6][STEPS.index(step)]

    def scored(self, ids: frozenset[int], step: str) -> frozenset[int]:
        return frozenset(id_ for id_ in ids if self.bin(id_, step) is not None)

    def sets(self, step: str) -> list[frozenset[int]]:
        return sorted({people for (_, _, s), people in self.published.items() if s == step}, key=sorted)


def played(seed: int) -> Roster:
    """A roster after two to four releases: organisations come, are assessed anew (some elsewhere then) and withdraw."""
    random = Random(seed)
    roster = Roster(random)
    for organisation in range(random.randrange(4, 110)):
        roster.add(organisation)
    roster.publish()
    for _ in range(random.randrange(1, 4)):
        organisations = 1 + max(int.from_bytes(row[1], "big") for row in [*roster.rows.values(), *roster.gone.values()])
        for number in range(random.choice((0, 1, 1, 2, 4, 6, 15))):
            roster.add(organisations + number)
        for id_ in random.sample(sorted(roster.rows), min(len(roster.rows), random.choice((0, 1, 3, 12, 40)))):
            row = roster.rows[id_]
            roster.add(int.from_bytes(row[1], "big"), None if random.random() < 0.2 else tuple(row[2:5]))
        for id_ in random.sample(sorted(roster.rows), min(len(roster.rows) - 1, random.choice((0, 1, 2, 8)))):
            roster.withdraw(id_)
        roster.publish()
    return roster


@pytest.fixture(scope="module")
def rosters() -> list[Roster]:
    return [played(seed) for seed in range(500)]


def masks(sets: list[frozenset[int]]) -> list[int]:
    return [sum(1 << id_ for id_ in people) for people in sets]


def test_the_rosters_are_worth_attacking(rosters):
    """Many groups, several releases with changed figures, withdrawals, organisations assessed anew."""
    sets = [len(roster.sets(OVERALL)) for roster in rosters]
    assert sum(count >= 3 for count in sets) > 300
    assert max(sets) > 15
    changed = sum(len({p for (c, _, s), p in r.published.items() if c == ALL and s == "s1"}) > 1 for r in rosters)
    assert changed > 200
    assert sum(any(row[7] > 0 for row in r.gone.values()) for r in rosters) > 100
    assert any(r.cells and any(cell[1] and not cell[0] for cell in r.cells) for r in rosters)


def test_no_pair_and_no_triple_of_published_groups_narrows_anybody_down_to_fewer_than_five(rosters):
    """Of one release or of several: every region of the Venn diagram of two or three groups is empty or holds five or more."""
    tried = 0
    for roster in rosters:
        for step in STEPS:
            listed = masks(roster.sets(step))
            for one in listed:
                assert one.bit_count() >= MIN_PEERS
            for one, two in combinations(listed, 2):
                tried += 1
                for region in (one & two, one & ~two, two & ~one):
                    assert not 0 < region.bit_count() < MIN_PEERS
            for a, b, c in combinations(listed[:24], 3):
                tried += 1
                regions = (a & b & c, a & b & ~c, a & c & ~b, b & c & ~a, a & ~b & ~c, b & ~a & ~c, c & ~a & ~b)
                assert all(not 0 < region.bit_count() < MIN_PEERS for region in regions)
    assert tried > 50_000


def test_all_published_groups_together_tell_nobody_from_four_others(rosters):
    """The finest partition that any number of groups of any number of releases allows."""
    for roster in rosters:
        for step in STEPS:
            together = defaultdict(int)
            listed = roster.sets(step)
            for id_ in frozenset().union(*listed):
                together[tuple(id_ in people for people in listed)] += 1
            assert all(count >= MIN_PEERS for count in together.values())


def test_no_score_follows_from_sums_over_published_groups(rosters):
    """Had every group's sum been published (it is not), no single score would be a combination of them."""
    for roster in rosters[::5]:
        for step in STEPS:
            listed = roster.sets(step)
            people = sorted(frozenset().union(*listed))
            if not people:
                continue
            sums = np.array([[id_ in group for id_ in people] for group in listed], dtype=float)
            span = np.linalg.svd(sums, full_matrices=False)
            basis = span.Vh[span.S > 1e-9]
            # The part of each organisation's own unit vector that the published sums reach: 1 would be its score itself.
            assert (np.square(basis).sum(axis=0) <= 1 / MIN_PEERS + 1e-9).all()


def test_exchanging_the_scores_of_two_organisations_of_a_block_changes_nothing_that_is_published():
    """So nothing published, counts and quantiles of all groups and releases together, tells whose score is whose."""
    random = Random(7)
    for seed in range(25):
        roster = played(seed)
        before = {key: figures_of(histogram_of(roster, people, key[2])) for key, people in roster.published.items()}
        for step in STEPS:
            together = defaultdict(list)
            listed = roster.sets(step)
            for id_ in frozenset().union(*listed):
                together[tuple(id_ in people for people in listed)].append(id_)
            for alike in together.values():
                one, two = random.sample(alike, 2)
                swap(roster, one, two, step)
        after = {key: figures_of(histogram_of(roster, people, key[2])) for key, people in roster.published.items()}
        assert after == before


def histogram_of(roster: Roster, people: frozenset[int], step: str) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for id_ in people:
        found[roster.bin(id_, step)] += 1
    return found


def swap(roster: Roster, one: int, two: int, step: str) -> None:
    first, second = (roster.rows.get(id_) or roster.gone[id_] for id_ in (one, two))
    place = STEPS.index(step)
    first[6][place], second[6][place] = second[6][place], first[6][place]


def test_no_organisation_counts_twice_in_one_group(rosters):
    for roster in rosters:
        rows = {**roster.rows, **roster.gone}
        for people in roster.published.values():
            assert len({rows[id_][1] for id_ in people}) == len(people)


def test_one_late_organisation_changes_no_figure():
    roster = Roster(Random(1))
    for number in range(12):
        roster.add(number, ("food", "eu", "small"))
    first = roster.publish()
    roster.add(99, ("food", "eu", "small"))
    second = roster.publish()
    assert second.cells == first.cells
    assert (second.known, second.waiting) == (13, 1)


def test_five_late_organisations_enter_together():
    roster = Roster(Random(1))
    for number in range(12):
        roster.add(number, ("food", "eu", "small"))
    roster.publish()
    for number in range(4):
        roster.add(50 + number, ("food", "eu", "small"))
    assert roster.publish().waiting == 4
    roster.add(60, ("food", "eu", "small"))
    third = roster.publish()
    assert third.waiting == 0
    assert sum(block.n for block in third.cells[ALL]) == 17


def test_who_withdraws_stays_in_released_figures_until_five_can_leave_together():
    roster = Roster(Random(1))
    for number in range(12):
        roster.add(number, ("food", "eu", "small"), shares=(1, 1, 0.6))
    roster.publish()
    for id_ in (1, 2, 3, 4):
        roster.withdraw(id_)
    kept = roster.publish()
    assert (sum(b.n for b in kept.cells[ALL]), kept.leaving, kept.known) == (12, 4, 8)
    roster.withdraw(5)
    renewed = roster.publish()
    assert (sum(b.n for b in renewed.cells[ALL]), renewed.leaving) == (7, 0)
    scored = {step: sum(histogram.values()) for step, histogram in shown_histograms(renewed.blocks, STEPS).items()}
    assert scored == {OVERALL: 7, "s1": 7, "s2": 0}


def test_a_block_that_keeps_fewer_than_five_is_not_shown_any_more_and_its_rows_never_enter_again():
    roster = Roster(Random(1))
    for number in range(8):
        roster.add(number, ("food", "eu", "small"))
    roster.publish()
    for id_ in (1, 2, 3, 4, 5):
        roster.withdraw(id_)
    assert roster.publish().cells == {}
    for number in range(50, 55):
        roster.add(number, ("food", "eu", "small"))
    again = roster.publish()
    assert sum(block.n for block in again.cells[ALL]) == 5


def test_a_group_whose_rest_would_be_too_small_is_not_shown_beside_the_whole():
    roster = Roster(Random(1))
    for number in range(6):
        roster.add(number, ("food", "eu", "small"))
    for number in range(6, 8):
        roster.add(number, ("steel", "eu", "small"))
    cohort = roster.publish()
    assert set(cohort.cells) <= {ALL, (None, "eu", None), (None, None, "small")}
    assert sum(block.n for block in cohort.cells[ALL]) == 8


@pytest.mark.parametrize("seed", range(20))
def test_released_quantiles_equal_the_exact_ones_to_a_hundredth(seed):
    random = Random(seed)
    n = random.choice((5, 7, 9, 10, 23, 30, 77, 600, 5000))
    scores = [Fraction(random.choice((random.randrange(6, 31) * 7, random.randrange(42, 211))), 42) for _ in range(n)]
    histogram: dict[int, int] = defaultdict(int)
    for score in scores:
        histogram[round((score - 1) * 100)] += 1
    figures, exact = figures_of(histogram), position(Fraction(3), scores)
    assert figures.n == in_fives(n)
    for percent, value in ((10, exact.p10), (25, exact.q1), (50, exact.median), (75, exact.q3), (90, exact.p90)):
        if value is not None:
            assert abs(Fraction(figures.quantiles[percent], 100) - value) <= Fraction(1, 100)
        else:
            assert percent not in figures.quantiles
