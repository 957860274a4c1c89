"""The six labs, each in labN.py with its checks in labN_checks.py; cells use lambdadeck.lesson."""
