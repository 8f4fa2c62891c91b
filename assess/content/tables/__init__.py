"""Tables that people bring, CSV or spreadsheet, to accounts: open, map, decide on formats, add up.

The file is read line by line and never kept: only sums per account stay in memory.
"""
