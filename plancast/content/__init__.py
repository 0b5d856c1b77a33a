"""From files to values: reading YAML by our own rules, finding posts, checking shapes."""
