"""The parts of the audit: statistics of a table, and the steps that find something in them."""
