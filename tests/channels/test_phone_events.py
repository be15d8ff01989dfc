"""Call events as an exchange posts them, right ones and wrong ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import CallEvent, CallEventKind, ChannelError, ChannelName, Party, RawItem, UnreadableError
from channels.phone.channel import create
from channels.phone.events import MAX_BYTES, parse_event

RINGING = {
    "call_id": "1764000000.12",
    "kind": "ringing",
    "at": "2026-11-22T09:30:00+01:00",
    "number": "070-174 06 05",
    "name": "Åsa Öberg",
    "dialled": "08-465 004 00",
    "agent": "Eva.Lind@Example.se",
    "language": "SV",
}
TRACES = Path(__file__).resolve().parents[3] / "shared" / "data" / "phone"


def event(**changed: Any) -> CallEvent:
    return parse_event({**RINGING, **changed})


def fault(body: Any) -> str:
    with pytest.raises(UnreadableError) as caught:
        parse_event(body)
    assert caught.value.reason == "bad_call_event"
    assert caught.value.permanent
    return str(caught.value)


def test_an_event_comes_in_one_form_from_json_and_from_a_mapping() -> None:
    expected = CallEvent(
        call_id="1764000000.12",
        kind=CallEventKind.RINGING,
        at=datetime(2026, 11, 22, 8, 30, tzinfo=UTC),
        caller=Party("+46701740605", "Åsa Öberg"),
        dialled="+46846500400",
        agent="eva.lind@example.se",
        language="sv",
    )

    assert parse_event(RINGING) == expected
    assert parse_event(json.dumps(RINGING).encode()) == expected


def test_three_fields_are_enough() -> None:
    found = parse_event({"call_id": "1", "kind": "ended", "at": "2026-11-22T08:30:00Z"})

    assert found == CallEvent("1", CallEventKind.ENDED, datetime(2026, 11, 22, 8, 30, tzinfo=UTC), Party(""))


@pytest.mark.parametrize("number", ["", "anonymous", "Anonymous", "RESTRICTED", "unknown", "unavailable"])
def test_a_caller_who_hides_the_number_is_let_through(number: str) -> None:
    assert event(number=number).caller == Party("", "Åsa Öberg")


def test_an_internal_number_is_the_callers_name() -> None:
    assert event(number="2014", name="").caller == Party("", "2014")
    assert event(dialled="9100").dialled == "9100"


def test_numbers_without_country_code_follow_the_region() -> None:
    found = parse_event({**RINGING, "number": "040 123 4567"}, region="FI")

    assert found.caller.address == "+358401234567"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"call_id": 5}, "call_id must be a text"),
        ({"call_id": ""}, "call_id is empty"),
        ({"call_id": "  "}, "call_id is empty"),
        ({"call_id": "x" * 201}, "call_id is longer than 200 characters"),
        ({"call_id": "a\nb"}, "call_id must be one line of plain text"),
        ({"kind": "transferred"}, "kind must be ringing, answered or ended"),
        ({"kind": None}, "kind is missing"),
        ({"kind": ["ringing"]}, "kind must be ringing, answered or ended"),
        ({"at": "2026-11-22T09:30:00"}, "at must have a time zone"),
        ({"at": "yesterday"}, "at must be an instant such as"),
        ({"at": 1764000000}, "at must be an instant such as"),
        ({"at": None}, "at is missing"),
        ({"at": "0001-01-01T00:00:00+05:00"}, "at is out of range"),
        ({"number": "abc"}, "number is not a telephone number"),
        ({"number": 701740605}, "number must be a text"),
        ({"dialled": "the authority's own customer service"}, "dialled is not a telephone number"),
        ({"language": "svenska!"}, "language must be a code such as sv, fi or en"),
        ({"agent": "x" * 255}, "agent is longer than 254 characters"),
        ({"colour": "red"}, "colour is not a known field"),
    ],
)
def test_a_faulty_field_is_named_in_plain_words(changed: dict[str, Any], words: str) -> None:
    assert words in fault({**RINGING, **changed})


def test_all_faulty_fields_are_named_at_once() -> None:
    message = fault({"kind": "x", "number": 3, "colour": "red"})

    for name in ("call_id is missing", "at is missing", "kind must be", "number must be", "colour is not"):
        assert name in message


def test_a_fault_never_repeats_what_was_sent() -> None:
    message = fault({**RINGING, "number": "Åsa on 070x", "language": "secret-9", "at": "Tuesday"})

    for value in ("Åsa", "070", "secret", "Tuesday"):
        assert value not in message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 60_000, "not JSON"),
        (b"[1]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"{}" + b" " * MAX_BYTES, "larger than 64 KB"),
        (b'{"call_id": 1' + b"1" * 5000 + b"}", "not JSON"),
        (b'{"call_id": "\\ud800", "kind": "ended", "at": "2026-11-22T08:30:00Z"}', "one line of plain text"),
    ],
)
def test_a_body_that_is_no_event_is_refused(body: bytes, words: str) -> None:
    assert words in fault(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*RINGING, "x"]), JSON | st.sampled_from(list(RINGING.values()))))
def test_any_json_object_is_an_event_or_a_named_fault(body: dict[str, Any]) -> None:
    try:
        found = parse_event(json.dumps(body).encode())
    except UnreadableError as error:
        refused = str(error)
    else:
        refused = ""
        assert found.at.utcoffset() == timedelta(0)

    assert refused or found.call_id


def test_nothing_is_fetched_from_an_exchange() -> None:
    with pytest.raises(ChannelError, match="pushed") as caught:
        create().open_source("ami", "pbx", {}, "")

    assert caught.value.permanent


def test_an_event_as_a_message_names_the_caller_and_the_number_called() -> None:
    item = RawItem(ChannelName.PHONE, "pbx", "1", json.dumps(RINGING).encode())

    message = create().parse(item, settings={})

    assert (message.sender, message.text) == (Party("+46701740605", "Åsa Öberg"), "")
    assert message.recipients == (Party("+46846500400"),)
    assert message.arrived_at == datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


def test_each_step_of_a_call_has_its_own_fingerprint() -> None:
    def fingerprint(**changed: str) -> str:
        raw = json.dumps({**RINGING, **changed}).encode()
        return create().parse(RawItem(ChannelName.PHONE, "pbx", "1", raw), settings={}).fingerprint

    assert fingerprint() == fingerprint(name="Another spelling")
    assert len({fingerprint(), fingerprint(kind="answered"), fingerprint(call_id="2")}) == 3


@pytest.mark.skipif(not TRACES.is_dir(), reason="the traces of a real exchange are not beside this checkout")
def test_every_call_of_a_real_exchange_can_be_told_as_events() -> None:
    calls = [json.loads(line) for line in (TRACES / "run-a-truth.jsonl").read_text("utf-8").splitlines()]
    told = [event for call in calls for event in _events_of(call)]

    assert len(calls) == 70
    assert len({event.call_id for event in told}) == len({call["uid"] for call in calls if call.get("uid")})
    for call in calls:
        for step in _events_of(call):
            assert step.caller.address == ("" if call["num"] == "anonymous" else f"+{call['num']}")


def _events_of(call: dict[str, Any]) -> list[CallEvent]:
    """Ringing, answered and ended, as far as the call got."""
    steps = {"ringing": call.get("t"), "answered": call.get("conn"), "ended": call.get("hang")}
    return [
        parse_event(
            {
                "call_id": call["uid"],
                "kind": kind,
                "at": datetime.fromtimestamp(at, UTC).isoformat(),
                "number": call["num"],
                "name": call["name"] or "",
                "agent": call.get("agent") or "",
                "dialled": call["unit"],
            }
        )
        for kind, at in steps.items()
        if at and call.get("uid")
    ]
