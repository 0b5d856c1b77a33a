from plancast.api import LoadedWorkspace, WorkspaceError, load_workspace, plan_workspace
from plancast.model.address import Address
from plancast.model.diagnostics import Diagnostic, Severity
from plancast.model.entry import Entry, Image, Link, LiveEntry, Stage, ThreadItem, Video
from plancast.model.features import Features
from plancast.model.limits import NetworkLimits
from plancast.model.plan import Action, Change, FieldDiff, Plan
from plancast.model.ports import (
    Capabilities,
    NotFound,
    OutcomeUnknown,
    Provider,
    ProviderError,
    RateLimited,
    Rejected,
    StateError,
    Unauthorized,
    Unreachable,
)
from plancast.model.profile import Account, Profile
from plancast.model.workspace import Desired, Policy, Post, Workspace

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

__version__: str
