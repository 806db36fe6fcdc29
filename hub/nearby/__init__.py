"""What others reported nearby: open cases one may join, and how much was reported where; never who or in which words."""
