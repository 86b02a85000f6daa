"""Each input of a flow is an option of `rpa run` and `rpa plan`: declared once, in the flow.

rpa run pay --month 2026-10 --no-mail        rpa run pay --help
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer
from typer._click.exceptions import NoSuchOption  # typer gives it no public name
from typer.core import TyperCommand

from rpa.cli.state import STATE

if TYPE_CHECKING:
    from flows.model import Flow, Input

HELD = "daeri.flow"
"""Where a context keeps the flow it found, for its help page."""


class FlowCommand(TyperCommand):
    """A command whose first argument is a flow. Inputs given as options reach it among its `inputs`, as
    `name=value`; an option of the command itself goes before an input of the same name (`-i` reaches that)."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        flow = self._flow(args)
        ctx.meta[HELD] = flow
        rest, pairs = taken(flow.inputs if flow else {}, args, self._options())
        try:
            left: list[str] = super().parse_args(ctx, rest)
        except NoSuchOption as error:
            self._explain(ctx, error, flow)
            raise
        if pairs:
            ctx.params["inputs"] = [*(ctx.params.get("inputs") or ()), *pairs]
        return left

    def format_options(self, ctx: Any, formatter: Any) -> None:
        super().format_options(ctx, formatter)
        flow = ctx.meta.get(HELD)
        if flow is not None and flow.inputs:
            from rpa.cli.show import said

            with formatter.section(said("Inputs of {flow}", flow=flow.id)):
                formatter.write_dl([_row(one) for one in flow.inputs.values()])

    def _explain(self, ctx: Any, error: NoSuchOption, flow: Flow | None) -> None:
        """An option nobody knows may be an input: misspelt, or written before the flow."""
        from flows.shape import nearest
        from rpa.cli.show import said

        inputs = [f"--{one.replace('_', '-')}" for one in flow.inputs] if flow else []
        near = nearest(error.option_name, [*inputs, *self._options()])
        error.possibilities = [near] if near else None
        if flow is None and not near:
            ctx.fail(said("No such option: {name}. Inputs of a flow come after its name.", name=error.option_name))

    def _options(self) -> dict[str, bool]:
        """The command's own options, each with whether a value follows."""
        named = {"--help": False}
        for parameter in self.params:
            for name in (*parameter.opts, *parameter.secondary_opts):
                named[name] = not getattr(parameter, "is_flag", False)
        return named

    def _flow(self, args: Sequence[str]) -> Flow | None:
        """The flow that is named, when its inputs matter here: something is asked or given that the command
        itself does not know."""
        own = self._options()
        strange = [word for word in args if word.startswith("--") and word.partition("=")[0] not in own]
        if not strange and "--help" not in args:
            return None
        name = _first_argument(args, own)
        return None if name is None else _loaded(name, tolerant="--help" in args)


def _first_argument(args: Sequence[str], own: Mapping[str, bool]) -> str | None:
    """The first word that is neither an option nor the value of one; None behind an option nobody knows, whose
    next word may be its value."""
    words = iter(args)
    for word in words:
        if not word.startswith("-"):
            return word
        name, has_value, _ = word.partition("=")
        if name not in own:
            return None
        if own[name] and not has_value:
            next(words, None)
    return None


def _loaded(name: str, *, tolerant: bool) -> Flow | None:
    """The flow, free of errors. A help page is shown for a flow too that is broken or not there."""
    from flows.failures import FlowFailure

    try:
        return STATE.project().flow(name)
    except FlowFailure:
        if tolerant:
            return None
        raise


def taken(inputs: Mapping[str, Input], args: Sequence[str], own: Mapping[str, bool]) -> tuple[list[str], list[str]]:
    """(what remains for the command, `name=value` of each input given as an option)."""
    by_option = dict(_spelt(inputs, own))
    rest, pairs = [], []
    words = iter(args)
    for word in words:
        option, has_value, value = word.partition("=")
        found = by_option.get(option)
        if found is None:
            rest.append(word)
            continue
        one, flag = found
        if flag is not None and not has_value:
            pairs.append(f"{one.name}={flag}")
            continue
        given = value if has_value else next(words, None)
        if given is None:
            from rpa.cli.show import said

            raise typer.BadParameter(said("Option {name} needs a value", name=option))
        pairs.append(f"{one.name}={given}")
    return rest, pairs


def _spelt(inputs: Mapping[str, Input], own: Mapping[str, bool]) -> Iterator[tuple[str, tuple[Input, str | None]]]:
    """Option → (its input, the value it stands for without one). `_` may be written `-`; yes/no inputs have
    `--name` and `--no-name`."""
    for one in inputs.values():
        for name in dict.fromkeys((one.name.replace("_", "-"), one.name)):
            if f"--{name}" not in own:
                yield f"--{name}", (one, "true" if one.type == "bool" else None)
            if one.type == "bool" and f"--no-{name}" not in own:
                yield f"--no-{name}", (one, "false")


def _row(one: Input) -> tuple[str, str]:
    """How an input looks on the help page."""
    from rpa.cli.show import said

    name = one.name.replace("_", "-")
    option = f"--{name} / --no-{name}" if one.type == "bool" else f"--{name} {one.type.upper()}"
    told = ". ".join(part.rstrip(".") for part in (one.title, one.description) if part)
    choices = [", ".join(str(c) for c in one.choices)] if one.choices else []
    needed = [said("required")] if one.required and one.default is None else []
    default = [f"{said('default')}: {_plain(one.default)}"] if one.default is not None and one.type != "secret" else []
    return option, f"{told}  [{'; '.join([*choices, *needed, *default])}]" if choices or needed or default else told


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
