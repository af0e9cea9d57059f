"""The card and the console that a person sees."""
