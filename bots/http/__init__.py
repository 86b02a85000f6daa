"""Web services: `http.request`."""
