"""What can be wrong with a file of accounts, with tiers and with rules: English sentences, listed to be translated."""

from __future__ import annotations

from assess.web.languages import N_

ACCOUNTS = (
    N_("--retention and --discount are shares from 0 to 1"),
    N_("asks for {names}; there are only {known}"),
    N_("cannot be read as a workbook: {reason}"),
    N_("column {column}: numbers such as {example} may mean two things; read with a decimal comma (--decimal point)"),
    N_("column {column}: numbers such as {example} may mean two things; read with a decimal point (--decimal comma)"),
    N_("dates such as {example} may mean two things; read as {order} (--dates dmy|mdy|ymd)"),
    N_("does not say {names}: a finding shows both numbers"),
    N_("either date is mapped, or year: not both"),
    N_("either revenue is mapped, or quantity and price: not both"),
    N_("has a header and no lines below it"),
    N_("has more than {limit} accounts: is {column} the right column?"),
    N_("has {count} cells, the header has {width}"),
    N_("holds a cell of more than {limit} characters: a quotation mark is opened and not closed"),
    N_(
        "holds several currencies ({names}; the second one from this line on): amounts of different "
        "currencies can't be added. Convert them to one, or give one file per currency"
    ),
    N_("is a web page or XML, whatever its ending; save it as XLSX or CSV"),
    N_("is not a workbook, so there is no sheet to choose"),
    N_("is not {encoding} text; name its encoding with --encoding"),
    N_("is protected with a password; save it without one"),
    N_("lifetime values need all of --retention, --discount and --lifetime"),
    N_("market growth is read as percent: some values are 2 or more and none has a percent sign"),
    N_("no column is mapped to account; use --map account=COLUMN, or account=# where each line is an account"),
    N_("no column is mapped to revenue, nor to quantity and price; use --map revenue=COLUMN"),
    N_("no line is of the account {name}"),
    N_("the account {name} is given the groups {one} and {other}"),
    N_("the column {name} is there {count} times"),
    N_("the columns can't be guessed from the header; there are: {known}"),
    N_("the ending of the file must be one of: {known}"),
    N_("the last tier takes every account that is left: {empty}"),
    N_("the part {part} is given twice"),
    N_("the tier {id} is missing"),
    N_("there is no column {name}; did you mean {meant}? There are: {known}"),
    N_("there is no column {name}; there are: {known}"),
    N_("there is no encoding {name}"),
    N_("there is no figure {id}; there are: {known}"),
    N_("there is no part {part}; there are: {known}"),
    N_("there is no sheet {name}; there are: {known}"),
    N_("unpacks to more than {limit} MiB"),
    N_("{text} is not of the form part=column"),
    N_("{value} has more than {limit} digits"),
    N_("{value} is neither yes nor no"),
    N_("{value} is not a date"),
    N_("{value} is not a number"),
    N_("{value} is not a number with a decimal comma"),
    N_("{value} is not a number with a decimal point"),
    N_("{value} is not a stage from 1 to 4"),
)
