"""Reports that citizens have not sent yet, kept so that nothing they typed is lost."""
