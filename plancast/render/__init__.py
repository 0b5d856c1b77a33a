"""Renderers of plans, problems, progress and status: for a terminal, a comment, a page, machines.

A renderer decides about layout and nothing else: words and counts come from the plan, and no format
imports another. `formats` lists them.
"""
