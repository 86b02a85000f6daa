"""Tryton 8.0 on SQLite as a separate program: the ERP that we did not write."""
