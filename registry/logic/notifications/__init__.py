"""Who is told what, when, and in which words. Sends nothing and knows no tables."""
