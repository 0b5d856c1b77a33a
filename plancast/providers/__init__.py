"""The providers, which keep the queue: a row for each in `registry`, a package for each wire."""

from __future__ import annotations

from plancast.providers.registry import (
    Connected,
    ProviderContext,
    ProviderInfo,
    ProviderOption,
    connect,
    features,
)

__all__ = [
    "Connected",
    "ProviderContext",
    "ProviderInfo",
    "ProviderOption",
    "connect",
    "features",
]
