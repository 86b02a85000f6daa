"""The command line in the chosen language: help pages and what the parser says of a command written wrongly.

Short texts are keyed by their English, as gettext does: the declarations of commands stay readable, and a text
that many commands share is told once (`flows/messages/words.ko.json`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flows.catalogue import phrase

if TYPE_CHECKING:
    from typer._click.formatting import HelpFormatter

SAID = tuple(
    (re.compile(pattern), template)
    for pattern, template in (
        (r"No such option: (?P<name>\S+) \(Possible options: (?P<near>.*)\)", "No such option: {name} (near: {near})"),
        (r"No such option: (?P<name>\S+)", "No such option: {name}"),
        (r"No such command '(?P<name>.*?)'\. Did you mean (?P<near>.*)\?", "No such command {name} (near: {near})"),
        (r"No such command '(?P<name>.*?)'\.", "No such command {name}"),
        (r"Missing argument '(?P<name>.*?)'\.", "Missing argument {name}"),
        (r"Missing option '(?P<name>.*?)'\.", "Missing option {name}"),
        (r"Missing command\.", "Missing command"),
        (r"Got unexpected extra argument\(s\) \((?P<text>.*)\)", "Unexpected extra arguments: {text}"),
        (r"Option '(?P<name>.*?)' requires an argument\.", "Option {name} needs a value"),
        (r"Option '(?P<name>.*?)' does not take a value\.", "Option {name} takes no value"),
        (r"Invalid value for '(?P<name>.*?)': (?P<reason>.*)", "Invalid value for {name}: {reason}"),
        (r"Invalid value: (?P<reason>.*)", "Invalid value: {reason}"),
        (r"Input should be a valid integer.*", "a whole number is needed"),
        (r"Input should be a valid number.*", "a number is needed"),
        (r"Input should be less than or equal to (?P<most>.*)", "at most {most}"),
        (r"Input should be greater than or equal to (?P<least>.*)", "at least {least}"),
    )
)  # fmt: skip
"""What the parser says in English → the template it stands under in the catalogue."""


def parser_words(message: str, lang: str) -> str:
    """A message of the command-line parser in `lang`; one that is not known stays in English."""
    if lang == "en":
        return message
    for pattern, template in SAID:
        found = pattern.fullmatch(message)
        if found:
            parts = {name: parser_words(value, lang) for name, value in found.groupdict().items()}
            return phrase(template, lang, **parts)
    return phrase(message, lang)


def help_asked(arguments: Sequence[str]) -> bool:
    """Whether a help page will be shown: `--help`, or no command at all."""
    return "--help" in arguments or all(word.startswith("-") for word in _without_global_values(arguments))


def first_word(arguments: Sequence[str]) -> str | None:
    """The command that is asked for, before the options are parsed."""
    return next((word for word in _without_global_values(arguments) if not word.startswith("-")), None)


def _without_global_values(arguments: Sequence[str]) -> list[str]:
    words, left = [], iter(arguments)
    for word in left:
        if word in ("--project", "--profile", "--lang"):
            next(left, None)
            continue
        words.append(word)
    return words


def asked_language(arguments: Sequence[str]) -> str | None:
    """What `--lang` says, before the options are parsed."""
    for number, word in enumerate(arguments):
        if word == "--lang" and number + 1 < len(arguments):
            return arguments[number + 1]
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return None


def localise(command: Any, lang: str) -> None:
    """Puts every help text of a command and those below it into `lang`, once."""
    if lang == "en":
        return
    command.context_class = type("Context", (command.context_class,), {"formatter_class": _formatter(lang)})
    command.help = _words(command.help, lang)
    command.short_help = _words(command.short_help, lang)
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = _words(parameter.help, lang)
    for below in getattr(command, "commands", {}).values():
        localise(below, lang)


def _words(text: str | None, lang: str) -> str | None:
    """Paragraph by paragraph, however the lines are broken."""
    if text is None:
        return None
    return "\n\n".join(phrase(" ".join(part.split()), lang) for part in re.split(r"\n\s*\n", text.strip()))


def _formatter(lang: str) -> type[HelpFormatter]:
    from typer._click.formatting import HelpFormatter

    class Formatter(HelpFormatter):
        """Headings and remarks of a help page."""

        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            super().write_usage(prog, args, prefix or phrase("Usage", lang) + ": ")

        def write_heading(self, heading: str) -> None:
            super().write_heading(phrase(heading, lang))

        def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
            told = [(first, _remarks(phrase(second, lang), lang)) for first, second in rows]
            super().write_dl(told, col_max, col_spacing)

    return Formatter


def _remarks(text: str, lang: str) -> str:
    """`[default: 5]` and `[required]` at the end of an option's help."""
    for english in ("default", "required"):
        text = re.sub(rf"(?<=\[){english}(?=[:\]])|(?<=; ){english}(?=[:\]])", phrase(english, lang), text)
    return text
