import { describe, expect, it } from "vitest";
import type { ScoreTrack } from "../../src/midi/index.js";
import { type RenderOptions, renderScore } from "../../src/sound/index.js";
import { centroid, onsets, peak, pitchOf, rms, spectrum } from "./measure.js";
import { note, scoreOf } from "./scores.js";
import { sonivox } from "./soundfont.js";

const RATE = 44_100;
const soundfont = sonivox();
const PIANO = 0;
const XYLOPHONE = 13;
const VIOLIN = 40;
const ORGAN = 19;
const FLUTE = 73;

/** One channel of what tracks sound like. */
async function hear(tracks: readonly Partial<ScoreTrack>[], options?: RenderOptions): Promise<Float32Array> {
  return (await renderScore(scoreOf(tracks), soundfont, options)).channels[0];
}

const seconds = (samples: Float32Array, from: number, to: number): Float32Array =>
  samples.subarray(from * RATE, to * RATE);

describe("a rendered score", () => {
  it.each([PIANO, XYLOPHONE, VIOLIN])(
    "starts notes of program %i within 10 ms of the score",
    async (program) => {
      const starts = [0.5, 1.25, 2, 2.6, 3.1];
      const sound = await hear([{ program, notes: starts.map((start, i) => note(start, 60 + 2 * i, 0.15)) }]);
      const found = onsets(sound, RATE).map((sample) => sample / RATE);
      expect(found).toHaveLength(starts.length);
      found.forEach((time, i) => {
        expect(Math.abs(time - starts[i])).toBeLessThan(0.01);
      });
    },
  );

  it("has the pitches of the score", async () => {
    const pitches = [60, 64, 69, 76, 84];
    const sound = await hear([{ program: FLUTE, notes: pitches.map((pitch, i) => note(i, pitch, 0.9)) }]);
    pitches.forEach((pitch, i) => {
      expect(Math.abs(pitchOf(seconds(sound, i + 0.2, i + 0.8), RATE) - pitch)).toBeLessThan(0.2);
    });
  });

  it("follows the tempos", async () => {
    const tempos = [
      { tick: 0, microsecondsPerQuarter: 1_000_000 },
      { tick: 960, microsecondsPerQuarter: 250_000 },
    ];
    const notes = [0, 480, 960, 1440, 1920].map((start) => ({
      start,
      duration: 200,
      pitch: 72,
      velocity: 100,
    }));
    const score = scoreOf([{ program: XYLOPHONE, notes }], { tempos });
    const sound = (await renderScore(score, soundfont)).channels[0];
    const found = onsets(sound, RATE).map((sample) => sample / RATE);
    expect(found).toHaveLength(5);
    [0, 1, 2, 2.25, 2.5].forEach((time, i) => {
      expect(Math.abs(found[i] - time)).toBeLessThan(0.01);
    });
  });

  it("is silent before the first note and after the last one has faded, and ends there", async () => {
    const { channels, sampleRate } = await renderScore(
      scoreOf([{ program: ORGAN, notes: [note(1, 60, 1)] }]),
      soundfont,
    );
    for (const samples of channels) {
      expect(peak(seconds(samples, 0, 0.99))).toBe(0);
      expect(peak(samples.subarray(-50))).toBeLessThan(1e-3);
      expect(samples.at(-1)).toBe(0);
    }
    expect(channels[0].length / sampleRate).toBeGreaterThan(2);
    expect(channels[0].length / sampleRate).toBeLessThan(6);
  });

  it("never reaches full scale, and is made softer as a whole", async () => {
    const crowd = Array.from({ length: 60 }, (_, i) => note(0.5, 30 + i, 1, 127));
    const loud = await renderScore(scoreOf([{ program: ORGAN, notes: crowd }]), soundfont, { gain: 10 });
    const most = Math.max(...loud.channels.map(peak));
    expect(20 * Math.log10(most)).toBeCloseTo(-1, 2);
    const twice = await renderScore(scoreOf([{ program: ORGAN, notes: crowd }]), soundfont, { gain: 20 });
    expect(rms(twice.channels[0])).toBeCloseTo(rms(loud.channels[0]), 4);
  });

  it("is as loud as gain says where there is room", async () => {
    const track = { program: XYLOPHONE, notes: [note(0, 60)] };
    const [once, half] = [await hear([track]), await hear([track], { gain: 0.5 })];
    expect(peak(half) / peak(once)).toBeCloseTo(0.5, 3);
  });

  it("lets velocity be heard", async () => {
    const sound = await hear([{ notes: [note(0, 60, 0.5, 30), note(2, 60, 0.5, 120)] }]);
    expect(peak(seconds(sound, 2, 3))).toBeGreaterThan(3 * peak(seconds(sound, 0, 1)));
  });

  it("holds notes by the pedal until it is lifted", async () => {
    const pedal = [
      { tick: 0, controller: 64, value: 127 },
      { tick: 2.5 * 960, controller: 64, value: 0 },
    ];
    const track = { program: ORGAN, notes: [note(0, 60, 0.5), note(4, 72, 0.1)] };
    const [dry, held] = [await hear([track]), await hear([{ ...track, controls: pedal }])];
    expect(rms(seconds(dry, 1.5, 2.4))).toBeLessThan(1e-3);
    expect(rms(seconds(held, 1.5, 2.4))).toBeGreaterThan(0.02);
    expect(rms(seconds(held, 3.5, 3.9))).toBeLessThan(1e-3);
  });

  it("bends pitches", async () => {
    const pitchBends = [
      { tick: 960, value: 8191 },
      { tick: 2 * 960, value: -4096 },
    ];
    const sound = await hear([{ program: FLUTE, notes: [note(0, 60, 3)], pitchBends }]);
    const heard = [0, 1, 2].map((i) => pitchOf(seconds(sound, i + 0.2, i + 0.9), RATE));
    [60, 62, 59].forEach((pitch, i) => {
      expect(Math.abs(heard[i] - pitch)).toBeLessThan(0.2);
    });
  });

  it("gives programs spectra of their own", async () => {
    const bins = await Promise.all(
      [PIANO, VIOLIN, 73].map(async (program) => {
        const sound = await hear([{ program, notes: [note(0, 60, 1)] }]);
        return spectrum(seconds(sound, 0.1, 0.9));
      }),
    );
    const likeness = (a: Float64Array, b: Float64Array): number => {
      const dot = a.reduce((sum, x, k) => sum + x * b[k], 0);
      return dot / (Math.hypot(...a) * Math.hypot(...b));
    };
    expect(likeness(bins[0], bins[0])).toBeCloseTo(1, 6);
    expect(likeness(bins[0], bins[1])).toBeLessThan(0.9);
    expect(likeness(bins[0], bins[2])).toBeLessThan(0.98);
    expect(likeness(bins[1], bins[2])).toBeLessThan(0.9);
  });

  it("has drums: a low kick and a high hat, at their times", async () => {
    const sound = await hear([{ isDrum: true, channel: 9, notes: [note(0.5, 36, 0.1), note(1.5, 42, 0.1)] }]);
    const found = onsets(sound, RATE, RATE / 2).map((sample) => sample / RATE);
    expect(found).toHaveLength(2);
    expect(Math.abs(found[0] - 0.5)).toBeLessThan(0.01);
    expect(Math.abs(found[1] - 1.5)).toBeLessThan(0.01);
    expect(centroid(seconds(sound, 0.5, 0.7), RATE)).toBeLessThan(200);
    expect(centroid(seconds(sound, 1.5, 1.6), RATE)).toBeGreaterThan(2000);
  });

  it("has drums on a second drum track too, where drums would else be a piano", async () => {
    const kick = { isDrum: true, channel: 9, notes: [note(0.5, 36, 0.1)] };
    const sound = await hear([{ isDrum: true, channel: 9 }, kick]);
    expect(centroid(seconds(sound, 0.5, 0.7), RATE)).toBeLessThan(200);
  });

  it("plays more than sixteen tracks, each with its own instrument", async () => {
    const tracks = Array.from({ length: 20 }, (_, i) => ({
      channel: i % 16 === 9 ? 0 : i % 16,
      program: i === 19 ? VIOLIN : XYLOPHONE,
      notes: i === 19 ? [note(0, 60, 1)] : [],
    }));
    const sound = await hear(tracks);
    const alone = await hear([{ program: VIOLIN, notes: [note(0, 60, 1)] }]);
    expect(rms(sound)).toBeCloseTo(rms(alone), 2);
  });

  it("leaves out muted tracks", async () => {
    const tracks = [
      { program: FLUTE, notes: [note(0, 60, 1)] },
      { program: FLUTE, notes: [note(0, 69, 1)] },
    ];
    const sound = await hear(tracks, { mute: [0] });
    expect(Math.abs(pitchOf(seconds(sound, 0.2, 0.9), RATE) - 69)).toBeLessThan(0.2);
  });

  it("can be a part of the score, with what is held there", async () => {
    const controls = [{ tick: 0, controller: 7, value: 0 }];
    const tracks = [
      { program: FLUTE, notes: [note(0, 60, 3), note(2.5, 72, 2)] },
      { channel: 1, program: FLUTE, controls, notes: [note(1.5, 50, 1)] },
    ];
    const sound = await hear(tracks, { from: 2, to: 4, tail: 1 });
    expect(Math.abs(pitchOf(seconds(sound, 0.1, 0.45), RATE) - 60)).toBeLessThan(0.2);
    expect(Math.abs(pitchOf(seconds(sound, 1.2, 1.9), RATE) - 72)).toBeLessThan(0.2);
    expect(sound.length / RATE).toBeLessThanOrEqual(3);
  });

  it("is as long at other sample rates", async () => {
    const track = { program: XYLOPHONE, notes: [note(0.5, 69, 0.4)] };
    const { channels, sampleRate } = await renderScore(scoreOf([track]), soundfont, { sampleRate: 22_050 });
    expect(sampleRate).toBe(22_050);
    expect(Math.abs(onsets(channels[0], sampleRate)[0] / sampleRate - 0.5)).toBeLessThan(0.01);
    expect(Math.abs(pitchOf(channels[0].subarray(11_300, 19_000), sampleRate) - 69)).toBeLessThan(0.2);
  });

  it("is nothing for a score without notes", async () => {
    expect(await hear([])).toHaveLength(0);
    expect(await hear([{ controls: [{ tick: 96_000, controller: 64, value: 127 }] }])).toHaveLength(0);
  });

  it("stays sound where a file asks for far too much", async () => {
    const crowd = Array.from({ length: 20_000 }, (_, i) => note(0.2, i % 128, 0.2, 127));
    const sound = await hear([{ notes: crowd }], { tail: 0.5 });
    expect(sound.every(Number.isFinite)).toBe(true);
    expect(peak(sound)).toBeLessThan(0.9);
  });
});

describe("renderScore refuses", () => {
  const score = scoreOf([{ notes: [note(0, 60)] }]);

  it("what is no soundfont", async () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(1000), soundfont.slice(0, 5000)]) {
      await expect(renderScore(score, bytes)).rejects.toThrow(/^invalid soundfont/);
    }
  });

  it("hours of sound at once", async () => {
    const long = scoreOf([{ notes: [note(0, 60, 4000)] }]);
    await expect(renderScore(long, soundfont)).rejects.toThrow(
      "invalid sound: 4000 seconds; expected at most 3600. Render a part of it",
    );
    expect((await renderScore(long, soundfont, { from: 3999.5 })).channels[0].length).toBeGreaterThan(0);
  });

  it("options out of range", async () => {
    for (const options of [{ sampleRate: 1 }, { gain: Number.NaN }, { from: -1 }, { from: 3, to: 2 }]) {
      await expect(renderScore(score, soundfont, options)).rejects.toThrow(/^invalid/);
    }
  });

  it("to go on where its caller stops it", async () => {
    const onProgress = (): void => {
      throw new Error("stop");
    };
    await expect(renderScore(score, soundfont, { onProgress })).rejects.toThrow("stop");
  });
});
