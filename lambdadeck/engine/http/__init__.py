"""The HTTP front: guard, Signature Version 4, the Invoke path."""
