"""Files that citizens and staff attach to cases: taken in, examined, kept, handed out and erased."""
