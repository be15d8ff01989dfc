"""Administration: units, people, mailboxes, rules, calendars and settings. Each change is audited."""
