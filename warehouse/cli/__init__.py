"""The command line: a module for each group of commands, and what a terminal shows. It imports everything; nothing
imports it."""
