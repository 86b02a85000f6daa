"""Pages to look at the service in a browser on the same machine. They change nothing."""
