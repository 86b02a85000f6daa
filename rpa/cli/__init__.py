"""The command `rpa`."""
