"""People for whom a rule over columns of their profile holds: what pages call a segment."""
