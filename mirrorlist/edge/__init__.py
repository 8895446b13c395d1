"""The edge: a process of its own that answers clients from a snapshot, without Django."""
