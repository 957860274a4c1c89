"""Lambda's own API: functions, versions, aliases, permissions, layers and their settings."""
