"""*When* does it run, what is *remembered*: engine, ledger, schedule, replay, review, command line."""

__version__ = "0.1.0"
