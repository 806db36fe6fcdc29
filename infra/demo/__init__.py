"""The demonstration: one case walked through its whole life, and a month of six agencies on a virtual clock."""
