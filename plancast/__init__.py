"""plancast: Terraform for the social queue.

As a library it loads the files of a workspace, plans them and gives the plan as values:

    import plancast

    plan = plancast.plan_workspace("content")
    for change in plan.changes:
        print(change.action.value, change.address)

The names of `__all__` are the public API, described in docs/library.md and stable from version 0.1
on. They are imported when they are first used, so that `import plancast` costs nothing; their types
are in __init__.pyi.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

__all__ = [
    "Account",
    "Action",
    "Address",
    "Capabilities",
    "Change",
    "Desired",
    "Diagnostic",
    "Entry",
    "Features",
    "FieldDiff",
    "Image",
    "Link",
    "LiveEntry",
    "LoadedWorkspace",
    "NetworkLimits",
    "NotFound",
    "OutcomeUnknown",
    "Plan",
    "Policy",
    "Post",
    "Profile",
    "Provider",
    "ProviderError",
    "RateLimited",
    "Rejected",
    "Severity",
    "Stage",
    "StateError",
    "ThreadItem",
    "Unauthorized",
    "Unreachable",
    "Video",
    "Workspace",
    "WorkspaceError",
    "__version__",
    "load_workspace",
    "plan_workspace",
]

_MODULES = {
    "api": ("LoadedWorkspace", "WorkspaceError", "load_workspace", "plan_workspace"),
    "model.address": ("Address",),
    "model.diagnostics": ("Diagnostic", "Severity"),
    "model.entry": ("Entry", "Image", "Link", "LiveEntry", "Stage", "ThreadItem", "Video"),
    "model.features": ("Features",),
    "model.limits": ("NetworkLimits",),
    "model.plan": ("Action", "Change", "FieldDiff", "Plan"),
    "model.ports": (
        "Capabilities", "NotFound", "OutcomeUnknown", "Provider", "ProviderError", "RateLimited",
        "Rejected", "StateError", "Unauthorized", "Unreachable",
    ),
    "model.profile": ("Account", "Profile"),
    "model.workspace": ("Desired", "Policy", "Post", "Workspace"),
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, also those that were not used yet."""
    return sorted({*globals(), *__all__})
