"""MidiTok's side of compare-miditok.ts: answers requests on stdin, one JSON line each, on stdout.

Request: {"tokenizer": "REMI", "json": PATH} loads a tokenizer; {"file": PATH} encodes a file with it and decodes that.
Answers: {"names": [...]}, the vocabulary in the order of its ids; and {"sha256": [one a stream], "ids": how many,
"seconds": of reading and encoding, "decoded": sha256 of what is decoded} or {"error": text}.
"""

import hashlib
import json
import logging
import runpy
import sys
import time
import warnings
from pathlib import Path

import miditok
from symusic import Score

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
goldens = runpy.run_path(str(Path(__file__).with_name("goldens-miditok.py")))


def sha256(data):
    return hashlib.sha256(data).hexdigest()


tokenizer = None
for line in sys.stdin:
    request = json.loads(line)
    if "tokenizer" in request:
        tokenizer = getattr(miditok, request["tokenizer"])(params=request["json"])
        answer = {"names": goldens["names_of"](tokenizer)}
    else:
        try:
            started = time.perf_counter()
            encoded = tokenizer.encode(Score(request["file"]))
            seconds = time.perf_counter() - started
            streams = goldens["streams_of"](encoded)
            answer = {
                "sha256": [sha256(goldens["little_endian"](ids)) for ids in streams],
                "ids": sum(map(len, streams)),
                "seconds": seconds,
            }
            decoded = goldens["decode"](tokenizer, [list(ids) for ids in streams])
            answer["decoded"] = sha256(json.dumps(decoded, separators=(",", ":")).encode())
        except Exception as error:  # noqa: BLE001 - reported to the other side
            answer = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
