"""What users call: reviews of graphs and questions of their own."""
