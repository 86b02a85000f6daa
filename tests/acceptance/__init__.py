"""The main job against real programs."""
