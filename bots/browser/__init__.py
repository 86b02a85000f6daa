"""The browser bot: acts on web applications as a person sees them, through Playwright."""
