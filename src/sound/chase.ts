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
