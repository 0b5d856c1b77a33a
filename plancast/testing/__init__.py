"""Tests, fakes and builders for authors of providers and of stores (docs/writing-a-provider.md).

Nothing else in plancast imports this package. The two contracts need pytest, which plancast does
not install; the rest needs nothing.
"""
