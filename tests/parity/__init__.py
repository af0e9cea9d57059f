"""A review equals ``invoke`` with a person: a table of graphs, each run by LangGraph alone and by nbhitl."""
