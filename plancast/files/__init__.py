"""Files: the one way to the files that plancast keeps, and to those that the user names."""
