"""Which column is what: as people say it with --map, or a guess from the header to be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from assess.content.tables.names import fold
from assess.content.tables.sources import Cell, Table
from assess.core.errors import Invalid, Problem

LINE = "#"
"""`account=#`: each line is an account, named by its number."""
AMOUNTS = ("revenue", "quantity", "price", "contribution", "cost_to_serve", "wallet", "market_growth")
"""The parts that hold numbers."""
PARTS: Mapping[str, tuple[str, ...]] = {
    "account": (
        "account", "accountid", "accountname", "customer", "customerid", "customername", "customerno", "client", "clientid",
        "clientname", "kunde", "kundennummer", "kundenname", "debitor", "客戶", "客户", "客戶名稱", "客户名称", "客戶編號",
        "客户编号", "客戶代碼", "客户代码", "顧客", "顾客", "顧客編號", "顾客编号", "买方", "買方",
    ),
    "date": (
        "date", "invoicedate", "orderdate", "transactiondate", "postingdate", "billingdate", "datum", "rechnungsdatum",
        "日期", "發票日期", "发票日期", "訂單日期", "订单日期", "交易日期", "開票日期", "开票日期",
    ),
    "year": ("year", "fiscalyear", "fy", "jahr", "geschäftsjahr", "年", "年度", "年份", "會計年度", "会计年度"),
    "quantity": ("quantity", "qty", "units", "menge", "anzahl", "數量", "数量", "件數", "件数"),
    "price": ("price", "unitprice", "unitsellingprice", "preis", "stückpreis", "einzelpreis", "單價", "单价", "價格", "价格"),
    "revenue": (
        "revenue", "sales", "netsales", "turnover", "amount", "netamount", "salesamount", "linetotal", "total", "umsatz",
        "nettoumsatz", "betrag", "營收", "營業額", "营收", "营业额", "銷售額", "销售额", "銷售金額", "销售金额", "金額", "金额",
        "收入",
    ),
    "contribution": (
        "contribution", "contributionmargin", "margin", "grossmargin", "grossprofit", "profit", "deckungsbeitrag", "marge",
        "貢獻", "貢獻毛利", "邊際貢獻", "毛利", "利潤", "贡献", "贡献毛利", "边际贡献", "利润",
    ),
    "cost_to_serve": ("costtoserve", "servicecost", "servicingcost", "服務成本", "服务成本"),
    "group": ("group", "accountgroup", "customergroup", "parent", "parentaccount", "集團", "集团", "母公司"),
    "key_account": ("keyaccount", "iskeyaccount", "keyaccountflag", "kam", "關鍵客戶", "关键客户", "大客戶", "大客户"),
    "stage": ("stage", "relationshipstage", "ladderstage", "關係階段", "关系阶段", "合作階段", "合作阶段"),
    "wallet": ("wallet", "customerspend", "categoryspend", "totalspend", "採購總額", "采购总额"),
    "market_growth": ("marketgrowth", "categorygrowth", "customergrowth", "市場成長率", "市场增长率"),
    "currency": ("currency", "currencycode", "währung", "幣別", "币别", "币种", "貨幣", "货币"),
    "manager": ("manager", "accountmanager", "keyaccountmanager", "owner", "客戶經理", "客户经理", "負責人", "负责人"),
    "sponsor": ("sponsor", "executivesponsor", "高層贊助人", "高层发起人", "高階贊助人", "高管赞助人"),
    "proof": ("proof", "stageproof", "stageevidence", "階段證明", "阶段证明", "佐證", "佐证"),
}  # fmt: skip
"""What a column can be, and the header names (folded) it is guessed from, likeliest first."""


@dataclass(frozen=True)
class Columns:
    """part -> places of its columns in the header; several are added up. by_line: each line is an account."""

    places: Mapping[str, tuple[int, ...]]
    by_line: bool = False
    guessed: bool = False

    def __contains__(self, part: str) -> bool:
        return part in self.places or (part == "account" and self.by_line)


def read_map(texts: Sequence[str]) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """`account=CustomerID,date=InvoiceDate` as part -> columns, and what of it is no mapping."""
    pieces: list[str] = []
    for text in texts:
        for piece in text.split(","):
            if "=" in piece or not pieces:
                pieces.append(piece)
            else:
                pieces[-1] += f",{piece}"
    found: dict[str, str] = {}
    problems = []
    for piece in pieces:
        part, sign, column = (word.strip() for word in piece.partition("="))
        if not sign or not column:
            problems.append(Problem("{text} is not of the form part=column", {"text": piece.strip()}, "--map"))
        elif part not in PARTS:
            problems.append(
                Problem("there is no part {part}; there are: {known}", {"part": part, "known": ", ".join(PARTS)}, "--map")
            )
        elif part in found:
            problems.append(Problem("the part {part} is given twice", {"part": part}, "--map"))
        else:
            found[part] = column
    return found, tuple(problems)


def wanted_columns(asked: Mapping[str, str]) -> tuple[str, ...]:
    """Columns a header must hold for the map to fit; those of sums may be written apart, so they don't count."""
    return tuple(column for column in asked.values() if column != LINE and "+" not in column)


def apply_map(asked: Mapping[str, str], table: Table, wrong: Sequence[Problem] = ()) -> Columns:
    """The columns asked for. Raises Invalid naming every one that is not there, with what it may have been meant to be.

    wrong: what is known already to be wrong with the map, to be said with it.
    """
    problems = list(wrong)
    places: dict[str, tuple[int, ...]] = {}
    for part, text in asked.items():
        if part == "account" and text == LINE:
            continue
        found = [_place(name, table) for name in _names(text, part, table)]
        problems.extend(one for one in found if isinstance(one, Problem))
        places[part] = tuple(one for one in found if isinstance(one, int))
    columns = Columns(places, by_line=asked.get("account") == LINE)
    problems.extend(_missing(columns, table))
    if problems:
        raise Invalid(problems)
    return columns


def _names(text: str, part: str, table: Table) -> list[str]:
    if part not in AMOUNTS or text in table.header:
        return [text]
    return [name.strip() for name in text.split("+")]


def _place(name: str, table: Table) -> int | Problem:
    """Where a column stands: as it is written, else the only one that differs in case, spaces or marks."""
    same = [place for place, other in enumerate(table.header) if other == name]
    alike = same or [place for place, other in enumerate(table.header) if fold(other) == fold(name)]
    if len(alike) == 1:
        return alike[0]
    if alike:
        return Problem(
            "the column {name} is there {count} times", {"name": name, "count": len(alike)}, table.file, table.header_line
        )
    close = get_close_matches(fold(name), [fold(other) for other in table.header], 3, 0.6)
    meant = [other for other in table.header if fold(other) in close]
    listed = ", ".join(other for other in table.header if other)
    if meant:
        params = {"name": name, "meant": ", ".join(meant), "known": listed}
        return Problem(
            "there is no column {name}; did you mean {meant}? There are: {known}", params, table.file, table.header_line
        )
    return Problem(
        "there is no column {name}; there are: {known}", {"name": name, "known": listed}, table.file, table.header_line
    )


def _missing(columns: Columns, table: Table) -> Iterator[Problem]:
    def problem(message: str) -> Problem:
        return Problem(message, {}, table.file, table.header_line)

    if "account" not in columns:
        yield problem("no column is mapped to account; use --map account=COLUMN, or account=# where each line is an account")
    if "revenue" not in columns and not ("quantity" in columns and "price" in columns):
        yield problem("no column is mapped to revenue, nor to quantity and price; use --map revenue=COLUMN")
    if "revenue" in columns and ("quantity" in columns or "price" in columns):
        yield problem("either revenue is mapped, or quantity and price: not both")
    if "date" in columns and "year" in columns:
        yield problem("either date is mapped, or year: not both")


def likely(table: Table) -> Columns:
    """The likeliest column of each part by its name; parts that none looks like are left out."""
    folded = [fold(name) for name in table.header]
    places: dict[str, tuple[int, ...]] = {}
    for part, names in PARTS.items():
        place = next((folded.index(name) for name in names if name in folded), None)
        if place is not None and (place,) not in places.values():
            places[part] = (place,)
    if "year" in places and "date" in places:
        places.pop("year")
    if "revenue" in places or not {"quantity", "price"} <= places.keys():
        places.pop("quantity", None)
        places.pop("price", None)
    return Columns(places, guessed=True)


def guess(table: Table) -> Columns:
    """The likely columns. Raises Invalid when account or revenue can't be guessed."""
    columns = likely(table)
    problems = list(_missing(columns, table))
    if problems:
        listed = ", ".join(name for name in table.header if name)
        message = "the columns can't be guessed from the header; there are: {known}"
        raise Invalid([Problem(message, {"known": listed}, table.file, table.header_line), *problems])
    return columns


def describe(columns: Columns, table: Table) -> str:
    """The mapping as --map takes it."""
    texts = {part: "+".join(table.header[place] for place in places) for part, places in columns.places.items()}
    if columns.by_line:
        texts = {"account": LINE, **texts}
    return ",".join(f"{part}={text}" for part, text in texts.items())


def preview(columns: Columns, rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """The mapped columns as a small table: part names, then the cells."""
    cut = [
        ["" if place >= len(row) else str(row[place]).strip()[:30] for places in columns.places.values() for place in places]
        for row in rows
    ]
    return [[part for part, places in columns.places.items() for _ in places], *cut]
