"""What the numbers of a paper's tables are results of: task, dataset, metric, and whose method."""
