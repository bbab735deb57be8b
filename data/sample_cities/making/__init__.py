"""What the scripts of the synthetic sample cities share: fields, streets, census, files."""
