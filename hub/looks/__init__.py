"""Looks: a body's own colour and logo, cleaned before they are kept, so that pages can show them to everybody."""
