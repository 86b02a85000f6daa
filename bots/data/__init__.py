"""Values and checks: `data.set`, `data.assert`, `data.fail`, `data.query`."""
