import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { centroid, onsets, peak, pitchOf, rms } from "../sound/measure.js";
import { note, scoreOf } from "../sound/scores.js";
import { openSoundPage, type Sounded, type SoundPage } from "./sound/open-page.js";
import type { Recorded, Step } from "./sound/recording.js";

const XYLOPHONE = 13;
const ORGAN = 19;
const FLUTE = 73;
const SOUNDFONT = { soundfont: "sonivox.sf3" };

let page: SoundPage;
beforeAll(async () => {
  page = await openSoundPage();
});
afterAll(() => page?.close());

type Sound = Sounded<Recorded>;
type Tracks = Parameters<typeof scoreOf>[0];

// The player gives notes to the sound 0.3 s before they are heard. In a page that stands still for longer they come late,
// whoever plays them, so that such a recording says nothing about the player. In seconds.
const longestStall = 0.15;

async function play(
  tracks: Tracks,
  seconds: number,
  steps: readonly Step[] = [],
  options: object = SOUNDFONT,
): Promise<Sound> {
  for (let attempt = 0; attempt < 8; attempt++) {
    const score = scoreOf(tracks);
    const sound = await page.record({ score, options, seconds, steps: [{ at: 0, do: "play" }, ...steps] });
    if (sound.stalled < longestStall) return sound;
  }
  throw new Error("The page stood still in each of 8 recordings: this machine is too busy to record sound.");
}

/** Seconds of the recording at which something starts to sound. */
const starts = (sound: Sound): number[] =>
  onsets(sound.left, sound.sampleRate).map((sample) => sound.start + sample / sound.sampleRate);

const part = ({ left, sampleRate, start }: Sound, from: number, to: number): Float32Array =>
  left.subarray(Math.round((from - start) * sampleRate), Math.round((to - start) * sampleRate));

const quarters = (count: number, pitch = 60): Tracks[0] => ({
  program: XYLOPHONE,
  notes: Array.from({ length: count }, (_, i) => note(i / 4, pitch + i, 0.1)),
});

/** The position that was shown while a time of the recording was heard. */
function positionAt({ positions, outputLatency }: Sound, time: number): number {
  const heard = time + outputLatency;
  const next = positions.findIndex(([at]) => at >= heard);
  const [[before, from], [after, to]] = [positions[next - 1], positions[next]];
  return from + ((heard - before) / (after - before)) * (to - from);
}

describe.each([
  ["soundfont", SOUNDFONT],
  ["synth", {}],
])("a score played by a %s", (kind, options) => {
  it("starts each note within 10 ms of its time, where the position shows it, and ends in silence", async () => {
    const sound = await play([quarters(8)], 3.4, [], options);
    expect(sound.kind).toBe(kind);
    expect(sound.soundfontError).toBeUndefined();
    const found = starts(sound);
    expect(found).toHaveLength(8);
    // The first note comes as soon as it can; all others are sent ahead.
    found.slice(1).forEach((time, i) => {
      expect(Math.abs(time - found[1] - i / 4)).toBeLessThan(0.01);
      expect(Math.abs(positionAt(sound, time) - (i + 1) / 4)).toBeLessThan(0.03);
    });
    expect(sound.events).toEqual(["ended at 1.85"]);
    expect(peak(part(sound, found[7] + 1.2, 3.4))).toBeLessThan(1e-3);
  });

  it("has the pitches of the score, bends and the pedal in them", async () => {
    const bent = { program: FLUTE, notes: [note(0, 69, 1)], pitchBends: [{ tick: 480, value: 8191 }] };
    const controls = [
      { tick: 0, controller: 64, value: 127 },
      { tick: 2 * 960, controller: 64, value: 0 },
    ];
    const held = { program: ORGAN, channel: 1, notes: [note(1.2, 60, 0.1)], controls };
    const sound = await play([bent, held], 2.9, [], options);
    const begin = starts(sound)[0];
    expect(Math.abs(pitchOf(part(sound, begin + 0.1, begin + 0.48), sound.sampleRate) - 69)).toBeLessThan(
      0.3,
    );
    expect(Math.abs(pitchOf(part(sound, begin + 0.55, begin + 0.95), sound.sampleRate) - 71)).toBeLessThan(
      0.3,
    );
    const loud = rms(part(sound, begin + 1.5, begin + 1.95));
    expect(loud).toBeGreaterThan(0.01);
    expect(rms(part(sound, begin + 2.5, begin + 2.7))).toBeLessThan(loud / 10);
  });

  it("has drums", async () => {
    const drums = { isDrum: true, channel: 9, notes: [note(0, 36, 0.1), note(0.5, 42, 0.1)] };
    const sound = await play([drums], 1.2, [], options);
    const [kick, hat] = onsets(sound.left, sound.sampleRate, sound.sampleRate / 4).map(
      (sample) => sound.start + sample / sound.sampleRate,
    );
    expect(Math.abs(hat - kick - 0.5)).toBeLessThan(0.01);
    expect(centroid(part(sound, kick, kick + 0.2), sound.sampleRate)).toBeLessThan(250);
    expect(centroid(part(sound, hat, hat + 0.1), sound.sampleRate)).toBeGreaterThan(2000);
  });

  it("is never clipped, however loud the score", async () => {
    const crowd = {
      program: ORGAN,
      notes: Array.from({ length: 24 }, (_, i) => note(0, 36 + 2 * i, 0.6, 127)),
    };
    const sound = await play([crowd], 1, [{ at: 0, do: "volume", volume: 1.5 }], options);
    expect(peak(sound.left)).toBeGreaterThan(0.1);
    expect(peak(sound.left)).toBeLessThan(1);
  });
});

describe("while it plays", () => {
  it("the rate changes, and the position with it", async () => {
    const sound = await play([quarters(12)], 2.6, [{ at: 0.6, do: "rate", rate: 2 }]);
    const found = starts(sound);
    expect(found).toHaveLength(12);
    const gaps = found.slice(1).map((time, i) => time - found[i]);
    expect(Math.abs(gaps[1] - 0.25)).toBeLessThan(0.01);
    for (const gap of gaps.slice(-6)) expect(Math.abs(gap - 0.125)).toBeLessThan(0.01);
    for (const i of [2, 6, 10]) expect(Math.abs(positionAt(sound, found[i]) - i / 4)).toBeLessThan(0.03);
  });

  it("a loop goes back without a gap, again and again", async () => {
    const steps: Step[] = [{ at: 0, do: "loop", loop: { from: 0.25, to: 0.75 } }];
    const sound = await play([quarters(8)], 2.4, steps);
    const found = starts(sound).slice(0, 8);
    found.slice(2).forEach((time, i) => {
      expect(Math.abs(time - found[i + 1] - 0.25)).toBeLessThan(0.01);
    });
    // 0, then 1 and 2 over and over.
    const pitches = found.map((time) =>
      Math.round(pitchOf(part(sound, time, time + 0.15), sound.sampleRate)),
    );
    expect(pitches).toEqual([60, 61, 62, 61, 62, 61, 62, 61]);
    expect(sound.events).toEqual([]);
  });

  it("it pauses at once, goes on where it was, and seeks", async () => {
    const held = { program: ORGAN, notes: [note(0, 60, 1), note(1, 67, 2), note(5, 72, 2)] };
    const sound = await play([held], 3, [
      { at: 0.6, do: "pause" },
      { at: 1.2, do: "play" },
      { at: 2.2, do: "seek", to: 5.5 },
    ]);
    expect(rms(part(sound, 0.3, 0.5))).toBeGreaterThan(0.01);
    expect(rms(part(sound, 0.85, 1.15))).toBeLessThan(0.002);
    expect(rms(part(sound, 1.35, 1.55))).toBeGreaterThan(0.01);
    // Held notes sound where one comes into the middle of them.
    expect(rms(part(sound, 2.5, 2.9))).toBeGreaterThan(0.01);
    const last = sound.positions.at(-1)!;
    expect(Math.abs(last[1] - 5.5 - (last[0] - 2.2 - 0.08 - sound.outputLatency))).toBeLessThan(0.05);
  });

  it("tracks are muted, alone, louder and softer", async () => {
    const tracks = [60, 67].map((pitch) => ({ program: FLUTE, notes: [note(0, pitch, 3)] }));
    const sound = await play(tracks, 3, [
      { at: 0, do: "track", index: 0, settings: { mute: true } },
      { at: 0.8, do: "track", index: 0, settings: { mute: false, solo: true } },
      { at: 1.6, do: "track", index: 0, settings: { volume: 0.25 } },
      { at: 2.4, do: "track", index: 0, settings: { volume: 0 } },
    ]);
    expect(Math.abs(pitchOf(part(sound, 0.4, 0.8), sound.sampleRate) - 67)).toBeLessThan(0.3);
    expect(Math.abs(pitchOf(part(sound, 1.2, 1.6), sound.sampleRate) - 60)).toBeLessThan(0.3);
    const ratio = rms(part(sound, 2, 2.4)) / rms(part(sound, 1.2, 1.6));
    expect(ratio).toBeGreaterThan(0.15);
    expect(ratio).toBeLessThan(0.35);
    expect(rms(part(sound, 2.8, 3))).toBeLessThan(0.002);
  });

  it("a longer score takes over without a stop", async () => {
    const longer = scoreOf([quarters(8), { program: XYLOPHONE, channel: 0, notes: [note(2, 50, 0.1)] }]);
    const sound = await play([quarters(4)], 2.6, [{ at: 0.5, do: "append", score: longer }]);
    const found = starts(sound);
    expect(found).toHaveLength(9);
    found.slice(1).forEach((time, i) => {
      expect(Math.abs(time - found[1] - i / 4)).toBeLessThan(0.01);
    });
    expect(sound.events).toEqual(["ended at 2.10"]);
  });
});

it("stays with the position for five minutes", async () => {
  const notes = Array.from({ length: 299 }, (_, i) => note(i, 60 + (i % 12), 0.2));
  const tempos = [
    { tick: 0, microsecondsPerQuarter: 500_000 },
    { tick: 480 * 100, microsecondsPerQuarter: 333_333 },
    { tick: 480 * 101, microsecondsPerQuarter: 500_000 },
  ];
  const sound = await page.recordOffline({
    score: scoreOf([{ program: XYLOPHONE, notes }], { tempos }),
    ...SOUNDFONT,
    seconds: 300,
    sampleRate: 8000,
  });
  const found = onsets(sound.left, 8000).map((sample) => sample / 8000);
  expect(found).toHaveLength(299);
  const shown = found.map((time) => {
    const next = sound.positions.findIndex(([at]) => at >= time);
    const [[before, from], [after, to]] = [sound.positions[next - 1] ?? [0, 0], sound.positions[next]];
    return from + ((time - before) / (after - before)) * (to - from);
  });
  const late = 500_000 - 333_333;
  const differences = shown.map((seconds, i) => Math.abs(seconds - (i > 50 ? i - late / 1e6 : i)));
  // The first tick comes after the first note.
  expect(Math.max(...differences.slice(1))).toBeLessThan(0.01);
});

it("plays nothing for a score without notes, and something of a hundred thousand", async () => {
  const empty = await play([], 0.4);
  expect(peak(empty.left)).toBe(0);
  expect(empty.events).toEqual(["ended at 0.00"]);
  const crowd = await page.record({
    score: scoreOf([{ program: XYLOPHONE, notes: [note(0, 60, 0.05)] }]),
    repeated: 100_000,
    options: SOUNDFONT,
    seconds: 1.2,
    steps: [{ at: 0, do: "play" }],
  });
  expect(peak(crowd.left)).toBeGreaterThan(0.05);
  expect(peak(crowd.left)).toBeLessThan(1);
});

it("is heard soon after the call of play", async ({ annotate }) => {
  for (const [name, options] of Object.entries({ soundfont: SOUNDFONT, synth: {} })) {
    const { firstSound } = await play([quarters(1)], 0.8, [], options);
    expect(firstSound).toBeGreaterThan(0);
    await annotate(`${name}: first sample after ${Math.round(firstSound!)} ms`);
  }
});

it("falls back to the synthesizer where the soundfont isn't there", async () => {
  const sound = await play([quarters(2)], 0.8, [], { soundfont: "none.sf3" });
  expect(sound.kind).toBe("synth");
  expect(sound.soundfontError).toMatch(/none\.sf3/);
  expect(peak(sound.left)).toBeGreaterThan(0.01);
});

it("needs neither isolation, nor scripts made from text, nor a word on the console", () => {
  expect(page.console.filter((line) => !line.includes("404"))).toEqual([]);
});

it("falls back where the policy forbids WebAssembly too, which the soundfont's samples need", async () => {
  const strict = await openSoundPage("/no-wasm");
  try {
    const sound = await strict.record({
      score: scoreOf([quarters(2)]),
      options: SOUNDFONT,
      seconds: 0.8,
      steps: [{ at: 0, do: "play" }],
    });
    expect(sound.isolated).toBe(false);
    expect(sound.kind).toBe("synth");
    expect(peak(sound.left)).toBeGreaterThan(0.01);
  } finally {
    await strict.close();
  }
});
