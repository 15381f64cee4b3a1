import { expect, it } from "vitest";
import type { Instruments, TimedEvent } from "../../src/player/sound/instruments.js";
import { Playback } from "../../src/player/sound/playback.js";
import type { Transport } from "../../src/player/sound/transport.js";
import { note, scoreOf } from "../sound/scores.js";

/** A playback over a clock that the test moves, and instruments that write down what they are sent. */
function stage() {
  const context = { currentTime: 0 };
  const sent: TimedEvent[] = [];
  let anchor = { at: 0, seconds: 0, rate: 1 };
  const secondsAt = (time: number): number => anchor.seconds + (time - anchor.at) * anchor.rate;
  const jump = (at: number, seconds: number): void => {
    anchor = { ...anchor, at, seconds };
  };
  const transport = {
    start: jump,
    jump,
    stop() {},
    setRate(at: number, rate: number) {
      anchor = { at, seconds: secondsAt(at), rate };
    },
    secondsAt,
  } as unknown as Transport;
  const instruments: Instruments = {
    kind: "synth",
    hasGains: false,
    canRecall: true,
    prepare() {},
    send: (events) => void sent.push(...events),
    setGain() {},
    cancel() {},
    dispose() {},
  };
  const playback = new Playback(
    context as ConstructorParameters<typeof Playback>[0],
    transport,
    instruments,
    () => 0,
  );
  /** Moves the clock, in ticks of odd lengths. */
  const run = (seconds: number): void => {
    const end = context.currentTime + seconds;
    for (; context.currentTime < end; context.currentTime += 0.0371) playback.pump();
  };
  const notes = (): TimedEvent[] => sent.filter(({ event }) => event.kind === "on");
  return { playback, run, sent, notes };
}

it("sends every note once, at its time, from wherever it starts and at any rate", () => {
  const score = scoreOf([{ notes: Array.from({ length: 400 }, (_, i) => note(i, 60, 0.3)) }]);
  for (const from of [0, 10, 33.333_333, 299.999_999]) {
    for (const rate of [0.25, 0.77, 1, 4]) {
      const { playback, run, notes } = stage();
      playback.load(score);
      playback.rate = rate;
      run(0.3 + from / 7);
      playback.play(from);
      run(20 / rate);
      const first = Math.ceil(from);
      const heard = notes().filter(({ event }) => event.time >= first);
      expect(heard.length).toBeGreaterThanOrEqual(20);
      heard.forEach(({ at, event }, i) => {
        expect(event.time).toBe(first + i);
        expect(at - heard[0].at).toBeCloseTo(i / rate, 9);
      });
    }
  }
});

it("leaves out muted tracks of instruments without gains, and softens others", () => {
  const { playback, run, notes } = stage();
  playback.load(scoreOf([{ notes: [note(0, 60)] }, { notes: [note(0, 64)] }, { notes: [note(0, 67)] }]));
  playback.gains = [0, 0.5, 1];
  playback.play(0);
  run(1);
  expect(notes().map(({ event }) => "velocity" in event && [event.pitch, event.velocity])).toEqual([
    [64, 50],
    [67, 100],
  ]);
});

it("ends notes that a longer score no longer has", () => {
  const { playback, run, sent } = stage();
  playback.load(scoreOf([{ notes: [note(0, 60, 9), note(0, 64, 9)] }]));
  playback.play(0);
  run(1);
  sent.length = 0;
  playback.append(scoreOf([{ notes: [note(0, 60, 9), note(5, 70, 1)] }]));
  expect(
    sent.filter(({ event }) => event.kind === "off").map(({ event }) => "pitch" in event && event.pitch),
  ).toEqual([64]);
});

it("goes to the nearest position that there is", () => {
  const { playback } = stage();
  playback.load(scoreOf([{ notes: [note(0, 60, 9)] }]));
  for (const [asked, got] of [
    [-1, 0],
    [100, 9],
    [Number.NaN, 0],
    [4, 4],
  ]) {
    playback.stop(asked);
    expect(playback.position).toBe(got);
    playback.play(asked);
    expect(playback.position).toBe(got);
  }
});
