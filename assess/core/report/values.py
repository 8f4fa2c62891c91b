"""What a report says, in plain values: the one contract of every renderer.

Every text is finished and in the language of the report; a renderer adds no word and no number. A figure that does not
exist has the value None and a printed text that says so, so that nothing is ever shown as empty, None or undefined.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assess.core.brand import Branding
from assess.core.brand import LogoMark as LogoMark  # noqa: PLC0414 - all that a report is made of is found here

SCHEMA = "kam-report/1"


@dataclass(frozen=True)
class Figure:
    """A number for drawing and sorting (None where there is none) and the same as it is printed."""

    value: float | None
    text: str


@dataclass(frozen=True)
class Day:
    """A calendar day as ISO 8601, as a sentence and as a table prints it."""

    iso: str
    text: str
    short: str


@dataclass(frozen=True)
class Term:
    """A name and what is said under it."""

    name: str
    text: str


@dataclass(frozen=True)
class LevelMark:
    """A level 1..5 with its name; level is None and name says why where there is no level."""

    level: int | None
    name: str
    text: str


@dataclass(frozen=True)
class Heading:
    """id is the anchor, number the place in the report, title for the contents, finding the sentence that heads the page."""

    id: str
    number: str
    title: str
    finding: str


@dataclass(frozen=True)
class Cover:
    """Who, what, when; confidentiality and sample are empty where they do not apply."""

    client: str
    title: str
    programme: str
    date: Day
    confidentiality: str
    sample: str
    sample_note: str
    facts: tuple[Term, ...]
    keywords: tuple[str, ...]


@dataclass(frozen=True)
class Rung:
    """One level of the ladder, and whether the programme stands on it as claimed and as evidenced."""

    level: int
    name: str
    claimed: bool
    evidenced: bool


@dataclass(frozen=True)
class Point:
    """A strength or a risk: one sentence and what it rests on."""

    title: str
    text: str
    anchor: str


@dataclass(frozen=True)
class Move:
    """An initiative as page one shows it; end is its last day, as everywhere in a report."""

    number: int
    action: str
    title: str
    owner: str
    start: Day
    end: Day


@dataclass(frozen=True)
class Summary:
    """Page one: the level in words, both indices, what holds the next level back, strengths, risks, first moves."""

    heading: Heading
    claimed: LevelMark
    evidenced: LevelMark
    meaning: str
    score: Figure
    score_evidenced: Figure
    index: Figure
    index_evidenced: Figure
    assurance: str
    ladder: tuple[Rung, ...]
    ladder_text: str
    constraint_title: str
    constraint: tuple[str, ...]
    strengths: tuple[Point, ...]
    strengths_note: str
    risks: tuple[Point, ...]
    risks_note: str
    moves: tuple[Move, ...]
    moves_note: str


@dataclass(frozen=True)
class LevelRow:
    level: int
    name: str
    scores: str
    summary: str


@dataclass(frozen=True)
class RoleCount:
    """How many people of a role answered; invited and rate are empty where nobody noted who was asked."""

    role: str
    name: str
    count: str
    invited: str
    rate: str


@dataclass(frozen=True)
class Reading:
    """How to read the report: scale, rules, who answered, what is suppressed, what is absent and why."""

    heading: Heading
    levels: tuple[LevelRow, ...]
    rules: tuple[Term, ...]
    roles: tuple[RoleCount, ...]
    roles_note: str
    has_rates: bool
    facts: tuple[Term, ...]
    suppressions: tuple[str, ...]
    absent: tuple[Term, ...]


@dataclass(frozen=True)
class ProfileRow:
    """gap is target minus claimed score, never below 0; peer has no value where no peer figure may be shown."""

    id: str
    number: str
    title: str
    level: LevelMark
    claimed: Figure
    evidenced: Figure
    target: Figure
    gap: Figure
    peer: Figure


@dataclass(frozen=True)
class Profile:
    """The steps side by side. A radar needs three scored steps: is_radar says whether there are."""

    heading: Heading
    is_radar: bool
    has_peers: bool
    chart_title: str
    chart_text: str
    rows: tuple[ProfileRow, ...]
    modules: tuple[ProfileRow, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ItemRow:
    """One item on the page of its step. now and next are descriptors; None where there is no score to show (note says why)."""

    id: str
    text: str
    is_gate: bool
    caps: bool
    score: Figure
    evidenced: Figure
    level: int | None
    lowest: int | None
    highest: int | None
    basis: str
    agreement: str
    now: Term | None
    next: Term | None
    note: str
    evidence: tuple[str, ...]
    evidence_note: str
    wanted: tuple[str, ...]


@dataclass(frozen=True)
class RoleMark:
    """The mean rating of one role in a step; no value where the group is hidden."""

    role: str
    name: str
    score: Figure
    count: str
    hidden: bool


@dataclass(frozen=True)
class StepPage:
    """One dimension. module names its module, "" for the core; is_scored says whether any item has a score to show."""

    heading: Heading
    id: str
    module: str
    purpose: str
    claimed: LevelMark
    evidenced: LevelMark
    score: Figure
    score_evidenced: Figure
    target: Figure
    facts: tuple[Term, ...]
    cap: str
    chart_title: str
    chart_text: str
    is_scored: bool
    items: tuple[ItemRow, ...]
    roles: tuple[RoleMark, ...]
    roles_title: str
    roles_text: str
    roles_note: str


@dataclass(frozen=True)
class HeatCell:
    """shade 1..5 is the band of the mean, 0 where nothing is shown."""

    score: Figure
    count: str
    shade: int
    hidden: bool


@dataclass(frozen=True)
class HeatRow:
    role: str
    name: str
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True)
class Disputed:
    """An item people see differently; counts are the ratings at level 1 to 5."""

    id: str
    text: str
    counts: tuple[int, ...]
    dont_know: int
    deviation: Figure
    title: str
    chart_text: str


@dataclass(frozen=True)
class Decision:
    """What the workshop agreed on for an item, beside the mean of what people had answered before."""

    id: str
    text: str
    agreed: str
    before: Figure
    rationale: str
    dissent: str


@dataclass(frozen=True)
class Perceptions:
    """Who sees what: role by step, differences between roles, disputed items, decisions and dissent."""

    heading: Heading
    columns: tuple[str, ...]
    legend: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    heat_title: str
    heat_note: str
    gaps: tuple[str, ...]
    disputed: tuple[Disputed, ...]
    disputed_note: str
    unseen: tuple[str, ...]
    decisions: tuple[Decision, ...]
    decisions_note: str


@dataclass(frozen=True)
class BandRow:
    """One step among the peers; what the number of peers does not allow has no value."""

    id: str
    number: str
    title: str
    own: Figure
    median: Figure
    q1: Figure
    q3: Figure
    p10: Figure
    p90: Figure
    peers: str
    place: str


@dataclass(frozen=True)
class Reference:
    """A published figure beside a step or an item; url is empty where there is none.

    source is who published it, when and from how many; citation the same in full. grade is A, B or C, grade_text as printed.
    """

    id: str
    about: str
    value: str
    text: str
    source: str
    citation: str
    url: str
    basis: str
    grade: str
    grade_text: str


@dataclass(frozen=True)
class Benchmark:
    """The peer group and the published reference points, side by side, never blended. rows is empty where reason says why."""

    heading: Heading
    reason: str
    facts: tuple[Term, ...]
    rows: tuple[BandRow, ...]
    chart_title: str
    chart_text: str
    notes: tuple[str, ...]
    references: tuple[Reference, ...]
    references_note: str


@dataclass(frozen=True)
class ConcentrationRow:
    """One year of the accounts file, or all of it (id "total"). Shares are 0..1; no value where a figure has no basis.

    ten is the share of the ten largest accounts, effective how many accounts of equal size would be as concentrated.
    """

    id: str
    title: str
    revenue: Figure
    accounts: Figure
    largest: Figure
    ten: Figure
    hhi: Figure
    effective: Figure
    key_accounts: Figure
    key_share: Figure


@dataclass(frozen=True)
class CurvePoint:
    """The largest accounts, `accounts` (0..1) of their number, hold `revenue` (0..1) of the total."""

    accounts: float
    revenue: float


@dataclass(frozen=True)
class AccountRow:
    """One of the largest accounts; name is a stand-in where names are hidden, tier "" where there are no tiers."""

    rank: int
    name: str
    revenue: Figure
    share: Figure
    cumulative: Figure
    tier: str
    is_key: bool


@dataclass(frozen=True)
class Concentration:
    """How much hangs on few accounts: by year, as a curve, with the largest by name, and read both ways."""

    title: str
    text: str
    rows: tuple[ConcentrationRow, ...]
    curve_title: str
    curve_text: str
    curve: tuple[CurvePoint, ...]
    readings: tuple[Term, ...]
    top_title: str
    top_note: str
    top: tuple[AccountRow, ...]


@dataclass(frozen=True)
class TierRow:
    """One value tier: its rule in words, how many accounts stand in it, how many of them are key accounts, its revenue."""

    id: str
    name: str
    rule: str
    accounts: Figure
    key_accounts: Figure
    revenue: Figure
    share: Figure


@dataclass(frozen=True)
class Tiers:
    """Accounts by value tier. rows is empty where reason says why there are none, here and in the parts below."""

    title: str
    text: str
    reason: str
    rows: tuple[TierRow, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class WalletRow:
    """Our share of what the account buys (0..1) and our growth minus its market's (0.05 is five points)."""

    name: str
    share: Figure
    growth: Figure
    revenue: Figure
    quadrant: str
    quadrant_name: str
    is_key: bool


@dataclass(frozen=True)
class Wallet:
    """Share of wallet against relative growth. limit is the share from which it counts as high; quadrants name what to do."""

    title: str
    text: str
    reason: str
    limit: Figure
    rows: tuple[WalletRow, ...]
    quadrants: tuple[Term, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class StageRow:
    """One stage 1..4 of the relationship ladder and what the supplier must prove there."""

    stage: int
    name: str
    proof: str
    accounts: Figure
    key_accounts: Figure
    share: Figure


@dataclass(frozen=True)
class StageLadder:
    title: str
    text: str
    reason: str
    rows: tuple[StageRow, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class RankRow:
    """An account by revenue and by contribution after cost to serve; shift is places lost (below 0) or won."""

    name: str
    revenue: Figure
    contribution: Figure
    revenue_rank: int
    contribution_rank: int
    shift: Figure
    lifetime: Figure
    is_key: bool
    is_unprofitable: bool


@dataclass(frozen=True)
class Profit:
    """Whether the largest accounts are the most valuable ones. assumptions is what the lifetime value rests on."""

    title: str
    text: str
    reason: str
    rows: tuple[RankRow, ...]
    notes: tuple[str, ...]
    assumptions: str


@dataclass(frozen=True)
class ClaimCheck:
    """What was answered beside what the file shows. state: contradicted, consistent, not_claimed, no_figure; rule in words."""

    id: str
    item: str
    item_text: str
    state: str
    state_name: str
    claimed: Figure
    measured: Figure
    text: str
    rule: str
    source: str


@dataclass(frozen=True)
class Accounts:
    """The company's own accounts: concentration, tiers, share and growth, ladder, profit, and what was claimed about them."""

    heading: Heading
    facts: tuple[Term, ...]
    concentration: Concentration
    tiers: Tiers
    wallet: Wallet
    ladder: StageLadder
    profit: Profit
    checks_title: str
    checks: tuple[ClaimCheck, ...]
    checks_note: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Lifted:
    item: str
    text: str
    start: Figure
    to: int


@dataclass(frozen=True)
class Sheet:
    """One initiative. number is its place in the plan, end its last day, needs the numbers of what must be finished first.

    owner is a name where people gave one, else a role; status one of core.decisions.STATUSES, status_text as printed, ""
    where work has not begun.
    """

    number: int
    action: str
    title: str
    horizon: str
    horizon_name: str
    kind: str
    is_quick_win: bool
    is_enabler: bool
    owner: str
    start: Day
    end: Day
    start_week: int
    end_week: int
    duration: str
    effort: int
    effort_text: str
    priority: Figure
    why: str
    how: tuple[str, ...]
    done_when: str
    kpi: str
    measure: str
    needs: tuple[int, ...]
    needs_text: str
    raci: tuple[Term, ...]
    lifts: tuple[Lifted, ...]
    status: str
    status_text: str
    notes: str


@dataclass(frozen=True)
class Span:
    """A horizon on the time axis: weeks from 0, its name, and its number of initiatives."""

    horizon: str
    name: str
    period: str
    start_week: float
    end_week: float
    count: int


@dataclass(frozen=True)
class ProjectionRow:
    """Where the programme stands after its last day `end`, if all that was finished by then is effective."""

    horizon: str
    name: str
    end: Day
    finished: int
    score: Figure
    index: Figure
    level: LevelMark
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """The roadmap. reason says why there are no initiatives; lists name what the plan does not reach."""

    heading: Heading
    reason: str
    intro: str
    start: Day
    weeks: int
    spans: tuple[Span, ...]
    sheets: tuple[Sheet, ...]
    chart_title: str
    chart_text: str
    ticks: tuple[Term, ...]
    projection: tuple[ProjectionRow, ...]
    projection_columns: tuple[str, ...]
    projection_title: str
    projection_note: str
    no_action: tuple[Term, ...]
    unanswered: tuple[Term, ...]
    left_out: tuple[Term, ...]


@dataclass(frozen=True)
class Meeting:
    """A kind of meeting: how often, who chairs it and who comes by role, what they look at, what they decide."""

    id: str
    name: str
    rhythm: str
    chair: str
    people: str
    input: str
    decision: str


@dataclass(frozen=True)
class Due:
    """An initiative that must be finished by an occasion; number is its place in the plan."""

    number: int
    title: str


@dataclass(frozen=True)
class Occasion:
    """A dated entry of the calendar.

    kind is the id of its Meeting, or "expiry" for evidence that runs out. due is to be finished by that day and was not yet
    due at the occasion before; figures is the day by which the measures have to be in, None where there is no KPI review.
    """

    kind: str
    name: str
    day: Day
    text: str
    due: tuple[Due, ...]
    figures: Day | None


@dataclass(frozen=True)
class Measure:
    """A leaf of the KPI tree: what shows that an initiative works. lifts are the items it moves, from today's score on.

    source is where and how it is measured, owner the role that answers for it, due the last day of the initiative.
    """

    number: int
    initiative: str
    kpi: str
    lifts: tuple[Lifted, ...]
    source: str
    owner: str
    due: Day


@dataclass(frozen=True)
class Branch:
    """A step in the KPI tree; id is "" for initiatives that only clear the way for others. note says why it has no leaf."""

    id: str
    title: str
    baseline: Figure
    level: LevelMark | None
    target: Figure
    measures: tuple[Measure, ...]
    note: str


@dataclass(frozen=True)
class KpiTree:
    """goal in one sentence, then programme index and level today and with every item at its target, then the steps."""

    title: str
    goal: str
    baseline: Figure
    baseline_level: LevelMark
    target: Figure
    target_level: LevelMark
    branches: tuple[Branch, ...]
    note: str


@dataclass(frozen=True)
class Exposure:
    """A risk of this evaluation or plan: what shows it, what it would lead to, and what is done about it."""

    id: str
    title: str
    sign: str
    consequence: str
    counter: str


@dataclass(frozen=True)
class IntegrityItem:
    """An integrity item, outside every score; is_alert says it stands below its limit."""

    id: str
    text: str
    score: Figure
    is_alert: bool
    state: str


@dataclass(frozen=True)
class Integrity:
    """Gifts, hospitality, contact during tenders: outside the score. items is empty where nobody was asked."""

    title: str
    intro: str
    items: tuple[IntegrityItem, ...]
    measure: str
    questions: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Governance:
    """How the plan is steered: meetings and calendar, KPI tree (None without a plan), risks, assumptions, integrity note."""

    heading: Heading
    meetings: tuple[Meeting, ...]
    calendar_title: str
    calendar: tuple[Occasion, ...]
    calendar_note: str
    tree: KpiTree | None
    exposures_title: str
    exposures: tuple[Exposure, ...]
    exposures_note: str
    assumptions: tuple[Term, ...]
    integrity: Integrity


@dataclass(frozen=True)
class ChangeRow:
    """A step, or the programme (number ""), then and now. Differences have a sign; no value where they can't be compared.

    is_unproven says that the claimed score rose and the evidenced one did not; causes are sentences, cause_text all of them.
    """

    id: str
    number: str
    title: str
    before: Figure
    after: Figure
    change: Figure
    evidenced_before: Figure
    evidenced_after: Figure
    evidenced_change: Figure
    level_before: LevelMark
    level_after: LevelMark
    causes: tuple[str, ...]
    is_unproven: bool


@dataclass(frozen=True)
class ItemChangeRow:
    """An item whose claimed score rose although nothing proves it."""

    id: str
    text: str
    before: Figure
    after: Figure
    change: Figure
    cause: str


@dataclass(frozen=True)
class PastInitiative:
    """An initiative of the earlier plan that was to be finished by now, and whether the items it lifts got there."""

    action: str
    title: str
    owner: str
    end: Day
    is_reached: bool
    state: str


@dataclass(frozen=True)
class Progress:
    """Since last time. is_comparable is False across major versions of the questionnaire: then there is no difference."""

    heading: Heading
    is_comparable: bool
    facts: tuple[Term, ...]
    chart_title: str
    chart_text: str
    overall: ChangeRow
    rows: tuple[ChangeRow, ...]
    modules: tuple[ChangeRow, ...]
    cause_note: str
    unproven: tuple[ItemChangeRow, ...]
    unproven_note: str
    initiatives: tuple[PastInitiative, ...]
    initiatives_note: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """A horizon as the board sees it: the first initiatives that begin in it, and where the programme stands at its end.

    more says how many are not named, "" for none; end and level are None where nothing is projected.
    """

    horizon: str
    name: str
    period: str
    sheets: tuple[Sheet, ...]
    more: str
    end: Day | None
    index: Figure
    level: LevelMark | None


@dataclass(frozen=True)
class Outlook:
    """The board's second page: profile, the plan by horizon, next decisions. The notes say why a part is missing."""

    heading: Heading
    profile: Profile | None
    profile_note: str
    stages: tuple[Stage, ...]
    stages_title: str
    stages_note: str
    decisions: tuple[Term, ...]


@dataclass(frozen=True)
class ItemDetail:
    """counts are the ratings at level 1 to 5, empty where hidden."""

    id: str
    text: str
    counts: tuple[int, ...]
    ratings: str
    dont_know: str
    not_applicable: str
    score: Figure
    ad_m: Figure
    r_wg: Figure
    a_wg: Figure
    hidden: bool


@dataclass(frozen=True)
class Remark:
    """Comments on one item; in a confidential report without roles."""

    id: str
    text: str
    comments: tuple[Term, ...]


@dataclass(frozen=True)
class EvidenceRow:
    id: str
    text: str
    url: str
    where: str
    state: str
    counts: bool


@dataclass(frozen=True)
class InapplicableRow:
    id: str
    text: str
    reason: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class FlagRow:
    name: str
    about: str
    detail: str


@dataclass(frozen=True)
class Appendix:
    """Everything behind the pages: answers, comments, evidence, flags, method, sources, limits, fingerprints."""

    heading: Heading
    items: tuple[ItemDetail, ...]
    remarks: tuple[Remark, ...]
    remarks_note: str
    evidence: tuple[EvidenceRow, ...]
    evidence_note: str
    inapplicable: tuple[InapplicableRow, ...]
    inapplicable_note: str
    flags: tuple[FlagRow, ...]
    flags_note: str
    flags_effect: str
    method: tuple[Term, ...]
    limits: tuple[str, ...]
    sources: tuple[Term, ...]
    fingerprints: tuple[Term, ...]


@dataclass(frozen=True)
class Entry:
    """A line of the contents; depth 1 is a section, 2 a page of it."""

    id: str
    number: str
    title: str
    depth: int


@dataclass(frozen=True)
class ReportContent:
    """One report. sections names those present, in their order; an absent one is None and reading.absent says why."""

    schema: str
    style: str
    paper: str
    language: str
    sections: tuple[str, ...]
    labels: Mapping[str, str]
    brand: Branding
    contents: tuple[Entry, ...]
    cover: Cover
    summary: Summary
    outlook: Outlook | None
    reading: Reading
    profile: Profile | None
    steps: tuple[StepPage, ...]
    modules: tuple[StepPage, ...]
    perceptions: Perceptions | None
    benchmark: Benchmark | None
    accounts: Accounts | None
    plan: Plan | None
    governance: Governance | None
    progress: Progress | None
    appendix: Appendix
