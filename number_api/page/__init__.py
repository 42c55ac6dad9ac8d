"""The page at /: the hundred numbers to look at and to click, for which it uses the API as any client does."""
