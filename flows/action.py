"""The action contract: an action is declared once, as a plain typed function beside the bot that performs it.

    @action("browser.click", main="target", acts="screen",
            fails={"target-missing": "application", "target-ambiguous": "flow"})
    def click(browser: Browser, ctx: Context, *, target: Target, count: int = 1) -> None:
        '''Clicks what a person would click.'''

What stands before the `*` the engine hands in (a bot by its `bot_name`, or the context, by annotation);
what stands after it the author writes in YAML. The decorator attaches an `ActionSpec` and returns the
function unchanged. A catalog is collected from an explicit list: nothing registers itself.
"""

from __future__ import annotations

import inspect
import types
import typing
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, create_model

from flows.failures import Kind

Acts: TypeAlias = Literal["nothing", "screen", "outside"]
F = TypeVar("F", bound=Callable[..., Any])
OutputsOf: TypeAlias = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class ActionSpec:
    """Everything the language, the engine and the docs know about one action.

    `main`      the parameter that may be written bare (`browser.open: "https://…"`)
    `acts`      what it touches: nothing, the screen, or the outside world
    `fails`     its failure codes and their kinds
    `repeatable` an outside action that may safely be done again
    `outputs_of` parameters as written → the type of its outputs (None: the return annotation); what is only
                known when the flow runs comes as a Template
    `probes`    it may be the last step of a `done_if` (gives true or false, or fails: unknown)
    `passes`    the parameter whose value it gives back, with what the return annotation adds (`data.set`
    gives
                its value, `review.ask` the extraction): the static type passes through
    `secret_sinks` names of the parameters that accept a secret
    """

    name: str
    function: Callable[..., Any]
    main: str | None = None
    acts: Acts = "nothing"
    fails: Mapping[str, Kind] = field(default_factory=dict)
    repeatable: bool = False
    probes: bool = False
    outputs_of: OutputsOf | None = None
    timeout: str | None = None
    examples: tuple[str, ...] = ()
    since: str = "0.1"
    passes: str | None = None

    @property
    def family(self) -> str:
        return self.name.split(".", 1)[0]

    @property
    def verb(self) -> str:
        return self.name.split(".", 1)[1]

    @cached_property
    def hints(self) -> dict[str, Any]:
        return typing.get_type_hints(self.function, include_extras=True)

    @cached_property
    def injected(self) -> tuple[tuple[str, Any], ...]:
        """(name, annotation) of what the engine hands in, in order."""
        return tuple(
            (p.name, self.hints.get(p.name))
            for p in inspect.signature(self.function).parameters.values()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        )

    @cached_property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        """The parameters an author writes, in declared order."""
        return {
            p.name: p
            for p in inspect.signature(self.function).parameters.values()
            if p.kind is p.KEYWORD_ONLY
        }

    @cached_property
    def bot(self) -> str | None:
        """The `bot_name` of the bot it needs, if any."""
        for _, hint in self.injected:
            name = getattr(hint, "bot_name", None)
            if name:
                return str(name)
        return None

    @cached_property
    def model(self) -> type[BaseModel]:
        """A Pydantic model of the authored parameters: validation, JSON Schema and docs come from it.

        A trailing underscore in a Python name (`in_`, `from_`) is dropped in YAML.
        """
        fields: dict[str, Any] = {}
        for name, parameter in self.parameters.items():
            default = ... if parameter.default is parameter.empty else parameter.default
            fields[name.rstrip("_")] = (authored(self.hints[name]), default)
        with warnings.catch_warnings():  # a parameter may be called like a method of Pydantic's (`json`)
            warnings.filterwarnings("ignore", message="Field name .* shadows an attribute")
            return create_model(
                self.name.replace(".", "_"),
                __config__=ConfigDict(extra="forbid", arbitrary_types_allowed=True, frozen=True),
                **fields,
            )

    @cached_property
    def secret_sinks(self) -> frozenset[str]:
        from flows.data import Secret

        def admits(hint: Any) -> bool:
            return hint is Secret or any(admits(a) for a in typing.get_args(hint))

        return frozenset(n.rstrip("_") for n in self.parameters if admits(self.hints[n]))

    @property
    def returns(self) -> Any:
        """The declared type of its outputs (`None` when it has none)."""
        return self.hints.get("return")

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.function) or "").split("\n", 1)[0]

    def call(self, injected: Iterable[Any], parameters: Mapping[str, Any]) -> Any:
        """Runs the function with validated `parameters` (YAML names) behind what the engine hands in."""
        python = {n.rstrip("_"): n for n in self.parameters}
        return self.function(*injected, **{python[k]: v for k, v in parameters.items()})


def action(
    name: str,
    *,
    main: str | None = None,
    acts: Acts = "nothing",
    fails: Mapping[str, Kind] | None = None,
    repeatable: bool = False,
    probes: bool = False,
    outputs_of: OutputsOf | None = None,
    timeout: str | None = None,
    examples: Iterable[str] | str = (),
    passes: str | None = None,
) -> Callable[[F], F]:
    """Declares a function as the action `name` (`family.verb`). See the module's text."""

    def attach(function: F) -> F:
        function.action_spec = ActionSpec(  # type: ignore[attr-defined]
            name=name,
            function=function,
            main=main,
            acts=acts,
            fails=dict(fails or {}),
            repeatable=repeatable,
            probes=probes,
            outputs_of=outputs_of,
            timeout=timeout,
            examples=(examples,) if isinstance(examples, str) else tuple(examples),
            passes=passes,
        )
        return function

    return attach


def _as_text(value: Any) -> Any:
    """Numbers, dates and true/false as the text that an author means by them."""
    from flows.values import to_text

    return to_text(value) if isinstance(value, bool | int | Decimal | date | time) else value


def _as_duration(value: Any) -> Any:
    from flows.types import duration

    return duration(value) if isinstance(value, str) else value


AuthoredText: TypeAlias = Annotated[
    str, BeforeValidator(_as_text, json_schema_input_type=str | int | float | bool)
]
AuthoredDuration: TypeAlias = Annotated[timedelta, BeforeValidator(_as_duration, json_schema_input_type=str)]
_VALUES = (int, float, bool, Decimal, date, datetime, time)


def authored(hint: Any) -> Any:
    """`hint` as an author may write it: a text also takes numbers and dates (`text: 5`), a duration `30s`."""
    if hint is str:
        return AuthoredText
    if hint is timedelta:
        return AuthoredDuration
    args = typing.get_args(hint)
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        mixed = any(a in _VALUES or typing.get_args(a) for a in args)
        return hint if mixed else typing.Union[tuple(map(authored, args))]  # noqa: UP007
    return list[authored(args[0])] if origin is list and args else hint  # type: ignore[misc]


class Catalog(Mapping[str, ActionSpec]):
    """All actions a project may use, by name. Collected from functions or modules, never registered."""

    def __init__(self, specs: Iterable[ActionSpec] = ()) -> None:
        self._specs: dict[str, ActionSpec] = {}
        for spec in specs:
            if spec.name in self._specs:
                raise ValueError(f"two actions are called {spec.name}")
            self._specs[spec.name] = spec

    @staticmethod
    def of_modules(modules: Iterable[Any]) -> Catalog:
        """Every action whose function is defined in one of `modules`."""
        return Catalog(
            value.action_spec
            for module in modules
            for value in vars(module).values()
            if hasattr(value, "action_spec") and value.__module__ == module.__name__
        )

    def __getitem__(self, name: str) -> ActionSpec:
        return self._specs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._specs))

    def __len__(self) -> int:
        return len(self._specs)
