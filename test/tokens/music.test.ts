import { describe, expect, it } from "vitest";
import type { Score, ScoreTrack } from "../../src/midi/index.js";
import { createMidiTokTokenizer, pipelineConfig } from "../../src/tokens/index.js";

function trackOf(part: Partial<ScoreTrack>): ScoreTrack {
  return {
    name: "",
    program: 0,
    isDrum: false,
    channel: 0,
    notes: [],
    controls: [],
    pitchBends: [],
    ...part,
  };
}

function scoreOf(tracks: readonly ScoreTrack[], part: Partial<Score> = {}): Score {
  return {
    ticksPerQuarter: 480,
    tempos: [],
    timeSignatures: [],
    keySignatures: [],
    texts: [],
    tracks,
    ...part,
  };
}

const note = (start: number, duration: number, pitch: number, velocity = 80) => ({
  start,
  duration,
  pitch,
  velocity,
});

const melody = trackOf({ notes: [note(0, 480, 60), note(480, 240, 64), note(2000, 100, 67)] });
const drums = trackOf({ isDrum: true, channel: 9, notes: [note(0, 100, 36), note(480, 100, 38)] });

describe("encoding", () => {
  const remi = createMidiTokTokenizer("remi", { usePrograms: true });
  const namesOf = (ids: ArrayLike<number>): string[] => Array.from(ids, (id) => remi.vocabulary.nameOf(id));

  it("writes bars, meters, positions and notes", () => {
    const [ids] = remi.encode(scoreOf([trackOf({ program: 5, notes: [note(480, 480, 60)] })]));
    expect(namesOf(ids).join(" ")).toBe(
      "Bar_None TimeSig_4/4 Position_8 Program_5 Pitch_60 Velocity_79 Duration_1.0.8",
    );
  });

  it("writes a score without notes as its meters", () => {
    expect(namesOf(remi.encode(scoreOf([]))[0])).toEqual(["Bar_None", "TimeSig_4/4"]);
  });

  it("leaves the score as it was", () => {
    const score = scoreOf([melody, drums], { timeSignatures: [{ tick: 100, numerator: 3, denominator: 4 }] });
    const before = structuredClone(score);
    remi.encode(score);
    expect(score).toEqual(before);
  });

  it("refuses a score that would fill the memory with bars", () => {
    const far = scoreOf([trackOf({ notes: [note(2 ** 28, 1, 60)] })], { ticksPerQuarter: 1 });
    expect(() => remi.encode(far)).toThrow(/invalid score.*quarters/);
  });

  it("refuses more bars than it has numbers for", () => {
    const numbered = createMidiTokTokenizer("remi", { maxBarEmbedding: 1 });
    expect(() => numbered.encode(scoreOf([melody]))).toThrow(/max_bar_embedding/);
  });

  it("gives each track a stream of its own without program tokens", () => {
    expect(createMidiTokTokenizer("remi").encode(scoreOf([melody, drums]))).toHaveLength(2);
  });

  it("takes the pedal of any program, where MidiTok has no token for it", () => {
    const pedals = createMidiTokTokenizer("tsd", { useSustainPedals: true });
    const controls = [
      { tick: 0, controller: 64, value: 127 },
      { tick: 480, controller: 64, value: 0 },
    ];
    const [ids] = pedals.encode(scoreOf([{ ...melody, program: 40, controls }]));
    const names = Array.from(ids, (id) => pedals.vocabulary.nameOf(id));
    expect(names).toContain("Pedal_0");
    expect(names).toContain("PedalOff_0");
  });
});

describe("transposing", () => {
  it.each(["remi", "tsd", "midilike"] as const)("moves every pitch of %s and no drum", (name) => {
    const tokenizer = createMidiTokTokenizer(name, pipelineConfig);
    const [ids] = tokenizer.encode(scoreOf([melody, drums]));
    const up = tokenizer.transpose(ids, 5);
    const moved = melody.notes.map((one) => ({ ...one, pitch: one.pitch + 5 }));
    expect(up).toEqual(tokenizer.encode(scoreOf([{ ...melody, notes: moved }, drums]))[0]);
    expect(tokenizer.transpose(up ?? [], -5)).toEqual(ids);
  });

  it.each([
    ["KeySig_0:0", 2, "KeySig_2:0"],
    ["KeySig_0:0", 1, "KeySig_-5:0"],
    ["KeySig_-3:1", -3, "KeySig_0:1"],
    ["KeySig_7:0", 12, "KeySig_-5:0"],
    ["KeySig_-7:1", 0, "KeySig_-7:1"],
  ])("moves the key %s by %i to %s", (from, semitones, to) => {
    const { vocabulary, transpose } = createMidiTokTokenizer("tsd", { useKeySignatures: true });
    const moved = transpose([vocabulary.idOf(from) ?? 0], semitones);
    expect(vocabulary.nameOf(moved?.[0] ?? 0)).toBe(to);
  });

  it("leaves drums that share the pitch tokens", () => {
    const tokenizer = createMidiTokTokenizer("remi", { usePrograms: true, usePitchdrumTokens: false });
    const [ids] = tokenizer.encode(scoreOf([drums]));
    expect(tokenizer.transpose(ids, 3)).toEqual(ids);
  });

  it("gives nothing where a pitch would leave the vocabulary", () => {
    const tokenizer = createMidiTokTokenizer("remi", { pitchRange: [60, 72] });
    const [ids] = tokenizer.encode(scoreOf([melody]));
    expect(tokenizer.transpose(ids, 5)).toBeDefined();
    expect(tokenizer.transpose(ids, 6)).toBeUndefined();
    expect(tokenizer.transpose(ids, -1)).toBeUndefined();
  });
});

describe("ids", () => {
  it.each([
    ["remi", "Bar_None"],
    ["tsd", "TimeShift_1.0.8"],
    ["midilike", "TimeShift_1.0.8"],
  ] as const)("of %s may be cut before %s", (name, token) => {
    const { vocabulary, isBoundary } = createMidiTokTokenizer(name);
    const boundaries = vocabulary.names.filter((_, id) => isBoundary(id));
    expect(boundaries).toContain(token);
    expect(new Set(boundaries.map((one) => one.split("_")[0]))).toEqual(new Set([token.split("_")[0]]));
  });

  it("begin notes where they are pitches, of drums too", () => {
    const { vocabulary, isNote } = createMidiTokTokenizer("midilike");
    const types = new Set(vocabulary.names.filter((_, id) => isNote(id)).map((token) => token.split("_")[0]));
    expect(types).toEqual(new Set(["NoteOn", "DrumOn"]));
  });

  it("that frame a piece are the special tokens", () => {
    const { vocabulary, special } = createMidiTokTokenizer("remi");
    const names = [special.pad, special.begin, special.end].map((id) => vocabulary.nameOf(id));
    expect(names).toEqual(["PAD_None", "BOS_None", "EOS_None"]);
    expect(vocabulary.idOf("Nothing_1")).toBeUndefined();
  });
});

describe("sizes in encoding", () => {
  it("looks lengths up or searches them: both give the token nearest, of equally near ones the longer", () => {
    // A beat of 64ths at 480 positions a beat: lengths go far past what is kept as a table.
    const tokenizer = createMidiTokTokenizer("tsd", {
      beatRes: [
        { from: 0, to: 1, resolution: 480 },
        { from: 1, to: 200, resolution: 1 },
      ],
      timeSignatureRange: [
        { denominator: 4, numerators: [4] },
        { denominator: 64, numerators: [1] },
      ],
    });
    const ticksPerQuarter = 7680;
    const lengths = [0.5, 1, 1.5, 1.4375, 2.5, 100.4375, 100.5, 250];
    const notes = lengths.map((beats, i) => note(i * 300 * ticksPerQuarter, beats * ticksPerQuarter, 60));
    const timeSignatures = [
      { tick: 0, numerator: 4, denominator: 4 },
      { tick: 2400 * ticksPerQuarter, numerator: 1, denominator: 64 },
    ];
    const [ids] = tokenizer.encode({ ...scoreOf([trackOf({ notes })], { timeSignatures }), ticksPerQuarter });
    const names = Array.from(ids, (id) => tokenizer.vocabulary.nameOf(id));
    const durations = names.filter((name) => name.startsWith("Duration_")).map((name) => name.slice(9));
    expect(durations).toEqual([
      "0.240.480",
      "1.0.1",
      "2.0.1",
      "1.0.1",
      "3.0.1",
      "100.0.1",
      "101.0.1",
      "200.0.1",
    ]);
  });

  it("refuses a score that would be written again and again, once for each of its tracks", () => {
    const tokenizer = createMidiTokTokenizer("remi");
    const track = trackOf({ notes: [note(0, 480, 60), note(480 * 250_000, 480, 60)] });
    const copies = Array.from({ length: 200 }, () => track);
    expect(() => tokenizer.encode(scoreOf(copies))).toThrow(/score: more than 16777216 ids/);
  });
});

describe("decoding", () => {
  it("ends notes of one pitch in the order in which they began, whatever came between", () => {
    const tokenizer = createMidiTokTokenizer("midilike", { useVelocities: false });
    const names =
      "NoteOn_60 TimeShift_1.0.8 NoteOn_60 TimeShift_1.0.8 NoteOff_60 NoteOn_60 TimeShift_2.0.8 NoteOff_60 NoteOff_60 NoteOff_60";
    const ids = names.split(" ").map((name) => tokenizer.vocabulary.idOf(name) ?? -1);
    const { ticksPerQuarter, tracks } = tokenizer.decode([ids]);
    const beats = tracks[0].notes.map((one) => [one.start / ticksPerQuarter, one.duration / ticksPerQuarter]);
    expect(beats).toEqual([
      [0, 2],
      [1, 3],
      [2, 2],
    ]);
  });

  it("names tracks by their instruments", () => {
    const tokenizer = createMidiTokTokenizer("remi", pipelineConfig);
    const score = scoreOf([trackOf({ program: 71, notes: melody.notes }), drums]);
    const names = tokenizer.decode(tokenizer.encode(score)).tracks.map(({ name }) => name);
    expect(names.sort()).toEqual(["Clarinet", "Drums"]);
  });

  it("gives streams of tracks the programs that it is told", () => {
    const tokenizer = createMidiTokTokenizer("remi");
    const streams = tokenizer.encode(scoreOf([melody, drums]));
    const programs = [
      { program: 40, isDrum: false },
      { program: 0, isDrum: true },
    ];
    const { tracks } = tokenizer.decode(streams, { programs });
    expect(tracks.map(({ program, isDrum, channel }) => [program, isDrum, channel])).toEqual([
      [40, false, 0],
      [0, true, 9],
    ]);
  });

  it("counts bars of the grammar as the music does", () => {
    for (const name of ["remi", "tsd", "midilike"] as const) {
      const tokenizer = createMidiTokTokenizer(name);
      const timeSignatures = [
        { tick: 0, numerator: 3, denominator: 4 },
        { tick: 1440 * 2, numerator: 6, denominator: 8 },
      ];
      const part = trackOf({ notes: [note(0, 100, 60), note(1440 * 3 + 720, 100, 61)] });
      const [ids] = tokenizer.encode(scoreOf([part], { timeSignatures }));
      const grammar = tokenizer.grammar();
      const last = ids.findLastIndex((id) => tokenizer.isNote(id));
      for (const id of [tokenizer.special.begin, ...ids.slice(0, last)]) grammar.push(id);
      expect(grammar.bars()).toBeCloseTo(3.5, 9);
    }
  });
});
