"""The verbs of the browser family, one module for each kind of verb. `bots/catalog.py` lists the modules."""
