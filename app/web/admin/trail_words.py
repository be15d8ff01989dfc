"""What each line of the audit trail is called."""

from __future__ import annotations

from app.texts.catalogue import N_
from app.web.language import gettext

ACTIONS = {
    "ticket_opened": N_("Opened a ticket of another unit as administrator"),
    "ticket_printed": N_("Printed a ticket"),
    "protected": N_("Marked an identity as protected"),
    "unprotected": N_("Ended the protection of an identity"),
    "protected_opened": N_("Opened a protected identity"),
    "protected_seen": N_("Looked at a protected identity"),
    "identified": N_("Said who a citizen is"),
    "persons_merged": N_("Merged two citizens"),
    "persons_parted": N_("Parted two citizens"),
    "citizen_described": N_("Changed a citizen's card"),
    "contact_added": N_("Added a way to reach a citizen"),
    "contact_removed": N_("Removed a way to reach a citizen"),
    "ticket_begun": N_("Began a ticket"),
    "inbound_retried": N_("Tried a mail or letter once more"),
    "inbound_filed": N_("Filed a mail or letter by hand"),
    "inbound_dismissed": N_("Dismissed an incoming mail or letter"),
    "delivery_seen_to": N_("Saw to a mail that did not arrive"),
    "mail_again": N_("Allowed mail to an address that it came back from"),
    "logins_ended": N_("Ended log-ins"),
    "view_kept": N_("Kept a view"),
    "view_removed": N_("Removed a view"),
    "template_saved": N_("Changed a text template"),
    "template_retired": N_("Took a text template out of use"),
    "template_offered": N_("Took a text template into use"),
    "signature_saved": N_("Changed a signature"),
    "source_added": N_("Added a mailbox or folder"),
    "source_changed": N_("Changed a mailbox or folder"),
    "user_added": N_("Added a person"),
    "user_invited": N_("Invited a person"),
    "user_changed": N_("Changed a person"),
    "user_left": N_("Closed a person's account"),
    "user_back": N_("Opened a person's account again"),
    "tickets_handed_over": N_("Handed tickets over"),
    "reset_sent": N_("Sent a link for a new password"),
    "reset_asked": N_("Asked for a new password"),
    "password_changed": N_("Changed a password"),
    "second_factor_on": N_("Set up a second factor"),
    "second_factor_off": N_("Turned a second factor off"),
    "recovery_codes_made": N_("Made new recovery codes"),
    "recovery_code_used": N_("Logged in with a recovery code"),
    "passkey_added": N_("Added a passkey"),
    "passkey_removed": N_("Removed a passkey"),
    "identity_bound": N_("Was recognised by the authority's log-in service"),
    "factors_forgotten": N_("Took second factor and passkeys from a person"),
    "unit_added": N_("Added a unit"),
    "unit_changed": N_("Changed a unit"),
    "topic_added": N_("Added a topic"),
    "topic_changed": N_("Changed a topic"),
    "policy_changed": N_("Changed targets"),
    "calendar_changed": N_("Changed opening hours"),
    "rules_changed": N_("Changed the routing"),
    "settings_changed": N_("Changed settings"),
}


def action_words(action: str) -> str:
    """The name of a kind of line; an unknown one is shown as it is."""
    return gettext(ACTIONS[action]) if action in ACTIONS else action.replace("_", " ")
