"""Tests of the pollers and their events."""
