"""MirrorManager's tables: what their rows mean here, and what is chosen where they disagree."""
