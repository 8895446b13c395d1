"""Where a client is: country and autonomous system of an address."""
