"""Near-copies among texts that come in as JSON, in their order of worth, by rensa or datasketch as their own pages show it."""

import json
import re
import sys
import time
import unicodedata

PERMUTATIONS = 128
BANDS = 16
GRAM = 5


def grams(text):
    whole = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text).lower()).strip()
    return {whole[at : at + GRAM] for at in range(max(1, len(whole) - GRAM + 1))}


def rensa(threshold):
    from rensa import RMinHash, RMinHashLSH

    def sketch(text):
        made = RMinHash(num_perm=PERMUTATIONS, seed=42)
        made.update(list(grams(text)))
        return made

    return sketch, RMinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, num_bands=BANDS)


def datasketch(threshold):
    from datasketch import MinHash, MinHashLSH

    def sketch(text):
        made = MinHash(num_perm=PERMUTATIONS)
        made.update_batch([gram.encode("utf-8") for gram in grams(text)])
        return made

    return sketch, MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, params=(BANDS, PERMUTATIONS // BANDS))


def find(texts, sketch, index, threshold):
    """For each text the one it is dropped for; -1 where it stays. Likeness is what the sketches estimate."""
    sketches = {}
    duplicate_of = []
    for place, text in enumerate(texts):
        made = sketch(text)
        near = (rival for rival in index.query(made) if made.jaccard(sketches[rival]) >= threshold)
        original = next(near, -1)
        duplicate_of.append(original)
        if original == -1:
            sketches[place] = made
            index.insert(place, made)
    return duplicate_of


given = json.load(sys.stdin)
library = {"rensa": rensa, "datasketch": datasketch}[given["library"]]
sketch, index = library(given["threshold"])
started = time.process_time_ns()
duplicate_of = find(given["texts"], sketch, index, given["threshold"])
json.dump({"duplicateOf": duplicate_of, "nanoseconds": time.process_time_ns() - started}, sys.stdout)
