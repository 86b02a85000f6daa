"""Asking a person: `review.ask`, `review.confirm`."""
