"""Publishing: what a publication holds beside its tables. The search index, SQL macros, feeds, the report and their
templates. It imports `storage` and what is below it; `steps.publish` writes what it makes.
"""
