"""The reports, one a fix, named after it. Each docstring is the text of one: a title, and what is wrong."""
