"""Tests of the targets service."""
