"""Reading documents: `document.read`, `document.extract`, `document.classify`."""
