import { expect, it } from "vitest";
import { midiInstruments } from "../../src/player/sound/midi-instruments.js";
import { scheduleOf } from "../../src/sound/index.js";
import { note, scoreOf } from "../sound/scores.js";

/** What an output of the browser would have been sent. */
function recorder() {
  const sent: { bytes: readonly number[]; time: number | undefined }[] = [];
  const output = {
    send: (bytes: Iterable<number>, time?: number) => void sent.push({ bytes: [...bytes], time }),
    close: () => Promise.resolve(output),
  };
  const instruments = midiInstruments(output as never, (seconds) => 1000 * seconds);
  return { sent, instruments };
}

const play = (tracks: Parameters<typeof scoreOf>[0]) => {
  const { sent, instruments } = recorder();
  instruments.send(scheduleOf(scoreOf(tracks)).events.map((event) => ({ event, at: event.time + 5 })));
  return sent;
};

it("sends a score's messages in MIDI's bytes, at the times of the page's clock", () => {
  const sent = play([
    {
      channel: 2,
      program: 40,
      notes: [note(1, 60, 0.5, 90)],
      controls: [{ tick: 0, controller: 7, value: 80 }],
      pitchBends: [
        { tick: 0, value: -8192 },
        { tick: 960, value: 0 },
      ],
    },
  ]);
  expect(sent).toEqual([
    { bytes: [0xc2, 40], time: 5000 },
    { bytes: [0xb2, 7, 80], time: 5000 },
    { bytes: [0xe2, 0, 0], time: 5000 },
    { bytes: [0xe2, 0, 64], time: 6000 },
    { bytes: [0x92, 60, 90], time: 6000 },
    { bytes: [0x82, 60, 64], time: 6500 },
  ]);
});

it("lets tracks beyond sixteen channels share them, with their programs", () => {
  const tracks = Array.from({ length: 17 }, (_, i) => ({
    channel: 0,
    program: i,
    notes: [note(i, 60, 0.5)],
  }));
  const sent = play(tracks).filter(({ bytes }) => bytes[0] === 0x90 || bytes[0] === 0xc0);
  expect(sent.map(({ bytes }) => bytes)).toEqual([
    [0xc0, 0],
    [0x90, 60, 100],
    [0xc0, 15],
    [0x90, 60, 100],
  ]);
});

it("ends everything when it is cut off, and again after what is on its way", () => {
  const { sent, instruments } = recorder();
  const { events } = scheduleOf(scoreOf([{ notes: [note(0, 60)] }]));
  instruments.send(events.map((event) => ({ event, at: 1e6 })));
  sent.length = 0;
  instruments.cancel();
  expect(sent).toHaveLength(2 * 16 * 3);
  expect(sent.slice(0, 3).map(({ bytes }) => bytes)).toEqual([
    [0xb0, 64, 0],
    [0xb0, 123, 0],
    [0xb0, 120, 0],
  ]);
  expect(sent.at(-1)!.time).toBeGreaterThan(1e9);
});
