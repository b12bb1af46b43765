"""Fetching and reading: spiders, page objects, the frontier, the commands."""
