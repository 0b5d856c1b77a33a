"""Substack: notes. The current API takes them since October 2026; API v1 never knew the network.

Neither Buffer nor Substack publishes limits of notes, so none is checked.
"""

from plancast.model.limits import Counting
from plancast.networks.base import Layout, Network, NetworkLinks, NetworkLook, NetworkText, Portrait

SUBSTACK = Network(
    name="substack",
    title="Substack",
    look=NetworkLook("S", "#b34a12", Layout.STREAM, Portrait.ROUNDED),
    text=NetworkText(None, Counting.UTF16, source="not published"),
    links=NetworkLinks(cards=True),
    needs_source="`assumed`",
)
