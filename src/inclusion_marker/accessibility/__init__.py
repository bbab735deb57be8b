"""How far the people of each cell are from what they need."""
