"""A replay is a new run that points at the old one; nothing in the ledger is rewritten."""
