"""Is the copy there, and is it current?"""
