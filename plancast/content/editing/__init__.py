"""Files that people wrote, changed in place: comments, order and quotes are kept."""
