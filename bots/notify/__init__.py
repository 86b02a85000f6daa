"""Telling people: `notify.email`, `notify.webhook`, `notify.file`."""
