"""The command that looks whether all is well."""

from __future__ import annotations

from typing import Annotated

import typer

from infra.cli.speech import Format, language_of_terminal, print_json, say, sentence
from tenants.languages import Text

_WORDS = {
    "ok": Text(ar="سليم", en="OK"),
    "warning": Text(ar="تنبيه", en="warning"),
    "problem": Text(ar="مشكلة", en="problem"),
}
_WELL = Text(ar="كل شيء سليم.", en="All is well.")
_NOT_WELL = Text(
    ar="مشكلات: {problems}، تنبيهات: {warnings}.", en="Problems: {problems}, warnings: {warnings}."
)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(
    form: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = Format.TABLE,
) -> None:
    """Say whether all is well, and what to do if not. Exit status 1 when there is a problem."""
    from infra.doctor import Level, examine  # noqa: PLC0415 - help needs none of this

    language = language_of_terminal()
    findings = []
    for finding in examine():
        findings.append(finding)
        if form is Format.TABLE:
            print(f"{sentence(_WORDS[finding.level]):8} {finding.text.in_language(language)}", flush=True)
    problems = sum(finding.level is Level.PROBLEM for finding in findings)
    warnings = sum(finding.level is Level.WARNING for finding in findings)
    if form is Format.JSON:
        print_json(
            [
                {
                    "check": finding.check,
                    "level": finding.level.value,
                    "text": {"ar": finding.text.ar, "en": finding.text.en},
                }
                for finding in findings
            ]
        )
    elif problems or warnings:
        say(_NOT_WELL, problems=problems, warnings=warnings)
    else:
        say(_WELL)
    if problems:
        raise typer.Exit(1)
