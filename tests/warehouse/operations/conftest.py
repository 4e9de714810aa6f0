"""What pytest leaves alone here."""

collect_ignore = ["validators/validate.py"]  # for a Python of its own
