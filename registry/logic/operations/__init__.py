"""The plans of operators' operations: each planner returns steps, and every step its reason."""
