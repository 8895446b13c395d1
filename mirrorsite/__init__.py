"""The Mirrorsite project: settings, addresses, schedules, checks and the demo world."""
