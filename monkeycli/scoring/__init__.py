"""How right predictions are: metrics, intervals, gold answers and published scores. No model."""
