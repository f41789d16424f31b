"""Makes the tables and figures of the paper: see `make --help`."""
