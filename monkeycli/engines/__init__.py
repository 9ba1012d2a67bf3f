"""Several workers on one run: on one machine, or wherever a plugin can start them."""
