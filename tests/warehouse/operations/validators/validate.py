"""What the validators say of a release, as JSON: run by a Python of its own."""

import json
import logging
import sys

import frictionless
import mlcroissant

folder = sys.argv[1]
logging.disable()
dataset = mlcroissant.Dataset(jsonld=f"{folder}/croissant.json")
counts = {name: sum(1 for _ in dataset.records(record_set=name)) for name in sys.argv[2:]}
report = frictionless.Package(f"{folder}/datapackage.json").validate()
facts = {
    "croissant": dataset.metadata.ctx.issues.report(), "records": counts,
    "frictionless": report.flatten(["type", "message"]), "tables": report.stats["tasks"],
}  # fmt: skip
sys.stdout.write(json.dumps(facts) + "\n")
