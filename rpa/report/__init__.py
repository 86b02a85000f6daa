"""What people read about runs."""
