"""Page objects: what a person can do and read on each page, by its words and roles, never by its markup."""
