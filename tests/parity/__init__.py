"""A review is ``invoke`` with a person in it: one table of graphs, run by LangGraph alone and by nbhitl."""
