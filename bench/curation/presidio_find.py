"""Personal data in texts that come in as JSON, by Presidio's pattern recognisers: places in UTF-16 units, and the time taken."""

import json
import logging
import statistics
import sys
import time

logging.disable(logging.CRITICAL)

from presidio_analyzer.predefined_recognizers import (  # noqa: E402
    CreditCardRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    PhoneRecognizer,
    UrlRecognizer,
    UsSsnRecognizer,
)

RECOGNISERS = {
    "EMAIL": EmailRecognizer(),
    "PHONE": PhoneRecognizer(),
    "URL": UrlRecognizer(),
    "IBAN": IbanRecognizer(),
    "CARD": CreditCardRecognizer(),
    "IP": IpRecognizer(),
    "SSN": UsSsnRecognizer(),
}


# Below this a pattern alone counts as a guess. From 0 to 0.4 it makes next to no difference; above, no telephone number is found.
SURE = 0.3


def find(text):
    """As its anonymiser does it: of findings that overlap, the surer and then the longer one stays."""
    all_found = [
        (-found.score, found.start - found.end, found.start, found.end, name)
        for name, recogniser in RECOGNISERS.items()
        for found in recogniser.analyze(text, recogniser.supported_entities, None)
        if found.score >= SURE
    ]
    kept = []
    for _, _, start, end, name in sorted(all_found):
        if all(end <= other_start or start >= other_end for _, other_start, other_end in kept):
            kept.append((name, start, end))
    return kept


def units(text, position):
    return len(text[:position].encode("utf-16-le", "surrogatepass")) // 2


def spans(text):
    return [{"type": name, "start": units(text, start), "end": units(text, end)} for name, start, end in find(text)]


given = json.load(sys.stdin)
times = []
for _ in range(given["rounds"]):
    started = time.process_time_ns()
    for row in given["rows"]:
        for _ in find(row):
            pass
    times.append(time.process_time_ns() - started)
json.dump({"spans": [spans(line) for line in given["lines"]], "nanoseconds": statistics.median(times)}, sys.stdout)
