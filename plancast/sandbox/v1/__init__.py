"""API v1 as the local Buffer speaks it."""
