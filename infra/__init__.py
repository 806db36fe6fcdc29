"""Where all meets and runs: processes, command line, demo."""
