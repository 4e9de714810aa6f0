"""What pytest leaves alone here."""

collect_ignore = ["validators/validate.py", "validators/validate_evaluations.py"]  # for a Python of its own
