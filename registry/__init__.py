"""Who mirrors what, and who may change it."""
