"""Real servers for tests: started on free loopback ports with random keys, stopped by pid."""
