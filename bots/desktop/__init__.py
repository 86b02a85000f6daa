"""Desktop programs, driven by what they are: accessible things first, text on the screen, pictures, points
last.

Nothing of the desktop is imported before a bot is opened: the package can be imported without a display.
"""
