"""What the analyses say, in words: for a terminal and for a report."""
