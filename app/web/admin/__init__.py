"""Administration: units, people, mailboxes, rules, calendars and settings. Each change is audited, none needs a restart."""
