"""How a run happens: inputs, items, session, steps, writes. Everything it learns goes to the ledger."""
