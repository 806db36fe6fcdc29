"""Reference data of countries, as files: divisions, public holidays, life events (data, no code)."""
