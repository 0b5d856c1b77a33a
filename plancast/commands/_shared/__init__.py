"""What several commands do, and the flags that they take."""
