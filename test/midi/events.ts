import type { MidiEvent } from "../../src/midi/index.js";
import { bytes } from "./bytes.js";

export const on = (tick: number, pitch = 60, channel = 0, velocity = 90): MidiEvent => ({
  kind: "noteOn",
  tick,
  channel,
  pitch,
  velocity,
});
export const off = (tick: number, pitch = 60, channel = 0, velocity = 64): MidiEvent => ({
  kind: "noteOff",
  tick,
  channel,
  pitch,
  velocity,
});
export const program = (tick: number, number: number, channel = 0): MidiEvent => ({
  kind: "program",
  tick,
  channel,
  program: number,
});
export const control = (tick: number, value: number, channel = 0): MidiEvent => ({
  kind: "control",
  tick,
  channel,
  controller: 64,
  value,
});
export const named = (name: string): MidiEvent => ({
  kind: "text",
  tick: 0,
  text: "trackName",
  data: bytes(name),
});
