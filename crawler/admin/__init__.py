"""Admin pages of the crawler: scans of the master and crawls of Hosts."""

from crawler.admin import crawls, scans

__all__ = ["crawls", "scans"]
