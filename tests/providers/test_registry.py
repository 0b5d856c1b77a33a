"""The registry of providers: each reader agrees with it, and packages can add to it, safely."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, replace
from io import StringIO
from pathlib import Path

import click
import pytest

from plancast.app.console import Console
from plancast.app.context import Runtime
from plancast.app.process import report_bug
from plancast.commands.init import command as init
from plancast.content.schema import schema_text
from plancast.model.codes import CODES
from plancast.model.exit_codes import Stop
from plancast.model.features import Features
from plancast.model.workspace import ProviderSettings
from plancast.providers import Connected, ProviderContext, ProviderInfo, registry
from plancast.providers.entry_points import Installed, checkouts
from plancast.providers.registry import BUILT_IN
from plancast.testing.fakes import FakeClock, FakeProvider

ROOT = Path(__file__).resolve().parent.parent.parent
PLANCAST = ROOT / "plancast"


def context(
    folder: Path, name: str, options: Mapping[str, object] | None = None
) -> ProviderContext:
    return ProviderContext(
        settings=ProviderSettings(name, options or {}),
        workspace_root=str(folder),
        environ={},
        clock=FakeClock(),
        pacing_dir=str(folder / "pacing"),
        notify=lambda seconds, reason: None,
        offline=True,
    )


# -- the rows ----


def test_a_row_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        registry.SANDBOX.title = "Other"  # type: ignore[misc]


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_row_is_what_the_provider_says_of_itself(name: str, tmp_path: Path) -> None:
    info = BUILT_IN[name]
    for options in ({}, *({option: value} for option, value, _ in info.variants)):
        connected = registry.connect(context(tmp_path, name, options))
        assert (connected.provider.name, connected.provider.title) == (info.name, info.title)
        assert connected.provider.capabilities.features == info.features_with(options)
        connected.close()


def test_the_rooms_that_must_stay_apart_are_those_of_the_registry(tmp_path: Path) -> None:
    """The contract of import-linter lists the room of each provider, and nothing else."""
    rooms = set()
    for info in BUILT_IN.values():
        for options in ({}, *({option: value} for option, value, _ in info.variants)):
            connected = registry.connect(context(tmp_path, info.name, options))
            rooms.add(type(connected.provider).__module__.rpartition(".")[0])
            connected.close()
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {item["id"]: item for item in document["tool"]["importlinter"]["contracts"]}
    assert set(contracts["providers"]["modules"]) == rooms
    folders = {
        f"plancast.providers.{path.parent.name}"
        for path in PLANCAST.glob("providers/*/__init__.py")
    }
    assert rooms == folders


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Buffer"),
        ("name", ""),
        ("name", "../x"),
        ("title", " "),
        ("title", "a\nb"),
        ("secrets", ("my key",)),
        ("secrets", ("BUFFER_API_KEY", "")),
    ],
)
def test_a_row_that_could_not_be_used_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"name|title|variable"):
        replace(registry.SANDBOX, **{field: value})  # type: ignore[arg-type]


def test_every_row_is_under_the_contract() -> None:
    """A subclass of `ProviderContract` names in PROVIDERS whom it tries."""
    tried = {
        name
        for path in (ROOT / "tests" / "providers").rglob("test_*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "ProviderContract" for base in node.bases)
        for line in node.body
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "PROVIDERS"
        for name in ast.literal_eval(line.value)
    }
    assert tried == set(BUILT_IN)


# -- its readers ----


def test_the_hints_of_codes_name_what_the_registry_has() -> None:
    """The table of codes imports nothing, so that it repeats names and keys of built-in rows."""
    assert set(re.findall(r"[a-z-]+", CODES["PC801"].hint)) - {"ne", "of"} == set(BUILT_IN)
    for code in ("PC802", "PC803"):
        assert set(re.findall(r"[A-Z_]{6,}", CODES[code].hint)) == set(registry.secrets()), code
    named = {
        name
        for known in CODES.values()
        for name in re.findall(r"(?:provider: |--to |name: )([a-z-]+)", known.hint)
    }
    assert named
    assert named <= set(BUILT_IN)


def test_the_page_about_providers_has_a_row_for_each() -> None:
    page = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")
    table = page.split("## Which one")[1].split("\n## ")[0]
    assert [name for name in BUILT_IN if f"| `{name}` |" not in table] == []


def test_the_schema_of_a_workspace_is_that_of_the_registry() -> None:
    """`registry.provider_schema()` is what has to stand there."""
    document = json.loads(schema_text("workspace"))
    assert document["properties"]["provider"] == json.loads(json.dumps(registry.provider_schema()))


def test_init_offers_every_provider_and_names_every_key() -> None:
    (flag,) = (item for item in init.params if item.name == "provider")
    shown = str(getattr(flag, "help", "")) + flag.make_metavar(_context())
    for info in BUILT_IN.values():
        assert info.name in shown
        assert not info.secrets or info.secrets[0] in shown


def _context() -> click.Context:
    return click.Context(init)


@pytest.mark.parametrize("name", sorted(registry.secrets()))
def test_the_keys_of_every_provider_are_kept_out_of_reports(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report_bug(ValueError("the key is s3cret-key"), {name: "s3cret-key"})
    file = capsys.readouterr().err.split("The details are in ")[1].strip().rstrip(".")
    text = Path(file).read_text(encoding="utf-8")
    Path(file).unlink()
    assert "s3cret-key" not in text
    assert "(secret)" in text


def test_a_state_records_one_queue_for_both_apis_and_a_sandbox_is_not_shared() -> None:
    names = ("sandbox", "buffer-graphql", "buffer")
    queues = {name: registry.environment(ProviderSettings(name)) for name in names}
    assert queues == {"buffer": "buffer", "buffer-graphql": "buffer", "sandbox": "sandbox"}
    assert [name for name in (*queues, "elsewhere") if registry.is_shared(name)] == [
        "buffer-graphql",
        "buffer",
        "elsewhere",
    ]


def test_nothing_depends_on_the_name_of_a_provider() -> None:
    """No comparison with one of the names, outside the registry and the sandbox itself."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in PLANCAST.rglob("*.py")
        if path.relative_to(PLANCAST).parts[0] != "sandbox"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare)
        for part in (node.left, *node.comparators)
        if isinstance(part, ast.Constant) and part.value in BUILT_IN
    ]
    assert found == []


def test_capabilities_are_set_once() -> None:
    """They are assigned when a provider is made, and nowhere else."""
    found = [
        f"{path.relative_to(ROOT)}:{function.name}"
        for path in PLANCAST.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef) and function.name != "__init__"
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
        and node.attr == "capabilities"
        and isinstance(node.ctx, ast.Store)
    ]
    assert found == []


def test_every_capability_and_every_feature_is_read() -> None:
    from dataclasses import fields  # noqa: PLC0415

    from plancast.model.ports import Capabilities  # noqa: PLC0415

    loaded = {
        node.attr
        for path in PLANCAST.rglob("*.py")
        if path.relative_to(PLANCAST).parts[0] not in ("sandbox", "providers", "testing")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }
    names = {item.name for kind in (Capabilities, Features) for item in fields(kind)}
    assert names - loaded == set()


@pytest.mark.parametrize("arguments", [["--help"], ["plan", "--help"], ["init", "--help"]])
def test_no_package_is_searched_for_where_no_list_is_asked_for(arguments: list[str]) -> None:
    code = (
        "import sys, plancast.commands.main as m\n"
        f"sys.argv = ['plancast', *{arguments!r}]\n"
        "try: m.main()\n"
        "except SystemExit: pass\n"
        "sys.exit(' '.join({'plancast.providers.entry_points', 'httpx'} & set(sys.modules)) or 0)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr) == (0, "")


# -- packages ----

MODULE = """
from dataclasses import replace
from plancast.model.features import Features
from plancast.providers import ProviderInfo
def make(context):
    raise AssertionError("not here")
INFO = ProviderInfo("{name}", "The elsewhere", Features(threads=True), make, ("ELSEWHERE_KEY",))
"""


def package(
    folder: Path,
    name: str = "elsewhere",
    value: str = "",
    code: str = "",
    module: str = "elsewhere_provider",
) -> Path:
    """A package that registers a provider, as pip leaves it in a folder."""
    about = folder / f"{module}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        f"[plancast.providers]\n{name} = {value or f'{module}:INFO'}\n"
    )
    (folder / f"{module}.py").write_text(code or MODULE.format(name=name))
    return folder


def looking(
    *folders: Path, untrusted: tuple[Path, ...] = (), trusted: tuple[Path, ...] = ()
) -> Installed:
    return Installed(tuple(map(str, folders)), untrusted, trusted)


@pytest.fixture(autouse=True)
def _forget_modules() -> object:
    yield
    for name in [name for name in sys.modules if name.startswith("elsewhere_")]:
        del sys.modules[name]


def test_a_package_adds_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(package(tmp_path)))
    found = looking(tmp_path).find("elsewhere")
    assert found is not None
    assert (found.title, found.secrets) == ("The elsewhere", ("ELSEWHERE_KEY",))
    assert registry.find("elsewhere") == found
    assert registry.title("elsewhere") == "The elsewhere"
    assert registry.features(ProviderSettings("elsewhere")).title == "The elsewhere"
    assert "ELSEWHERE_KEY" in registry.secrets(registry.installed())
    assert looking(tmp_path).find("another") is None


def test_the_keys_of_a_package_are_kept_out_of_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(package(tmp_path)))
    report_bug(ValueError("the key is s3cret-key"), {"ELSEWHERE_KEY": "s3cret-key"})
    file = capsys.readouterr().err.split("The details are in ")[1].strip().rstrip(".")
    text = Path(file).read_text(encoding="utf-8")
    Path(file).unlink()
    assert "s3cret-key" not in text


def test_git_is_started_without_the_keys_of_a_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(package(tmp_path / "site")))
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "plancast.yaml").write_text(
        "version: 1\nprovider: elsewhere\nprofiles:\n  x: {service: twitter}\n"
    )
    environ = {"ELSEWHERE_KEY": "a", "BUFFER_API_KEY": "b", "GITHUB_TOKEN": "c"}
    runtime = Runtime(folder, environ, Console(StringIO(), StringIO(), StringIO()))
    assert runtime.git_environ == {"GITHUB_TOKEN": "c"}
    assert runtime.environ == environ, "the provider itself has its key"


def test_no_package_takes_a_built_in_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(package(tmp_path, "buffer")))
    assert registry.get("buffer") is registry.BUFFER_V1
    assert looking(tmp_path).names() == ()
    assert looking(tmp_path).find("buffer") is None


BROKEN = {
    "no module": ("elsewhere_missing:INFO", "", "no module"),
    "no name": ("elsewhere_provider:NOTHING", "", "cannot be loaded"),
    "it does not compile": ("", "def (\n", "cannot be loaded"),
    "it raises": ("", "raise RuntimeError('boom')\n", "boom"),
    "it ends the process": ("", "raise ImportError('no such thing')\n", "no such thing"),
    "another kind of value": ("", "INFO = 7\n", "no ProviderInfo"),
    "another name": ("", MODULE.format(name="others"), "calls itself others"),
    "a name that cannot be": ("", MODULE.format(name="No Name"), "cannot be loaded"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_package_is_named_and_its_trouble_told(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value, code, words = BROKEN[case]
    monkeypatch.syspath_prepend(str(package(tmp_path, value=value, code=code)))
    with pytest.raises(Stop) as stop:
        looking(tmp_path).find("elsewhere")
    (problem,) = stop.value.diagnostics
    assert problem.code == "PC814"
    assert problem.detail.startswith("elsewhere: ")
    assert words in problem.detail
    assert looking(tmp_path).usable() == ()
    assert "elsewhere" in looking(tmp_path).names()


def test_two_packages_of_one_name_are_refused(tmp_path: Path) -> None:
    package(tmp_path / "one")
    package(tmp_path / "two", module="elsewhere_other")
    with pytest.raises(Stop) as stop:
        looking(tmp_path / "one", tmp_path / "two").find("elsewhere")
    assert "two packages" in stop.value.diagnostics[0].detail


def test_a_factory_that_connects_nothing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = MODULE.format(name="elsewhere").replace('raise AssertionError("not here")', "return 7")
    monkeypatch.syspath_prepend(str(package(tmp_path, code=code)))
    with pytest.raises(Stop) as stop:
        registry.connect(context(tmp_path / "workspace", "elsewhere"))
    assert stop.value.diagnostics[0].code == "PC814"


# -- what a repository cannot do ----

RAN = "from pathlib import Path\nPath({mark!r}).touch()\n"


def test_metadata_in_a_checkout_counts_for_nothing(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    (checkout / ".git").mkdir(parents=True)
    package(checkout / "vendor")
    assert looking(checkout / "vendor", untrusted=checkouts(checkout / "social")).names() == ()


def test_code_in_a_checkout_is_not_run_though_a_package_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package is installed, and a file of the same name stands before it on the path."""
    checkout, mark = tmp_path / "checkout", tmp_path / "ran"
    (checkout / ".git").mkdir(parents=True)
    (checkout / "elsewhere_provider.py").write_text(RAN.format(mark=str(mark)))
    package(tmp_path / "site")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.syspath_prepend(str(checkout))
    search = looking(checkout, tmp_path / "site", untrusted=checkouts(checkout))
    with pytest.raises(Stop) as stop:
        search.find("elsewhere")
    assert "lies in a checkout" in stop.value.diagnostics[0].detail
    assert not mark.exists()


def test_a_virtual_environment_may_lie_in_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = package(tmp_path / ".venv" / "site-packages")
    monkeypatch.syspath_prepend(str(site))
    assert looking(site, untrusted=(tmp_path,), trusted=(site,)).find("elsewhere") is not None


def test_python_m_in_a_hostile_checkout_finds_no_provider_there(tmp_path: Path) -> None:
    """`python -m` puts the current folder on the path: a package there is none."""
    mark = tmp_path / "ran"
    package(tmp_path, code=RAN.format(mark=str(mark)))
    (tmp_path / "plancast.yaml").write_text(
        "version: 1\nprovider: elsewhere\nprofiles:\n  x: {service: twitter}\n"
    )
    command = [sys.executable, "-m", "plancast", "plan"]
    ended = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "PC801" in ended.stderr
    assert not mark.exists()


# -- without a package ----


def test_of_a_provider_that_is_not_installed_nothing_is_held_against_a_post() -> None:
    able = registry.features(ProviderSettings("not-here"))
    assert able.threads
    assert able.refuses_as == "not-here"


def test_an_option_that_a_provider_does_not_have_is_refused(tmp_path: Path) -> None:
    def make(_context: ProviderContext) -> Connected:
        return Connected(FakeProvider(FakeClock()), FakeClock())

    plain = ProviderInfo("plain", "Plain", Features(), make)
    with pytest.raises(Stop) as stop:
        registry.check_options(plain, {"token": "x"})
    (problem,) = stop.value.diagnostics
    assert problem.code == "PC201"
    assert "It has none." in problem.hint
