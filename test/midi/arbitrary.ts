import fc from "fast-check";
import type { MidiEvent, MidiFile, Note, Score, ScoreTrack, TextEvent } from "../../src/midi/index.js";

const seven = fc.integer({ min: 0, max: 127 });
const channel = fc.integer({ min: 0, max: 15 });
const data = fc.uint8Array({ maxLength: 20 });
const byte = fc.integer({ min: 0, max: 255 });
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });

function kind<Kind extends string>(name: Kind) {
  return fc.constant(name);
}

/** Any event but for its tick. */
const untimed = fc.oneof(
  fc.record({ kind: fc.constantFrom("noteOn", "noteOff"), channel, pitch: seven, velocity: seven }),
  fc.record({ kind: kind("keyPressure"), channel, pitch: seven, pressure: seven }),
  fc.record({ kind: kind("control"), channel, controller: seven, value: seven }),
  fc.record({ kind: kind("program"), channel, program: seven }),
  fc.record({ kind: kind("channelPressure"), channel, pressure: seven }),
  fc.record({ kind: kind("pitchBend"), channel, value: fc.integer({ min: -8192, max: 8191 }) }),
  fc.record({ kind: kind("sequenceNumber"), number: fc.integer({ min: 0, max: 65535 }) }),
  fc.record({ kind: kind("sequenceNumber") }),
  fc.record({
    kind: kind("text"),
    text: fc.constantFrom(
      "text",
      "copyright",
      "trackName",
      "instrumentName",
      "lyric",
      "marker",
      "cue",
      "deviceName",
    ),
    data,
  }),
  fc.record({ kind: kind("channelPrefix"), channel }),
  fc.record({ kind: kind("port"), port: seven }),
  fc.record({ kind: kind("tempo"), microsecondsPerQuarter: fc.integer({ min: 1, max: 0xffffff }) }),
  fc.record({
    kind: kind("smpteOffset"),
    rate: fc.integer({ min: 0, max: 3 }),
    hours: fc.integer({ min: 0, max: 23 }),
    minutes: fc.integer({ min: 0, max: 59 }),
    seconds: fc.integer({ min: 0, max: 59 }),
    frames: fc.integer({ min: 0, max: 29 }),
    subframes: fc.integer({ min: 0, max: 99 }),
  }),
  fc.record({
    kind: kind("timeSignature"),
    numerator: fc.integer({ min: 1, max: 255 }),
    denominator: fc.integer({ min: 0, max: 15 }).map((power) => 2 ** power),
    clocksPerClick: byte,
    thirtySecondsPerQuarter: byte,
  }),
  fc.record({ kind: kind("keySignature"), sharps: fc.integer({ min: -7, max: 7 }), minor: fc.boolean() }),
  fc.record({ kind: kind("sequencerSpecific"), data }),
  fc.record({ kind: kind("meta"), type: fc.constantFrom(0x0a, 0x0f, 0x10, 0x22, 0x60, 0x7e), data }),
  fc.record({ kind: fc.constantFrom("sysex", "escape"), data }),
);

const delta = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: 0xfffffff }),
);

const midiTrack = fc
  .record({ steps: fc.array(fc.tuple(delta, untimed), { maxLength: 30 }), rest: delta })
  .map(({ steps, rest }) => {
    let tick = 0;
    const events: MidiEvent[] = [];
    for (const [step, event] of steps) {
      if (tick + step > 2 ** 31 - 1) break;
      tick += step;
      events.push({ ...event, tick } as MidiEvent);
    }
    return { events, endTick: Math.min(tick + rest, 2 ** 31 - 1) };
  });

const division = fc.oneof(
  fc.record({ kind: kind("quarter"), ticksPerQuarter: fc.integer({ min: 1, max: 32767 }) }),
  fc.record({
    kind: kind("smpte"),
    framesPerSecond: fc.constantFrom(24, 25, 29, 30),
    ticksPerFrame: fc.integer({ min: 1, max: 255 }),
  }),
);

/** Any file that is well formed. */
export const midiFiles: fc.Arbitrary<MidiFile> = fc
  .record({
    format: fc.constantFrom(0 as const, 1 as const, 2 as const),
    division,
    tracks: fc.array(midiTrack, { minLength: 1, maxLength: 4 }),
    otherChunks: fc.array(
      fc.record({ tracksBefore: fc.nat(4), id: fc.constantFrom("XFIH", "abcd", "  ~!"), data }),
      {
        maxLength: 3,
      },
    ),
  })
  .map(({ format, division, tracks, otherChunks }) => {
    const kept = format === 0 ? tracks.slice(0, 1) : tracks;
    return {
      format,
      division,
      tracks: kept,
      otherChunks: otherChunks
        .map((chunk) => ({ ...chunk, tracksBefore: Math.min(chunk.tracksBefore, kept.length) }))
        .sort((a, b) => a.tracksBefore - b.tracksBefore),
    };
  });

const tick = fc.integer({ min: 0, max: 5000 });
const byTick = <Event extends { readonly tick: number }>(events: Event[]) =>
  events.sort((a, b) => a.tick - b.tick);
const timed = <Event extends { readonly tick: number }>(event: fc.Arbitrary<Event>) =>
  fc.array(event, { maxLength: 5 }).map(byTick);

/** Notes of which none starts and ends within another of its pitch: a MIDI file couldn't say which one ends when. */
const notes: fc.Arbitrary<Note[]> = fc
  .array(
    fc.record({
      start: tick,
      duration: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 900 })),
      pitch: fc.integer({ min: 60, max: 64 }),
      velocity: fc.integer({ min: 1, max: 127 }),
      releaseVelocity: fc.option(seven, { nil: undefined }),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((list) => {
    list.sort((a, b) => a.start - b.start);
    return list.map((note) => {
      const same = list.filter((each) => each.pitch === note.pitch);
      const ends = same.map((each) => each.start + each.duration).sort((a, b) => a - b);
      return { ...note, duration: ends[same.indexOf(note)] - note.start };
    });
  });

const scoreTrack: fc.Arbitrary<ScoreTrack> = fc
  .record({
    name: fc.oneof(fc.constant(""), text),
    program: seven,
    channel,
    notes,
    controls: timed(fc.record({ tick, controller: seven, value: seven })),
    pitchBends: timed(fc.record({ tick, value: fc.integer({ min: -8192, max: 8191 }) })),
  })
  .map((track) => ({ ...track, isDrum: track.channel === 9 }));

/** Any score that a MIDI file can hold exactly. */
export const scores: fc.Arbitrary<Score> = fc.record({
  ticksPerQuarter: fc.integer({ min: 1, max: 32767 }),
  tempos: timed(fc.record({ tick, microsecondsPerQuarter: fc.integer({ min: 1, max: 0xffffff }) })),
  timeSignatures: timed(
    fc.record({
      tick,
      numerator: fc.integer({ min: 1, max: 255 }),
      denominator: fc.constantFrom(1, 2, 4, 8, 64),
    }),
  ),
  keySignatures: timed(fc.record({ tick, sharps: fc.integer({ min: -7, max: 7 }), minor: fc.boolean() })),
  texts: timed(
    fc.record({
      tick,
      kind: fc.constantFrom<TextEvent["kind"]>("text", "copyright", "lyric", "marker", "cue"),
      text,
    }),
  ),
  tracks: fc.array(scoreTrack, { maxLength: 4 }),
});
