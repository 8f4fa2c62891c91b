"""The command `kam-assess`: finds a command, runs it, turns errors into words and an exit code.

Exit codes: 0 done; 1 the program failed; 2 the input is wrong. Commands are loaded only when they are run.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

import click

from assess import __version__
from assess.core.errors import AssessError, Failed, Invalid

COMMANDS = {
    "score": ("assess.cli.analyse", "Score an answers file."),
    "roadmap": ("assess.cli.analyse", "Plan the roadmap of an answers file."),
    "benchmark": ("assess.cli.benchmarks", "Compare an answers file with peers."),
    "peers": ("assess.cli.peers", "Look after the benchmark's peers: rows, releases, exchange files, keys."),
    "accounts": ("assess.cli.accounts", "Measure a file of accounts or transactions."),
    "compare": ("assess.cli.compare", "Compare two answers files of the same questionnaire."),
    "report": ("assess.cli.reports", "Write the report of an answers file: .pdf .html .docx .pptx .xlsx .json .ics."),
    "demo": ("assess.cli.reports", "Write the reports of two made-up sample companies."),
    "questionnaire": ("assess.cli.questionnaires", "List, check and describe questionnaires."),
    "serve": ("assess.cli.server", "Run the web app with its document worker."),
    "worker": ("assess.cli.server", "Run a document worker alone."),
    "user": ("assess.cli.people", "Add people who work with engagements, and set-up links for them."),
    "token": ("assess.cli.tokens", "Make, list and revoke tokens of the API."),
    "db": ("assess.cli.database", "Look after the database: bring it up to date, look it over."),
    "backup": ("assess.cli.backups", "Write database, keys and own content to one file."),
    "restore": ("assess.cli.backups", "Make an installation of a backup, or try one."),
}


class Commands(click.Group):
    """A group that knows its commands by name and loads one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - fixed signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - fixed signature
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - fixed signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="kam-assess")
@click.option(
    "--questionnaires",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder of questionnaire folders, looked at first; may be given several times, also after the command.",
)
@click.pass_context
def kam_assess(ctx: click.Context, questionnaires: tuple[Path, ...]) -> None:
    """Measure how mature a key account management programme is and leave with a plan."""
    ctx.obj = questionnaires


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    try:
        result: Any = kam_assess.main(arguments, prog_name="kam-assess", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code if isinstance(error, click.UsageError) else 2
    except click.Abort:
        return 130
    except Invalid as error:
        _show_problems(error, sys.argv[1:] if arguments is None else arguments)
        return 2
    except AssessError as error:
        click.echo(f"kam-assess: {error}" if isinstance(error, Failed) else error, err=True)
        return 1 if isinstance(error, Failed) else 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - the last line of defence: people get a sentence, not a traceback
        if os.environ.get("KAM_DEBUG"):
            traceback.print_exc()
        click.echo(f"kam-assess: the program failed: {type(error).__name__}: {error} (KAM_DEBUG=1 shows where)", err=True)
        return 1
    return result if isinstance(result, int) else 0


def _show_problems(error: Invalid, arguments: list[str]) -> None:
    """Every problem on a line of its own, in the language asked for."""
    from assess.cli.wording import asked_language, in_language, teller

    tell = teller(asked_language(arguments))
    for problem in error.problems:
        click.echo(in_language(problem, tell), err=True)


if __name__ == "__main__":
    main()
