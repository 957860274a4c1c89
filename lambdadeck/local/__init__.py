"""The embedded Lambda: an AWS endpoint on 127.0.0.1 that really runs the code. It knows nothing of the talk."""
