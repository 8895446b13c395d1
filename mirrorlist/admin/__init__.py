"""Admin pages of the mirrorlist: snapshots, statistics, logs, tokens of edges, operations."""

from mirrorlist.admin import edges, log_imports, operations, snapshots, statistics

__all__ = ["edges", "log_imports", "operations", "snapshots", "statistics"]
