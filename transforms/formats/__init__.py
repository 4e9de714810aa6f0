"""Formats that sources share: entries of JSON, XML and lines, arXiv's and Hugging Face's fields, pages of a live
source, and drift of fields."""
