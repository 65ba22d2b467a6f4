"""Things on a dressed body: accessories and hair."""
