"""The sources: NAME.yml holds a source's facts, NAME.py its `parse`. The folder is the registry; warehouse/sources.py reads it."""
