"""Steps and flags that several commands have in common."""
