"""Import of real history: what a mapping says about a city's file, and the file's rows read by it."""
