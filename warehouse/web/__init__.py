"""The explorer: the publication as a site that is read in a browser, without a line of SQL."""
