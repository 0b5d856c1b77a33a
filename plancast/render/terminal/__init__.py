"""Renderers for a person at a terminal: plans, progress, problems, status and tables."""
