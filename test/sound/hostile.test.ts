import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { mutate } from "../../scripts/mutate-midi.js";
import { readScore, type Score } from "../../src/midi/index.js";
import { randomStream } from "../../src/random.js";
import { chase, renderScore, scheduleOf } from "../../src/sound/index.js";
import { cases } from "../midi/faulty-files.js";
import { peak } from "./measure.js";
import { note, scoreOf } from "./scores.js";
import { sonivox } from "./soundfont.js";

const golden: { cases: readonly { readonly file: string }[] } = JSON.parse(
  readFileSync("test/golden/midi/symusic.json", "utf8"),
);
const files = golden.cases.map(({ file }) => new Uint8Array(Buffer.from(file, "base64")));

/** Scores of broken files, as far as anything can be read of them. */
function* hostileScores(count: number): Generator<Score> {
  const mutated = Array.from({ length: count }, (_, index) => {
    const random = randomStream(9, "sound fuzz", index);
    return mutate(files[random.below(files.length)], files, random);
  });
  for (const file of [...cases.map((one) => one.file), ...mutated]) {
    try {
      yield readScore(file).score;
    } catch {
      // Files that can't be read are the reader's tests.
    }
  }
}

describe("scores of broken files", () => {
  it("become messages in order that end every note and fit MIDI", () => {
    let scores = 0;
    for (const score of hostileScores(800)) {
      scores++;
      const schedule = scheduleOf(score);
      const { events, duration, seats } = schedule;
      expect(Number.isFinite(duration)).toBe(true);
      const sounding = new Set<string>();
      let last = 0;
      for (const event of events) {
        if (!(event.time >= last && event.time <= duration)) expect.fail(`${event.time} after ${last}`);
        last = event.time;
        const key = "pitch" in event ? `${event.port} ${event.channel} ${event.pitch}` : "";
        if (event.kind === "on") expect(sounding.has(key)).toBe(false);
        if (event.kind === "on") sounding.add(key);
        if (event.kind === "off") expect(sounding.delete(key)).toBe(true);
      }
      expect(sounding.size).toBe(0);
      expect(seats).toHaveLength(score.tracks.length);
      expect(chase(schedule, duration / 2).length).toBeLessThanOrEqual(events.length);
    }
    expect(scores).toBeGreaterThan(400);
  });

  it("sound without a fault", async () => {
    const soundfont = sonivox();
    let heard = 0;
    for (const score of hostileScores(12)) {
      const { channels } = await renderScore(score, soundfont, { to: 0.3, tail: 0.1 });
      expect(channels[0].every(Number.isFinite)).toBe(true);
      if (peak(channels[0]) > 0) heard++;
    }
    expect(heard).toBeGreaterThan(10);
  });
});

it("takes a hundred thousand notes, and a thousand tracks of one channel with controls", () => {
  const notes = Array.from({ length: 100_000 }, (_, i) => note(i / 100, i % 128, 0.1));
  expect(scheduleOf(scoreOf([{ notes }])).events).toHaveLength(200_001);
  const controls = Array.from({ length: 100 }, (_, tick) => ({ tick, controller: 7, value: 100 }));
  const tracks = Array.from({ length: 1000 }, (_, i) => ({
    channel: 0,
    program: i % 128,
    notes: [note(0, 60)],
    controls,
  }));
  // Were every control told to every instrument, there would be thirteen million.
  expect(scheduleOf(scoreOf(tracks)).events.length).toBeLessThan(110_000);
});
