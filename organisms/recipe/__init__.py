"""Trains the organisms: small models with a behaviour planted on purpose, to test detectors on."""
