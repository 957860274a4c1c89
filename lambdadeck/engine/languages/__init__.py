"""Toolchains, compilers and the commands that start each runtime."""
