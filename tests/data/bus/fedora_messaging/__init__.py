"""Stands in for the package fedora-messaging: the two names of it that we use."""
