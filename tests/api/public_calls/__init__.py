"""Everything that a user can import and call, with one valid call of each, by room."""
