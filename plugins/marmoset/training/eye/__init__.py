"""Teaching the eye to read print: characters first, then words."""
