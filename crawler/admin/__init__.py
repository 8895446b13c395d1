"""Admin pages of the crawler: scans of the master and crawls of Hosts."""
