"""The functions and classes for users: reviews of graphs, and questions without a graph."""
