"""Makes test/golden/tokens with the real MidiTok: python scripts/goldens-miditok.py [--songs FOLDER_OF_POP909].

cases.json: generated scores under generated configs, with MidiTok's ids and what it decodes from them and from ids in
a random order. songs.json: hashes of the ids of real songs. saved-*.json: what `tokenizer.save` writes.
"""

import argparse
import base64
import hashlib
import json
import logging
import random
import sys
import tempfile
import warnings
from array import array
from importlib.metadata import version
from pathlib import Path

import miditok
from symusic import Score

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

GOLDENS = Path(__file__).resolve().parent.parent / "test" / "golden" / "tokens"
VERSIONS = {"miditok": version("miditok"), "symusic": version("symusic")}
CLASSES = ["REMI", "TSD", "MIDILike"]
METERS = [(4, 4), (3, 4), (6, 8), (2, 4), (5, 4), (12, 8), (3, 8), (1, 4), (6, 4), (7, 8), (2, 2), (9, 8), (3, 16)]


# Standard MIDI Files, as few lines as do.


def variable_length(number):
    parts = [number & 127]
    while number := number >> 7:
        parts.insert(0, 128 | number & 127)
    return bytes(parts)


def chunk(name, data):
    return name + len(data).to_bytes(4, "big") + data


def track(events):
    """Events are (tick, rank, bytes); at one tick the lower rank comes first, else the order stays."""
    data, now = b"", 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        data += variable_length(tick - now) + bytes(message)
        now = tick
    return chunk(b"MTrk", data + b"\0\xff\x2f\0")


def midi(division, tracks):
    header = (1).to_bytes(2, "big") + len(tracks).to_bytes(2, "big") + division.to_bytes(2, "big")
    return chunk(b"MThd", header) + b"".join(track(events) for events in tracks)


# Scores that reach what is easily got wrong.


def random_time(rng, division, last):
    """Times on the grid, half way between its points, just beside, and anywhere."""
    step = division / rng.choice([1, 2, 3, 4, 6, 8, 16, 32])
    time = rng.randrange(int(last / step) + 1) * step
    return max(0, round(time) + rng.choice([0, 0, 0, 0, 1, -1]))


def random_score(rng):
    division = rng.choice([4, 8, 12, 16, 24, 32, 48, 96, 100, 120, 220, 384, 480, 960, 1024])
    bars = rng.choice([1, 2, 4, 4, 8, 30])
    last = bars * division * 4
    conductor = []
    for _ in range(rng.choice([0, 0, 1, 1, 2, 4])):
        numerator, denominator = rng.choice(METERS[: rng.choice([2, 6, 9, 13])])
        when = rng.choice([0, random_time(rng, division, last), rng.randrange(bars + 1) * division * 4])
        conductor.append((when, 0, [0xFF, 0x58, 4, numerator, denominator.bit_length() - 1, 24, 8]))
    for _ in range(rng.choice([0, 0, 1, 2, 5])):
        tempo = rng.choice([500_000, 600_000, rng.randrange(200_000, 2_000_000), rng.randrange(1, 1 << 24)])
        when = rng.choice([0, random_time(rng, division, last)])
        conductor.append((when, 0, [0xFF, 0x51, 3, *tempo.to_bytes(3, "big")]))
    for _ in range(rng.choice([0, 0, 1, 2])):
        when = rng.choice([0, random_time(rng, division, last)])
        conductor.append((when, 0, [0xFF, 0x59, 2, rng.randrange(-7, 8) & 255, rng.randrange(2)]))
    tracks = [conductor]
    for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 4])):
        tracks.append(random_track(rng, division, last))
    return midi(division, tracks)


def random_track(rng, division, last):
    channel = rng.choice([0, 0, 0, 1, 2, 9, 9, 15])
    events = [(0, 0, [0xC0 | channel, rng.choice([0, 0, 0, 5, 40, 127])])] if rng.random() < 0.7 else []
    low, high = rng.choice([(0, 127), (40, 80), (60, 64), (27, 88)])
    sounding = {}
    for _ in range(rng.choice([0, 1, 3, 10, 25, 40])):
        start = random_time(rng, division, rng.choice([last, last / 4, 0]))
        length = rng.choice([0, 1, random_time(rng, division, division * 4), random_time(rng, division, division * 20)])
        pitch = rng.randint(low, high)
        velocity = rng.randint(1, 127)
        # Notes of one pitch don't overlap, but for a few: which note-off is whose is not this test's question.
        if any(a < start + length + 1 and start < b + 1 for a, b in sounding.get(pitch, [])) and rng.random() < 0.9:
            continue
        sounding.setdefault(pitch, []).append((start, start + length))
        order = rng.random()
        events.append((start, 4 + order if length == 0 else 4, [0x90 | channel, pitch, velocity]))
        events.append((start + length, 4 + order if length == 0 else 3, [0x80 | channel, pitch, 64]))
    if rng.random() < 0.5:
        is_down, now = False, 0
        for _ in range(rng.choice([1, 2, 6, 20])):
            now += random_time(rng, division, division * rng.choice([1, 4, 40])) + rng.choice([0, 1])
            is_down = not is_down if rng.random() < 0.9 else is_down
            events.append((now, 1, [0xB0 | channel, 64, rng.choice([64, 127]) if is_down else rng.choice([0, 63])]))
    if rng.random() < 0.4:
        for _ in range(rng.choice([1, 3, 12])):
            bend = rng.choice([0, 8192, 16383, rng.randrange(16384)])
            events.append((random_time(rng, division, last), 2, [0xE0 | channel, bend & 127, bend >> 7]))
    return events


# Configs that reach every option.


def random_config(rng, tokenizer):
    config = {}

    def maybe(chance, **options):
        if rng.random() < chance:
            config.update(options)

    grids = [{"0_4": 8, "4_12": 4}, {"0_1": 4, "1_4": 2}, {"0_2": 12, "2_8": 4}, {"0_8": 6}, {"0_4": 3, "4_8": 1}]
    beat_res = rng.choice(grids)
    maybe(0.5, beat_res=beat_res)
    maybe(0.3, num_velocities=rng.choice([1, 4, 8, 16, 31, 64, 127]))
    maybe(0.2, use_velocities=False)
    maybe(0.15, pitch_range=rng.choice([[0, 127], [36, 84], [60, 72]]))
    maybe(0.15, drums_pitch_range=rng.choice([[0, 127], [35, 60]]))
    maybe(0.15, use_pitchdrum_tokens=False)
    maybe(0.15, use_note_duration_programs=rng.choice([[], [-1], [0, 40], list(range(128))]), default_note_duration=1)
    maybe(0.5, use_tempos=True)
    maybe(0.3, num_tempos=rng.choice([2, 8, 100]), tempo_range=rng.choice([[40, 250], [30, 300], [60, 180]]))
    maybe(0.2, log_tempos=True)
    maybe(0.3, delete_equal_successive_tempo_changes=True)
    maybe(0.3, use_time_signatures=False)
    maybe(0.2, delete_equal_successive_time_sig_changes=True)
    ranges = [
        {"08": [3, 12, 6], "04": [5, 6, 3, 2, 1, 4]},
        {"04": [4, 3]},
        {"04": [3, 4], "08": [6, 7]},
        {"16": [3], "08": [6, 9], "04": [2, 3, 4], "02": [2]},
    ]
    maybe(0.4, time_signature_range=rng.choice(ranges))
    maybe(0.2, use_key_signatures=True)
    maybe(0.4, use_sustain_pedals=True, sustain_pedal_duration=rng.random() < 0.4)
    maybe(0.35, use_pitch_bends=True, pitch_bend_range=rng.choice([[-8192, 8191, 32], [-8192, 8191, 3], [-4000, 4000, 9]]))
    maybe(0.6, use_programs=True)
    maybe(0.2, programs=rng.choice([[-1, 0, 5, 40], [40, 8, 127, 0, -1, 16], [0, -1], [127, 64, 32, 0, 96, 5, -1, 40]]))
    maybe(0.25, one_token_stream_for_programs=False)
    maybe(0.3, program_changes=True)
    maybe(0.35, remove_duplicated_notes=True)
    finest = max(config.get("beat_res", grids[0]).values())
    rests = [{"0_1": 8, "1_2": 4, "2_12": 2}, {"0_2": 4}, {"0_1": 3, "1_4": 1}, {"0_12": 1}]
    rests = [grid for grid in rests if max(grid.values()) <= finest]
    if "use_note_duration_programs" not in config:
        maybe(0.4, use_rests=True, beat_res_rest=rng.choice(rests))
    maybe(0.1, special_tokens=["PAD", "BOS", "EOS", "MASK", "Style_one"])
    extra = {}
    if tokenizer == "REMI":
        if rng.random() < 0.3:
            extra["use_bar_end_tokens"] = True
        if rng.random() < 0.3:
            extra["add_trailing_bars"] = True
        if rng.random() < 0.15:
            extra["max_bar_embedding"] = 200
    if tokenizer == "MIDILike" and rng.random() < 0.3:
        extra["max_duration"] = rng.choice([[2, 0, 4], [0, 1, 2], [12, 0, 1]])
    config["additional_params"] = extra
    return config


# MidiTok's side.


def load(tokenizer, config):
    """Loads from JSON, as a user does; what the JSON leaves out has MidiTok's default."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        defaults = {"time_signature_range": {"8": [3, 12, 6], "4": [5, 6, 3, 2, 1, 4]}}
        json.dump({"config": {**defaults, **config}, "tokenization": tokenizer}, file)
        file.flush()
        return getattr(miditok, tokenizer)(params=file.name)


def names_of(tokenizer):
    return sorted(tokenizer.vocab, key=tokenizer.vocab.get)


def streams_of(encoded):
    return [sequence.ids for sequence in (encoded if isinstance(encoded, list) else [encoded])]


def decode(tokenizer, streams):
    score = tokenizer.decode(streams[0] if tokenizer.one_token_stream else streams)
    tracks = []
    for one in score.tracks:
        notes = sorted((n.time, n.duration, n.pitch, n.velocity) for n in one.notes)
        controls = sorted((c.time, c.number, c.value) for c in one.controls)
        tracks.append(
            {
                "program": -1 if one.is_drum else one.program,
                "notes": [value for note in notes for value in note],
                "controls": [value for control in controls for value in control],
                "bends": [value for bend in sorted((b.time, b.value) for b in one.pitch_bends) for value in bend],
            }
        )
    return {
        "ticksPerQuarter": score.ticks_per_quarter,
        "tempos": [value for t in by_time(score.tempos) for value in (t.time, t.mspq)],
        "meters": [value for t in by_time(score.time_signatures) for value in (t.time, t.numerator, t.denominator)],
        "keys": [value for k in by_time(score.key_signatures) for value in (k.time, k.key, k.tonality)],
        "tracks": tracks,
    }


def has_no_length(tokenizer, score):
    """Whether notes or pedals end where they begin: only in scores that have the grid's resolution already."""
    spans = [span for one in tokenizer.preprocess_score(score).tracks for span in (*one.notes, *one.pedals)]
    return any(span.duration == 0 for span in spans)


def by_time(events):
    return sorted(events, key=lambda event: event.time)


def is_playable(decoded):
    """Whether all velocities are those of MIDI: MIDILike takes any number behind a NoteOn for one."""
    return all(v > 0 for one in decoded["tracks"] for v in one["notes"][3::4])


def is_off_grid(tokenizer, score):
    """Whether events lie between positions: a meter that vanished (another came at its bar) left its finer grid."""
    score = tokenizer.preprocess_score(score)
    finest = tokenizer.config.max_num_pos_per_beat
    step = score.ticks_per_quarter * 4 // max(s.denominator for s in score.time_signatures) // finest
    events = [event for one in score.tracks for kind in (one.notes, one.pedals, one.pitch_bends) for event in kind]
    times = [event.time for event in [*events, *score.tempos, *score.key_signatures]]
    times += [event.end for event in events if hasattr(event, "end")]
    return any(time % step for time in times)


def shuffled(rng, tokenizer, streams):
    """Ids that a model might write: pieces of real streams cut and put together, with a few others between."""
    special = len(tokenizer.special_tokens)
    made = []
    for ids in streams:
        pieces = []
        for _ in range(4):
            at = rng.randrange(len(ids) + 1)
            pieces += ids[at : at + rng.randrange(1, 20)]
            pieces += [rng.randrange(special, len(tokenizer)) for _ in range(rng.choice([0, 0, 1, 3]))]
        made.append(pieces)
    return made


def case(seed):
    rng = random.Random(seed)
    name = CLASSES[seed % 3]
    config = random_config(rng, name)
    data = random_score(rng)
    tokenizer = load(name, config)
    score = Score.from_midi(data)
    try:
        streams = streams_of(tokenizer.encode(score))
    except Exception as error:  # noqa: BLE001 - counted
        # E.g. a pedal of another program than 0 without program tokens has no token.
        return {"seed": seed, "error": repr(error)}
    made = {
        "seed": seed,
        "tokenizer": name,
        "config": config,
        "midi": base64.b64encode(data).decode(),
        "vocabulary": hashlib.sha256("\n".join(names_of(tokenizer)).encode()).hexdigest(),
        "ids": streams,
    }
    if is_off_grid(tokenizer, score):
        made["offGrid"] = True
    if has_no_length(tokenizer, score):
        made["noLength"] = True
    if all(streams):
        made["decoded"] = decode(tokenizer, [list(ids) for ids in streams])
        odd = shuffled(rng, tokenizer, streams)
        try:
            decoded = decode(tokenizer, [list(ids) for ids in odd])
            if is_playable(decoded):
                made.update(odd=odd, oddDecoded=decoded)
        except Exception:  # noqa: BLE001 - MidiTok gives up on some; those are no example to follow
            pass
    return made


def cases(first, count):
    made, seed, failed = [], first, 0
    while len(made) < count:
        one = case(seed)
        seed += 1
        if "error" in one:
            failed += 1
        else:
            made.append(one)
    print(f"{len(made)} cases, {failed} left out where MidiTok failed", file=sys.stderr)
    return made


# Real songs: hashes only.

SONG_CONFIGS = {
    "remi": ("REMI", {}),
    "remi-pipeline": (
        "REMI",
        {
            "use_programs": True,
            "remove_duplicated_notes": True,
            "time_signature_range": {"08": [3, 12, 6, 5, 7, 9], "04": [5, 6, 3, 2, 1, 4, 7], "02": [2, 3]},
        },
    ),
    "remi-all": (
        "REMI",
        {
            "use_programs": True,
            "use_tempos": True,
            "use_key_signatures": True,
            "use_rests": True,
            "use_sustain_pedals": True,
            "use_pitch_bends": True,
            "additional_params": {"use_bar_end_tokens": True, "add_trailing_bars": True},
        },
    ),
    "tsd": ("TSD", {}),
    "midilike": ("MIDILike", {}),
}


def little_endian(ids):
    data = array("H", ids)
    if sys.byteorder == "big":
        data.byteswap()
    return data.tobytes()


def songs(folder, count):
    files = sorted(Path(folder).rglob("*.mid"))
    files = files[:: max(1, len(files) // count)][:count]
    made = {}
    for label, (name, config) in SONG_CONFIGS.items():
        tokenizer = load(name, {"additional_params": {}, **config})
        made[label] = {
            "tokenizer": name,
            "config": {"additional_params": {}, **config},
            "sha256": {
                file.name: [
                    hashlib.sha256(little_endian(ids)).hexdigest() for ids in streams_of(tokenizer.encode(Score(file)))
                ]
                for file in files
            },
        }
    return made


def write_lines(path, head, lines):
    """One case a line, so that a change of one shows as one."""
    rows = ",\n".join(json.dumps(line, separators=(",", ":")) for line in lines)
    path.write_text(f'{{"made by":{json.dumps(head)},"cases":[\n{rows}\n]}}\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--songs", help="folder with POP909's .mid files")
    parser.add_argument("--cases", type=int, default=240)
    parser.add_argument("--first", type=int, default=0, help="seed of the first case")
    parser.add_argument("--out", type=Path, default=GOLDENS)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    write_lines(options.out / "cases.json", VERSIONS, cases(options.first, options.cases))
    if options.out == GOLDENS:
        for name in CLASSES:
            getattr(miditok, name)().save(options.out / f"saved-{name.lower()}.json")
    if options.songs:
        made = {"made by": VERSIONS, "configs": songs(options.songs, 60)}
        (options.out / "songs.json").write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()
