"""What can be *done*: every action, and the bots that perform them."""
