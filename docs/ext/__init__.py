"""What the documentation site is made with: pages from the method, the code and the command."""
