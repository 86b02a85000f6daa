"""Mail: `mail.list`, `mail.send`."""
