"""Files to tables: read, checked, on the cells of the city."""
