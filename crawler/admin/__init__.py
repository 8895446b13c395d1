"""Admin pages of the crawler: scans of the master and crawls of Hosts."""

from crawler.admin import scans

__all__ = ["scans"]
