"""Measure extraction against truth: per field, per line item, and whether the confidence is honest."""
