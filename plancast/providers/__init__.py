"""Who keeps the queue: one row for each provider in `registry`, one room for each wire."""

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
