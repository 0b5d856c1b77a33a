"""The workspace, the world and the streams, as a command gets them beside its arguments."""
