"""The labs: a module a lab (its predictions, checks, quiz), and what all labs share. The notebooks use `lambdadeck.lesson`."""
