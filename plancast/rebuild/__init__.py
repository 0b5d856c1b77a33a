"""Finding owned entries again by their content, after a state was lost or the API has changed.

Pure.
"""
