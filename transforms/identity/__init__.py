"""Identity: ids, keys and hashes of papers, and which records are one paper."""
