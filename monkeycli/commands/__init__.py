"""The commands of `monkey`, a file each: options in, one call out. The work is imported on call."""
