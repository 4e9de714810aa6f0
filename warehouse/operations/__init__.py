"""Operations: the status and the faults of a home, and the pages of docs that are generated. It imports all but
`cli`."""
