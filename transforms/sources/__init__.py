"""The sources: NAME.yml holds a source's config, NAME.py its `parse`. The folder is the registry;
warehouse/upstream/sources.py reads it."""
