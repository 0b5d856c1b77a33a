"""How plans, problems and progress are shown.

Renderers know layout and nothing else, and none of them knows another. `formats` lists them.
"""
