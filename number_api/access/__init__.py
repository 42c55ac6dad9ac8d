"""Who may ask what, under which name, and how often."""
