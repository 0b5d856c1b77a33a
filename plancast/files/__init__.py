"""Safe access to the files that plancast keeps in a workspace, and to those that the user names."""
