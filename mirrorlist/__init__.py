"""Where should this client go?"""
