"""Characters that no text should hold, as parts of a class of a regular expression."""

import re

CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # without tab and the ends of lines
DIRECTION = r"\u202a-\u202e\u2066-\u2069"  # turn the direction of what follows
INVISIBLE = r"\u200b\u2060\ufeff\ufffe\uffff"  # of no width, or no character at all
SURROGATES = r"\ud800-\udfff"  # Rust's regular expressions know none, and polars holds no text that has any

UNPRINTABLE = re.compile(f"[{CONTROL}{INVISIBLE}{DIRECTION}{SURROGATES}]")
# In a name, which is of one line.
UNPRINTABLE_IN_NAMES = rf"[{CONTROL}{INVISIBLE}{DIRECTION}\t\n\r\u2028\u2029]"
# What a terminal, or a reader's eye, could take for a command.
UNSAFE_ON_TERMINALS = re.compile(rf"[{CONTROL}{DIRECTION}\r]")
# What neither DuckDB nor UTF-8 can carry.
UNSTORABLE = re.compile(rf"[\x00{SURROGATES}]")
