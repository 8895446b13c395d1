"""How do bytes get there?"""
