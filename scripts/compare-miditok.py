"""MidiTok's side of compare-miditok.ts: answers requests on stdin, one JSON line each, on stdout.

Request: {"tokenizer": "REMI", "json": PATH} loads a tokenizer; {"file": PATH} encodes a file with it.
Answers: {"size": vocabulary size, "names": [...]} and {"sha256": [one a stream], "ids": total, "seconds": reading and encoding}
or {"error": text}.
"""

import hashlib
import json
import logging
import sys
import time
import warnings
from array import array

import miditok
from symusic import Score

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)


def little_endian(ids):
    data = array("H", ids)
    if sys.byteorder == "big":
        data.byteswap()
    return data.tobytes()


tokenizer = None
for line in sys.stdin:
    request = json.loads(line)
    if "tokenizer" in request:
        tokenizer = getattr(miditok, request["tokenizer"])(params=request["json"])
        answer = {"names": sorted(tokenizer.vocab, key=tokenizer.vocab.get)}
    else:
        try:
            started = time.perf_counter()
            encoded = tokenizer.encode(Score(request["file"]))
            seconds = time.perf_counter() - started
            streams = encoded if isinstance(encoded, list) else [encoded]
            answer = {
                "sha256": [hashlib.sha256(little_endian(s.ids)).hexdigest() for s in streams],
                "ids": sum(len(s.ids) for s in streams),
                "seconds": seconds,
            }
            if request.get("full"):
                answer["streams"] = [s.ids for s in streams]
        except Exception as error:  # noqa: BLE001 - reported to the other side
            answer = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
