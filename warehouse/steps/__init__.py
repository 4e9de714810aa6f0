"""Steps: fetch, land, parse, check, load, resolve, build, audit, publish, one module each, and the pipeline that runs
them in one process. They import `publishing`, `upstream`, `storage` and what is below.
"""
