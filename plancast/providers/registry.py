"""The registry of providers: one row for each, and those that installed packages add.

Everything that needs a list of providers reads it: `--provider`, the variables that hold secrets,
hints, what a post may contain before anything is connected, `provider:` in the workspace schema,
and the contract that keeps providers apart.

A package adds a provider by an entry point of the group `plancast.providers` that names a
`ProviderInfo` (docs/writing-a-provider.md). Built-in names are found without looking for packages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from plancast.model.diagnostics import problem
from plancast.model.exit_codes import Stop
from plancast.model.features import PLAIN, THE_PROVIDER, Features
from plancast.model.quoting import closest
from plancast.providers.buffer_features import CLASSIC, CURRENT

if TYPE_CHECKING:
    from plancast.model.ports import Clock, Notify, Provider
    from plancast.model.probing import Prober
    from plancast.model.workspace import ProviderSettings

Options = Mapping[str, object]

_NAME = re.compile("[a-z0-9][a-z0-9._-]{0,63}")
_VARIABLE = re.compile("[A-Z][A-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class ProviderContext:
    """The part of a run that a provider gets to know.

    `title` and `features` are those of the row, as the options have it: the provider shows them as
    its own. `environ` is the only place that a secret comes from; it is not shown. `offline`: no
    request will be made, so no secret is needed. `fence` is called right before each request that
    changes something; what it raises goes through to the caller.
    """

    settings: ProviderSettings
    workspace_root: str
    environ: Mapping[str, str] = field(repr=False)
    clock: Clock
    pacing_dir: str
    notify: Notify
    offline: bool = False
    fence: Callable[[], None] = lambda: None
    title: str = THE_PROVIDER
    features: Features = PLAIN


@dataclass(frozen=True, slots=True)
class Connected:
    """A connected provider and its clock. `close` releases what they hold open.

    `abort`, for another thread to call, breaks off a request that is under way. `notes` returns
    sentences about what could not be done without stopping the run. `prober` asks the provider what
    no documentation settles; None if there is nothing to ask.
    """

    provider: Provider
    clock: Clock
    close: Callable[[], None] = lambda: None
    abort: Callable[[], None] = lambda: None
    notes: Callable[[], Sequence[str]] = tuple
    prober: Prober | None = None


Factory = Callable[[ProviderContext], Connected]


@dataclass(frozen=True, slots=True)
class ProviderOption:
    """An option of `provider:` in plancast.yaml. `schema` is its JSON Schema but the description.

    `only_with`: another option and the value that it must have for this one to be allowed.
    """

    name: str
    description: str
    schema: Mapping[str, object] = field(
        default_factory=lambda: MappingProxyType({"type": "string"}), hash=False
    )
    only_with: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Successor:
    """The provider that a workspace moves to with `migrate`, and how its options change."""

    name: str
    options: tuple[tuple[str, str], ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProviderInfo:
    """All that plancast knows of a provider before it is connected.

    `name` is what plancast.yaml says, `title` what people call the service in a sentence.
    `features` are known without a network, so a post that asks for more is refused by `validate`
    already. `secrets` are the environment variables that hold its keys, the usual one first;
    plancast keeps their values out of reports of bugs and out of the environment of git. `factory`
    connects; it should import what is heavy only when it is called.

    `variants` are other features, each with the option and value that select it. `queue` names the
    service if another provider shows the same queue. `is_local`: the queue lies in the folder of
    the workspace, so no other workspace sees it. `successor`: the provider that `migrate` moves a
    workspace to. `key_life` says in words how long a key lives at most, such as `a year`.
    """

    name: str
    title: str
    features: Features
    factory: Factory
    secrets: tuple[str, ...] = ()
    options: tuple[ProviderOption, ...] = ()
    variants: tuple[tuple[str, str, Features], ...] = ()
    queue: str = ""
    is_local: bool = False
    successor: Successor | None = None
    key_life: str = ""

    def __post_init__(self) -> None:
        """Refuse a row that could not be used. Raises ValueError."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name of a provider: lower case, digits, . _ -")
        if not self.title.strip() or not self.title.isprintable():
            raise ValueError(f"the title of {self.name} must be one line that can be shown")
        odd = [name for name in self.secrets if not _VARIABLE.fullmatch(name)]
        if odd:
            raise ValueError(f"{odd[0]!r} is no name of an environment variable")

    def features_with(self, options: Options) -> Features:
        """Return what it can do with these options, under its title."""
        able = next(
            (able for name, value, able in self.variants if options.get(name) == value),
            self.features,
        )
        return replace(able, title=self.title)

    def options_with(self, options: Options) -> tuple[str, ...]:
        """Return the names of the options that are allowed beside these."""
        return tuple(
            option.name
            for option in self.options
            if option.only_with is None or options.get(option.only_with[0]) == option.only_with[1]
        )


# -- the providers that come with plancast ------------------------------------------------------


def _sandbox(context: ProviderContext) -> Connected:
    from plancast.providers.factories import sandbox  # noqa: PLC0415

    return sandbox(context)


def _buffer(context: ProviderContext) -> Connected:
    from plancast.providers.factories import buffer  # noqa: PLC0415

    return buffer(context)


def _buffer_graphql(context: ProviderContext) -> Connected:
    from plancast.providers.factories import buffer_graphql  # noqa: PLC0415

    return buffer_graphql(context)


MANY = 1_000_000
"""The largest number of requests, or of entries in a queue, that an option takes."""

MONTH = 31 * 86_400
"""The longest window of a budget, in seconds."""

_WINDOW: Mapping[str, object] = {
    "additionalProperties": False,
    "required": ["requests", "seconds"],
    "properties": {
        "requests": {"type": "integer", "minimum": 1, "maximum": MANY},
        "seconds": {"type": "integer", "minimum": 1, "maximum": MONTH},
    },
}
RATE_LIMIT = ProviderOption(
    "rate_limit",
    "The windows of the budget of requests, where they are not the usual ones.",
    {
        "type": ["object", "array"],
        **_WINDOW,
        "minItems": 1,
        "maxItems": 4,
        "items": {"type": "object", **_WINDOW},
    },
)
QUEUE_LIMIT = ProviderOption(
    "queue_limit",
    "How many entries fit in a profile's queue (10 on the free plan).",
    {"type": "integer", "minimum": 1, "maximum": MANY},
)
SPOKEN = ProviderOption(
    "api",
    "Sandbox: which of Buffer's APIs it speaks.",
    {"enum": ["v1", "graphql"], "default": "v1"},
)
_GRAPHQL = (SPOKEN.name, "graphql")
_OF_THE_CURRENT_API = (
    ProviderOption(
        "organization",
        "buffer-graphql: whose channels, where the key sees several organizations.",
        {"type": "string", "minLength": 1},
    ),
    ProviderOption(
        "max_wait",
        "buffer-graphql: how long a request may wait for its turn before the run ends for now.",
        {"type": "string", "pattern": "^[0-9]{1,6}[smh]$", "default": "60s"},
    ),
    ProviderOption(
        "grouping",
        "buffer-graphql: whether one request may create a post on several channels, and how.",
        {"enum": ["off", "content_item", "aliases"], "default": "off"},
    ),
    ProviderOption(
        "ownership_tag",
        "buffer-graphql: the tag that marks what plancast made; `off` for none.",
        {"type": "string", "minLength": 1, "maxLength": 100, "default": "off"},
    ),
)

SANDBOX = ProviderInfo(
    name="sandbox",
    title="Buffer",
    features=CLASSIC,
    factory=_sandbox,
    options=(
        RATE_LIMIT,
        QUEUE_LIMIT,
        ProviderOption("clock", "Sandbox: where the clock of a new world stands."),
        ProviderOption("seed", "Sandbox: a file with the world to begin with."),
        SPOKEN,
        *(replace(option, only_with=_GRAPHQL) for option in _OF_THE_CURRENT_API),
    ),
    variants=((*_GRAPHQL, CURRENT),),
    is_local=True,
    successor=Successor("sandbox", options=(_GRAPHQL,)),
)
BUFFER_GRAPHQL = ProviderInfo(
    name="buffer-graphql",
    title="Buffer",
    features=CURRENT,
    factory=_buffer_graphql,
    secrets=("BUFFER_API_KEY",),
    options=(RATE_LIMIT, QUEUE_LIMIT, *_OF_THE_CURRENT_API),
    queue="buffer",
    key_life="a year",  # docs/buffer/graphql.md#keys-and-organizations
)
BUFFER_V1 = ProviderInfo(
    name="buffer",
    title="Buffer",
    features=CLASSIC,
    factory=_buffer,
    secrets=("BUFFER_ACCESS_TOKEN",),
    options=(RATE_LIMIT, QUEUE_LIMIT),
    successor=Successor("buffer-graphql", dropped=("rate_limit",)),
)

BUILT_IN: Mapping[str, ProviderInfo] = MappingProxyType(
    {info.name: info for info in (SANDBOX, BUFFER_GRAPHQL, BUFFER_V1)}
)
"""The providers that come with plancast, in the order in which they are offered."""

DEFAULT = SANDBOX
"""The provider of a workspace that names none, and of `init` if there is no key."""


# -- looking them up ----------------------------------------------------------------------------


def find(name: str, root: Path | None = None) -> ProviderInfo | None:
    """Return the row of a provider; None if neither plancast nor an installed package has one.

    The checkout around `root` and the one around the current folder are not searched. Raises Stop
    (PC814) if the package that has it is broken.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    from plancast.providers.entry_points import Installed  # noqa: PLC0415

    return Installed.of_this_process(root).find(name)


def installed(root: Path | None = None) -> tuple[ProviderInfo, ...]:
    """Return the rows that installed packages add; a broken package is left out."""
    from plancast.providers.entry_points import Installed  # noqa: PLC0415

    return Installed.of_this_process(root).usable()


def get(name: str, root: Path | None = None) -> ProviderInfo:
    """Return the row of a provider. Raises Stop if there is none, or it cannot be used."""
    info = find(name, root)
    if info is None:
        from plancast.providers.entry_points import Installed  # noqa: PLC0415

        names = [*BUILT_IN, *Installed.of_this_process(root).names()]
        close = closest(name, names)
        guess = f"Did you mean {close}? " if close else ""
        hint = f"{guess}One of: {', '.join(sorted(names))}."
        raise Stop([problem("PC801", repr(name), hint=hint)])
    return info


def title(name: str, root: Path | None = None) -> str:
    """Return what people call a provider; its name if it cannot be used here."""
    try:
        info = find(name, root)
    except Stop:
        info = None
    return info.title if info else name


def features(settings: ProviderSettings, root: Path | None = None) -> Features:
    """Return the features of a provider, before anything is connected.

    Nothing is known of a provider that is not installed here, so it gets all features and no post
    is refused.
    """
    info = find(settings.name, root)
    if info is None:
        return replace(CURRENT, title=settings.name, api="")
    return info.features_with(settings.options)


def environment(settings: ProviderSettings, root: Path | None = None) -> str:
    """Return the name of the queue that a workspace's provider shows, as a state records it."""
    info = find(settings.name, root)
    return (info.queue if info else "") or settings.name


def is_shared(queue: str, root: Path | None = None) -> bool:
    """Return whether several workspaces can see a queue, given its name in a state."""
    info = find(queue, root)
    return info is None or not info.is_local


def secrets(more: Iterable[ProviderInfo] = ()) -> tuple[str, ...]:
    """Return the environment variables that hold keys of the built-in providers and of `more`."""
    rows = (*BUILT_IN.values(), *more)
    return tuple(dict.fromkeys(name for info in rows for name in info.secrets))


def connect(context: ProviderContext) -> Connected:
    """Connect the provider that the settings name. Raises ProviderError, or Stop if none has it."""
    settings = context.settings
    info = get(settings.name, Path(context.workspace_root))
    check_options(info, settings.options)
    able = info.features_with(settings.options)
    connected: object = info.factory(replace(context, title=info.title, features=able))
    if not isinstance(connected, Connected):  # it may be code of others, which no type checker saw
        detail = f"{info.name}: its factory returned no `Connected`"
        raise Stop([problem("PC814", detail)])
    return connected


def check_options(info: ProviderInfo, options: Options) -> None:
    """Refuse an option that the provider does not have. Raises Stop."""
    allowed = info.options_with(options)
    for name in options:
        if name not in allowed:
            listed = f"Options are: {', '.join(sorted(allowed))}." if allowed else "It has none."
            hint = f"{listed} Addresses and tokens are none."
            raise Stop([problem("PC201", f"provider option {name!r}", hint=hint)])


def provider_schema() -> dict[str, object]:
    """Return the part of the workspace schema that is about `provider`."""
    names = list(BUILT_IN)
    known: dict[str, object] = {}
    for info in BUILT_IN.values():
        for option in info.options:
            known.setdefault(option.name, {"description": option.description, **option.schema})
    return {
        "description": "Whose queue it is: sandbox (a local Buffer), buffer-graphql (Buffer's API)"
        " or buffer (API v1, until 2027-02-01). Installed packages can add more.",
        "type": ["string", "object"],
        "default": DEFAULT.name,
        "required": ["name"],
        "properties": {"name": {"type": "string", "examples": names}, **known},
        "examples": [
            DEFAULT.name,
            {"name": BUFFER_GRAPHQL.name, "organization": "5f0c1e2d3b4a596877665544"},
            {"name": BUFFER_V1.name, "queue_limit": 10},
        ],
    }
