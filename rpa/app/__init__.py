"""The composition root: the only place that puts settings, ledger, catalog and concrete bots together."""
