"""Fields from a reading: candidates, checks, a decision, and a probability that means what it says."""
