"""Tables of papers, from the LaTeX that arXiv serves: from the files of an e-print to grids of cells with heads."""
