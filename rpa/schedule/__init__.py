"""*When* flows run: the manifest, due times, triggers. The ledger decides; schedulers only propose."""
