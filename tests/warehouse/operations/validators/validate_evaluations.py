"""What the validators of Every Eval Ever and of the Hugging Face Hub say of exports, as JSON: run by a Python of its
own. Arguments: a folder of records, a folder of .eval_results files."""

import json
import sys
from pathlib import Path

sys.path.append(str(Path(sys.prefix) / "every-eval-ever"))

import yaml
from every_eval_ever.validator.validation_core import validate_file
from huggingface_hub import parse_eval_result_entries

records, results = map(Path, sys.argv[1:])
reports = [
    validate_file(file, repo_path=str(file.relative_to(records)), run_semantic_checks=True)
    for file in sorted(records.rglob("*.json"))
]
entries = [
    [file.relative_to(results).parts[:2], len(parse_eval_result_entries(yaml.safe_load(file.read_text("utf-8"))))]
    for file in sorted(results.rglob("*.yaml"))
]
problems = [
    (str(report.file_path), report.errors, report.warnings) for report in reports if report.errors or report.warnings
]
sys.stdout.write(json.dumps({"records": len(reports), "problems": problems, "entries": entries}) + "\n")
