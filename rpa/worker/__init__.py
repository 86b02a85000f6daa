"""Who executes runs: a supervisor that owns the lease, and a child process per run."""
