"""Tryton driven by a flow: many items, and faults on purpose."""
