"""Rules about posts that no network makes. Pure."""
