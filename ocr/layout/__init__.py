"""The learned layout model: words with boxes in, field tags, roles and rows out."""
