"""Steps and flags that several commands share; no command imports another command."""
