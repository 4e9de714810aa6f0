"""Pure functions on bytes, strings and polars frames. Nothing here reads a clock, a file or a socket."""
