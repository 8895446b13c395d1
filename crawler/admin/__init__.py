"""Admin pages of the crawler: scans of the master, crawls of Hosts, propagation, operations."""

from crawler.admin import crawls, operations, propagation, scans

__all__ = ["crawls", "operations", "propagation", "scans"]
