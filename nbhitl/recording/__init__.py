"""What is written into the notebook."""
