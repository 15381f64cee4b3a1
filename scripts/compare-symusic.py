"""Checks attacca's MIDI reader against symusic, whose parsing MidiTok's tokens rest on.

    python scripts/compare-symusic.py goldens            makes test/golden/midi/symusic.json
    python scripts/compare-symusic.py folder DIR         compares every .mid in DIR (needs `npm run build`)

Needs symusic (made with 0.6.0). The files of the goldens are written here byte by byte, so that nothing of
attacca stands behind them. symusic drops notes that are never closed; attacca lets them last until the end of
their track. So where a case has such notes, symusic reads a twin of the file in which they are closed there.
"""

import base64
import json
import pathlib
import random
import subprocess
import sys

import symusic

ROOT = pathlib.Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "test/golden/midi/symusic.json"


def summary(score):
    """What both readers must agree on, as plain lists."""
    return {
        "ticksPerQuarter": score.ticks_per_quarter,
        "tempos": [[e.time, e.mspq] for e in score.tempos],
        "timeSignatures": [[e.time, e.numerator, e.denominator] for e in score.time_signatures],
        "keySignatures": [[e.time, e.key, e.tonality] for e in score.key_signatures],
        "markers": [[e.time, e.text] for e in score.markers],
        # symusic also makes tracks for lyrics alone, and keeps tracks of which it dropped all notes.
        "tracks": [
            {
                "name": t.name,
                "program": t.program,
                "isDrum": t.is_drum,
                "notes": [[n.time, n.duration, n.pitch, n.velocity] for n in t.notes],
                "controls": [[c.time, c.number, c.value] for c in t.controls],
                "pitchBends": [[b.time, b.value] for b in t.pitch_bends],
            }
            for t in score.tracks
            if len(t.notes) > 0
        ],
    }


def compare_folder(folder):
    paths = sorted(pathlib.Path(folder).rglob("*.mid"))
    command = ["node", str(ROOT / "build/scripts/summarize-scores.js"), *map(str, paths)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert len(lines) == len(paths), f"{len(lines)} answers for {len(paths)} files"
    different = [p for p, line in zip(paths, lines) if json.loads(line) != summary(symusic.Score(p))]
    print(f"{len(paths)} files, {len(paths) - len(different)} equal")
    for path in different:
        print(f"different: {path}")
    return 1 if different else 0


def variable_length(value):
    parts = [value & 127]
    while value > 127:
        value >>= 7
        parts.append(value & 127 | 128)
    return bytes(reversed(parts))


def chunk(name, content):
    return name + len(content).to_bytes(4, "big") + content


def meta(kind, content):
    return bytes([0xFF, kind]) + variable_length(len(content)) + content


class Track:
    """One track's bytes, and which notes are open."""

    def __init__(self, running_status):
        self.bytes = bytearray()
        self.running_status = running_status
        self.status = None
        self.open = []

    def add(self, delta, message):
        self.bytes += variable_length(delta)
        status = message[0]
        if status < 0xF0 and self.running_status and status == self.status:
            message = message[1:]
        self.status = status if status < 0xF0 else None
        self.bytes += message

    def on(self, delta, channel, pitch, velocity):
        self.add(delta, bytes([0x90 | channel, pitch, velocity]))
        self.open.append((channel, pitch))

    def off(self, delta, channel, pitch, rng):
        as_note_on = rng.random() < 0.5
        self.add(delta, bytes([0x90 | channel, pitch, 0] if as_note_on else [0x80 | channel, pitch, 64]))
        if (channel, pitch) in self.open:
            self.open.remove((channel, pitch))

    def ended(self, delta, closed):
        """The chunk; `closed`: with an end for every open note."""
        content = bytes(self.bytes)
        if closed and self.open:
            content += variable_length(delta)
            for channel, pitch in self.open:
                content += bytes([0x80 | channel, pitch, 0]) + variable_length(0)
        else:
            content += variable_length(delta)
        return chunk(b"MTrk", content + meta(0x2F, b""))


def random_track(rng, events):
    track = Track(rng.random() < 0.7)
    channels = rng.sample(range(16), rng.randint(1, 3)) + [9] * (rng.random() < 0.2)
    pitches = rng.sample(range(128), 4)
    for _ in range(events):
        delta = rng.choice([0, 0, 0, 1, 7, 120, 480, 20000])
        channel = rng.choice(channels)
        kind = rng.random()
        if kind < 0.35:
            track.on(delta, channel, rng.choice(pitches), rng.randint(1, 127))
        elif kind < 0.65:
            track.off(delta, *(rng.choice(track.open) if track.open else (channel, rng.choice(pitches))), rng)
        elif kind < 0.72:
            track.add(delta, bytes([0xC0 | channel, rng.choice([0, 1, 40, 127])]))
        elif kind < 0.80:
            track.add(delta, bytes([0xB0 | channel, rng.choice([1, 7, 64, 64, 127]), rng.randint(0, 127)]))
        elif kind < 0.85:
            track.add(delta, bytes([0xE0 | channel, rng.randint(0, 127), rng.randint(0, 127)]))
        elif kind < 0.87:
            track.add(delta, bytes([0xD0 | channel, rng.randint(0, 127)]))
        elif kind < 0.89:
            track.add(delta, bytes([0xA0 | channel, rng.choice(pitches), rng.randint(0, 127)]))
        elif kind < 0.91:
            track.add(delta, bytes([0xF0, 3, 1, 2, 0xF7]))
        elif kind < 0.93:
            track.add(delta, meta(0x51, rng.randint(1, 2**24 - 1).to_bytes(3, "big")))
        elif kind < 0.95:
            track.add(delta, meta(0x58, bytes([rng.randint(1, 16), rng.randint(0, 6), 24, 8])))
        elif kind < 0.97:
            track.add(delta, meta(0x59, bytes([rng.randint(-7, 7) & 255, rng.randint(0, 1)])))
        elif kind < 0.98:
            track.add(delta, meta(3, f"Spur {rng.randint(1, 9)} für Flöte".encode()))
        elif kind < 0.99:
            track.add(delta, meta(6, b"Verse"))
        else:
            track.add(delta, meta(rng.choice([1, 2, 4, 7, 0x7F, 0x60]), b"any"))
    return track


def random_case(seed):
    rng = random.Random(seed)
    kind = rng.choice([0, 1, 1, 1, 2])
    tracks = [random_track(rng, rng.randint(0, 60)) for _ in range(1 if kind == 0 else rng.randint(1, 4))]
    ends = [rng.choice([0, 0, 10, 960]) for _ in tracks]
    header = chunk(
        b"MThd",
        kind.to_bytes(2, "big") + len(tracks).to_bytes(2, "big") + rng.choice([1, 96, 220, 480, 32767]).to_bytes(2, "big"),
    )
    between = chunk(b"XFIH", b"\0anything") if rng.random() < 0.2 else b""
    file, twin = (
        header + between + b"".join(t.ended(end, closed) for t, end in zip(tracks, ends)) for closed in (False, True)
    )
    return file, twin


def make_goldens():
    cases = []
    for seed in range(60):
        file, twin = random_case(seed)
        cases.append({"file": base64.b64encode(file).decode(), "score": summary(symusic.Score.from_midi(twin))})
    GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    head = {"madeBy": "scripts/compare-symusic.py goldens", "symusic": symusic.__version__ if hasattr(symusic, "__version__") else ""}
    lines = ",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
    GOLDEN.write_text(json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n", encoding="utf-8")
    print(f"{len(cases)} cases, {GOLDEN.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["goldens"]:
        sys.exit(make_goldens())
    if sys.argv[1:2] == ["folder"] and len(sys.argv) == 3:
        sys.exit(compare_folder(sys.argv[2]))
    sys.exit(__doc__)
