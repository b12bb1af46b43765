"""Readers of pages whose site is not known: articles, threads, feeds and JSON."""
