"""Admin pages of the crawler: scans of the master and crawls of Hosts."""

from crawler.admin import crawls, operations, scans

__all__ = ["crawls", "operations", "scans"]
