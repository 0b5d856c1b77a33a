"""The rules of each network: limits, counting, settings, requirements. Pure."""
