import type { SoundEvent } from "../synth/index.js";
import type { SoundSchedule } from "./schedule.js";

/** Registered parameters are told by several controls one after another, so that the last of each isn't enough. */
const isParameter = (controller: number): boolean =>
  controller === 6 || controller === 38 || (controller >= 96 && controller <= 101);

/**
 * What has to be sent to new instruments before the score is played from `seconds` on: programs, the last value of each
 * control, bends, and the notes that are held there, but for drums. Every event has the time `seconds`.
 */
export function chase({ events, seats }: SoundSchedule, seconds: number): SoundEvent[] {
  const drums = new Set(seats.filter(({ isDrum }) => isDrum).map(({ port, channel }) => port * 16 + channel));
  // A map keeps the order in which keys came first: a control that is set anew is taken out before it is put in.
  const state = new Map<string | number, SoundEvent>();
  let parameters = 0;
  for (const event of events) {
    if (event.time >= seconds) break;
    const seat = event.port * 16 + event.channel;
    switch (event.kind) {
      case "on":
        if (!drums.has(seat)) state.set(seat * 128 + event.pitch, event);
        break;
      case "off":
        state.delete(seat * 128 + event.pitch);
        break;
      case "control": {
        const key = isParameter(event.controller)
          ? `parameter ${parameters++}`
          : `control ${seat} ${event.controller}`;
        state.delete(key);
        state.set(key, event);
        break;
      }
      default: {
        const key = `${event.kind} ${seat}`;
        state.delete(key);
        state.set(key, event);
      }
    }
  }
  const notesLast = [...state.values()].sort((a, b) => Number(a.kind === "on") - Number(b.kind === "on"));
  return notesLast.map((event) => ({ ...event, time: seconds }));
}

/** What brings the channels of a score to where new instruments are: nothing held, and General MIDI's values of controls. */
export function resets({ events, seats }: SoundSchedule, seconds: number): SoundEvent[] {
  const setsParameters = events.some((event) => event.kind === "control" && event.controller === 101);
  // Sustain, all notes off, all controllers; volume, pan and expression stay where they are at the latter (MMA RP-015).
  const controls: (readonly [controller: number, value: number])[] = [
    [64, 0],
    [123, 0],
    [121, 0],
    [7, 100],
    [10, 64],
    [11, 127],
  ];
  // Bends reach two semitones; then no parameter is open.
  if (setsParameters) controls.push([101, 0], [100, 0], [6, 2], [38, 0], [101, 127], [100, 127]);
  return [...new Set(seats)].flatMap((seat): SoundEvent[] => {
    const { port, channel } = seat;
    const place = { time: seconds, track: seats.indexOf(seat), port, channel };
    return [
      ...controls.map(([controller, value]) => ({ ...place, kind: "control", controller, value }) as const),
      { ...place, kind: "bend", value: 0 },
    ];
  });
}
