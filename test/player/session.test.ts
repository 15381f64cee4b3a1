import { beforeEach, describe, expect, it } from "vitest";
import { pieceOf } from "../../src/player/piece.js";
import { PlayerSession } from "../../src/player/session.js";
import { scoreOf } from "../view/scores.js";
import { FakeSound } from "./fake-sound.js";

// Four bars of 4/4 at 120: a bar lasts two seconds.
const fourBars = scoreOf([
  { at: [0, 1, 2, 3].map((bar) => [bar * 1920, 1920, 60] as const) },
  { at: [[0, 480, 48]] },
]);

let sound: FakeSound;
let session: PlayerSession;
let told: string[];

beforeEach(() => {
  sound = new FakeSound();
  session = new PlayerSession(() => sound);
  told = [];
  for (const name of ["load", "play", "pause", "seek", "ended", "error"] as const)
    session.on(name, () => told.push(name));
  session.load(pieceOf(fourBars));
});

describe("playing", () => {
  it("makes the sound when it is first needed, and gives it what was set before", async () => {
    session.rate = 0.5;
    session.volume = 0.25;
    session.setTrack(1, { mute: true });
    session.loop = { from: 1920, to: 3840 };
    session.isLooping = true;
    session.seek(3);
    expect(sound.calls).toEqual([]);
    await session.play();
    expect(sound.calls).toEqual(["load", "play 3"]);
    expect(sound).toMatchObject({ rate: 0.5, volume: 0.25, loop: { from: 2, to: 4 }, score: fourBars });
    expect(sound.tracks.get(1)).toEqual({ mute: true, solo: false, volume: 1 });
    expect(told).toEqual(["load", "seek", "play"]);
  });

  it("says where the sound is, and keeps the place when paused", async () => {
    await session.play();
    sound.position = 2.5;
    expect(session.position).toBe(2.5);
    expect(session.tick).toBe(2400);
    session.pause();
    sound.position = 7;
    expect(session.position).toBe(2.5);
  });

  it("doesn't start when pause comes while the sound is loading", async () => {
    let arrive = () => {};
    sound.arrival = new Promise((resolve) => {
      arrive = resolve;
    });
    const playing = session.play();
    expect(session).toMatchObject({ isPlaying: true, isStarting: true });
    session.pause();
    arrive();
    await playing;
    expect(session).toMatchObject({ isPlaying: false, isStarting: false });
    expect(sound.calls.filter((call) => call.startsWith("play"))).toEqual([]);
  });

  it("tells of a sound that fails, stands still, and tries again at the next play", async () => {
    sound.arrival = Promise.reject(new Error("no sound"));
    await session.play();
    expect(told).toEqual(["load", "play", "pause", "error"]);
    expect(session.isPlaying).toBe(false);
    sound.arrival = Promise.resolve();
    await session.play();
    expect(sound.playing).toBe(true);
  });

  it("stands at the end when the piece is over, and plays from the start then", async () => {
    await session.play();
    sound.emit("ended");
    expect(session).toMatchObject({ isPlaying: false, position: 8 });
    expect(told.at(-1)).toBe("ended");
    await session.play();
    expect(sound.calls.at(-1)).toBe("play 0");
  });
});

describe("moving", () => {
  it("stays within the piece", () => {
    session.seek(100);
    expect(session.position).toBe(8);
    session.seek(-1);
    expect(session.position).toBe(0);
    session.seek(Number.NaN);
    expect(session.position).toBe(0);
  });

  it.each([
    ["a beat on from a line", 2, (s: PlayerSession) => s.moveBeats(1), 2.5],
    ["a beat on from between two", 2.2, (s: PlayerSession) => s.moveBeats(1), 2.5],
    ["a beat back from a line", 2, (s: PlayerSession) => s.moveBeats(-1), 1.5],
    ["a beat back from between two", 2.2, (s: PlayerSession) => s.moveBeats(-1), 2],
    ["a beat back from the start", 0, (s: PlayerSession) => s.moveBeats(-1), 0],
    ["a bar on", 2.2, (s: PlayerSession) => s.moveBars(1), 4],
    ["a bar back from inside one", 3.2, (s: PlayerSession) => s.moveBars(-1), 2],
    ["a bar back from just past a line", 2.1, (s: PlayerSession) => s.moveBars(-1), 0],
  ])("goes %s", (_name, from, move, to) => {
    session.seek(from);
    move(session);
    expect(session.position).toBeCloseTo(to, 9);
  });
});

describe("the loop", () => {
  it("begins and ends where one stands", async () => {
    await session.play();
    sound.position = 2;
    session.startLoopHere();
    expect(sound.loop).toEqual({ from: 2, to: 8 });
    sound.position = 6;
    session.endLoopHere();
    expect(sound.loop).toEqual({ from: 2, to: 6 });
    sound.position = 1;
    session.endLoopHere();
    expect(sound.loop).toEqual({ from: 0, to: 1 });
    session.isLooping = false;
    expect(sound.loop).toBeUndefined();
    expect(session.loop).toEqual({ from: 0, to: 960 });
  });

  it("is the whole piece without one, and never empty or outside", async () => {
    await session.play();
    session.isLooping = true;
    expect(sound.loop).toEqual({ from: 0, to: 8 });
    session.loop = { from: 3840, to: 1920 };
    expect(session.loop).toBeUndefined();
    session.loop = { from: -100, to: 1e9 };
    expect(session.loop).toEqual({ from: 0, to: 7680 });
  });
});

describe("tracks", () => {
  it("are heard unless they are muted, or another one has solo", () => {
    const heard = () => [0, 1].map((index) => session.isHeard(index));
    expect(heard()).toEqual([true, true]);
    session.setTrack(0, { solo: true });
    expect(heard()).toEqual([true, false]);
    session.setTrack(0, { mute: true });
    expect(heard()).toEqual([false, false]);
    session.setTrack(0, { solo: false });
    expect(heard()).toEqual([false, true]);
    session.setTrack(1, { volume: 0 });
    expect(heard()).toEqual([false, false]);
  });
});

describe("another piece", () => {
  const longer = scoreOf([
    { at: [0, 1, 2, 3, 4, 5].map((bar) => [bar * 1920, 1920, 60] as const) },
    { at: [[0, 480, 48]] },
  ]);

  it("goes on where it is with a longer version, without loading anew", async () => {
    await session.play();
    session.setTrack(1, { mute: true });
    sound.position = 5;
    session.load(pieceOf(longer), { keepPosition: true });
    await session.prepare();
    expect(session).toMatchObject({ isPlaying: true, position: 5 });
    expect(session.track(1).mute).toBe(true);
    expect(sound.calls).toEqual(["load", "play 0", "append"]);
    expect(sound.score).toBe(longer);
  });

  it("stops and begins at the start otherwise", async () => {
    await session.play();
    session.setTrack(1, { mute: true });
    session.loop = { from: 0, to: 1920 };
    session.load(pieceOf(longer));
    expect(session).toMatchObject({ isPlaying: false, position: 0, loop: undefined });
    expect(session.track(1).mute).toBe(false);
    await session.play();
    expect(sound.calls).toEqual(["load", "play 0", "pause", "load", "play 0"]);
  });

  it("goes on as well when its sound arrives during the load of the first", async () => {
    const first = session.play();
    session.load(pieceOf(longer), { keepPosition: true });
    await first;
    await session.prepare();
    expect(sound.score).toBe(longer);
  });
});

describe("a soundfont that can't be had", () => {
  it("is told of once, and playing goes on", async () => {
    await session.play();
    sound.soundfontError = new Error("gone");
    sound.emit("state");
    sound.emit("state");
    expect(told.filter((name) => name === "error")).toHaveLength(1);
    expect(session.isPlaying).toBe(true);
  });
});

describe("limits", () => {
  it("hold for rate and volume", () => {
    session.rate = 9;
    expect(session.rate).toBe(4);
    session.rate = 0;
    expect(session.rate).toBe(0.25);
    session.rate = Number.NaN;
    expect(session.rate).toBe(0.25);
    session.volume = 5;
    expect(session.volume).toBe(1.5);
    session.volume = -5;
    expect(session.volume).toBe(0);
  });

  it("give back the sound that the session made, and not the page's", async () => {
    await session.play();
    session.releaseSound();
    expect(sound.calls.at(-1)).toBe("dispose");
    await session.play();
    expect(sound.calls.slice(-2)).toEqual(["load", "play 0"]);
    const own = new FakeSound();
    session.sound = own;
    session.releaseSound();
    expect(own.calls).toEqual([]);
    expect(session.sound).toBe(own);
  });
});
