"""How fast this machine runs a model: stages, arithmetic, and the published way for comparison."""
