"""Text: repair of what sources broke, sentences, and the language of a text."""
