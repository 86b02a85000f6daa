"""CSV and Excel: `tables.…`."""
