"""Files that nobody should send, in the shape of each source where they have one. `findings/SOURCE-NAME` holds what
fuzzing found."""

import gzip
import io
import json
import zipfile
from pathlib import Path

from tests.fuzzing.seeds import SEEDS

FINDINGS = Path(__file__).parent / "findings"

# What a title can hold that something downstream could take for its own.
HOSTILE_TITLES = {
    "sql": "Stones'); drop table raw.papers; --",
    "html": "Stones <script>alert('paperhouse')</script> and <img src=x onerror=alert('paperhouse')>",
    "jinja": "Stones {{ 7 * 191 }} {% for i in range(9) %}pebble{% endfor %}",
    "dbt": "Stones {{ var('nothing') }} {{ env_var('HOME') }}",
    "shell": "Stones $(touch paperhouse-was-here) `touch paperhouse-was-here`; touch paperhouse-was-here",
    "terminal": "Stones \x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J",
    "formula": '=HYPERLINK("http://127.0.0.1/"&A1,"Stones")',
    "markup": "Stones [bold red]markup[/] [link=http://127.0.0.1]",
    "override": "Stones \u202egnp.exe\u202c and \u2066isolates\u2069",
    "zero_width": "S\u200bt\u200bo\u200bn\u200be\u200bs of zero\ufeff width",
    "combining": "Stones " + "o" + "\u0301" * 5000 + " flooded",
    "emoji": "Stones 👩‍👩‍👧‍👦 of 🏳️‍🌈 the family 🗿",
    "separators": "Stones\u2028on two\u2029lines",
    "path": "../../../../etc/passwd of stones",
    "format": "Stones %s%s%n {0.__class__} ${jndi:ldap://127.0.0.1/a}",
    "nul": "Stones \x00 in the middle",
    "right_to_left": "אבנים Stones מסודרות",
}
_ABSTRACT = "Our sorter reaches 91.5% accuracy on CIFAR-10. It gains 3.1% more with stones of one size."


def hostile_day() -> bytes:
    """A daily list whose fields are all hostile."""
    papers = [
        {
            "id": f"2603.{i:05d}",
            "title": title,
            "authors": [title],
            "abstract": f"{title}. {_ABSTRACT}",
            "upvotes": i,
            "tags": [title],
        }
        for i, title in enumerate(HOSTILE_TITLES.values(), start=1)
    ]
    return json.dumps({"date": "2026-03-05", "papers": papers}).encode()


def _zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def _laughs() -> bytes:
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
    return f'<!DOCTYPE l [<!ENTITY e0 "ha">{entities}]><feed xmlns="http://www.w3.org/2005/Atom">&e11;</feed>'.encode()


def bad_files(source: str) -> dict[str, bytes]:
    """name → bytes, for a source: what is bad anywhere, its own files cut and broken, and what fuzzing found."""
    own = SEEDS[source]()
    (first, *_) = own
    text = first.decode("utf-8", "replace")
    found = {
        "empty": b"",
        "nul": b"\x00" * 1000,
        "invalid_utf8": b"Stones \xff\xfe\xc0\xaf\xed\xa0\x80 and more\n" * 5,
        "own_with_invalid_utf8": first.replace(b"Stones", b"St\xffones"),
        "utf16": text.encode("utf-16"),
        "utf16_without_mark": text.encode("utf-16-le"),
        "utf32": text.encode("utf-32"),
        "bom": b"\xef\xbb\xbf" + first,
        "crlf": first.replace(b"\n", b"\r\n"),
        "lone_cr": first.replace(b"\n", b"\r"),
        "separators": text.replace("\n", "\u2028").encode(),
        "cut": first[: len(first) * 2 // 3],
        "cut_in_a_character": "Stones, größer".encode()[:-3],
        "gzip_cut": gzip.compress(first)[:-9],
        "gzip_bomb": gzip.compress(b"[" + b"0," * 30_000_000 + b"0]", 1),
        "gzip_of_gzip": gzip.compress(gzip.compress(first)),
        "zip_of_two": _zipped(a=first, b=first),
        "zip_cut": _zipped(a=first)[:-30],
        "zip_path": _zipped(**{"../../escaped": first}),
        "xml_laughs": _laughs(),
        "xml_external": b'<!DOCTYPE f [<!ENTITY a SYSTEM "file:///etc/passwd">]><feed xmlns="http://www.w3.org/2005/Atom"><title>&a;</title></feed>',
        "xml_deep": b"<a>" * 100_000 + b"</a>" * 100_000,
        "json_deep": b"[" * 100_000 + b"]" * 100_000,
        "json_deep_objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "json_numbers": b'[{"id": 1e999, "title": NaN, "upvotes": -0, "paper": Infinity, "rank": '
        b"123456789012345678901234567890}]",
        "json_keys_twice": b'[{"id": "2603.00001", "id": "2603.00002", "title": "a", "title": "b"}]',
        "json_surrogate": b'[{"id": "2603.00001", "title": "Stones \\ud800 and \\udfff"}]',
        "html_deep": b"<html>" + b"<div>" * 50_000 + b"<article><h3>Stones</h3>",
    }
    for name, title in HOSTILE_TITLES.items():
        as_json = json.dumps(title)[1:-1]
        inside = as_json if first[:1] in b"[{" else title.replace("\x00", "")
        found[f"title_{name}"] = (
            text.replace("Sorting Stones", inside).replace("Stones", inside, 1).encode("utf-8", "surrogatepass")
        )
    return found | {path.name: path.read_bytes() for path in sorted(FINDINGS.glob(f"{source}-*"))}
