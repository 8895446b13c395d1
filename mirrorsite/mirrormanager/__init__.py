"""The outside of an import from MirrorManager: its PostgreSQL database, and the report."""
