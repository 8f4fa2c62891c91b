"""What a report says, in plain values: the one contract of every renderer.

Every text is finished and in the language of the report; a renderer adds no word and no number. A figure that does not
exist has the value None and a printed text that says so, so that nothing is ever shown as empty, None or undefined.
"""

from assess.core.brand import LogoMark
from assess.core.report.values.accounts import (
    AccountRow,
    Accounts,
    ClaimCheck,
    Concentration,
    ConcentrationRow,
    CurvePoint,
    Profit,
    RankRow,
    StageLadder,
    StageRow,
    TierRow,
    Tiers,
    Wallet,
    WalletRow,
)
from assess.core.report.values.appendix import Appendix, EvidenceRow, FlagRow, InapplicableRow, ItemDetail, Remark
from assess.core.report.values.basics import Day, Figure, Heading, LevelMark, Term
from assess.core.report.values.comparison import BandRow, Benchmark, Reference
from assess.core.report.values.content import SCHEMA, Entry, ReportContent
from assess.core.report.values.front import Cover, LevelRow, Move, Point, Reading, RoleCount, Rung, Summary
from assess.core.report.values.governance import (
    Branch,
    Due,
    Exposure,
    Governance,
    Integrity,
    IntegrityItem,
    KpiTree,
    Measure,
    Meeting,
    Occasion,
)
from assess.core.report.values.people import Decision, Disputed, HeatCell, HeatRow, Perceptions
from assess.core.report.values.planning import Lifted, Outlook, Plan, ProjectionRow, Sheet, Span, Stage
from assess.core.report.values.progress import ChangeRow, ItemChangeRow, PastInitiative, Progress
from assess.core.report.values.steps import ItemRow, Profile, ProfileRow, RoleMark, StepPage

__all__ = [
    "SCHEMA",
    "AccountRow",
    "Accounts",
    "Appendix",
    "BandRow",
    "Benchmark",
    "Branch",
    "ChangeRow",
    "ClaimCheck",
    "Concentration",
    "ConcentrationRow",
    "Cover",
    "CurvePoint",
    "Day",
    "Decision",
    "Disputed",
    "Due",
    "Entry",
    "EvidenceRow",
    "Exposure",
    "Figure",
    "FlagRow",
    "Governance",
    "Heading",
    "HeatCell",
    "HeatRow",
    "InapplicableRow",
    "Integrity",
    "IntegrityItem",
    "ItemChangeRow",
    "ItemDetail",
    "ItemRow",
    "KpiTree",
    "LevelMark",
    "LevelRow",
    "Lifted",
    "LogoMark",
    "Measure",
    "Meeting",
    "Move",
    "Occasion",
    "Outlook",
    "PastInitiative",
    "Perceptions",
    "Plan",
    "Point",
    "Profile",
    "ProfileRow",
    "Profit",
    "Progress",
    "ProjectionRow",
    "RankRow",
    "Reading",
    "Reference",
    "Remark",
    "ReportContent",
    "RoleCount",
    "RoleMark",
    "Rung",
    "Sheet",
    "Span",
    "Stage",
    "StageLadder",
    "StageRow",
    "StepPage",
    "Summary",
    "Term",
    "TierRow",
    "Tiers",
    "Wallet",
    "WalletRow",
]
