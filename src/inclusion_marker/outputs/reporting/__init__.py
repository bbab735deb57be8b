"""What the report is made of: a section a module, and the page that holds them."""
