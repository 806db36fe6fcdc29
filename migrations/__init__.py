"""Migrations of the database: every table arrives with its fence."""
