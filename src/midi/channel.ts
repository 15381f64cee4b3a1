import type { ChannelEvent } from "./file.js";

/** The channel event that stands in three bytes: `status` 0x80 to 0xEF and its data (`second` unused where there is one). */
export function decodeChannel(tick: number, status: number, first: number, second: number): ChannelEvent {
  const channel = status & 15;
  switch (status >> 4) {
    case 0x8:
      return { kind: "noteOff", tick, channel, pitch: first, velocity: second };
    case 0x9:
      return { kind: "noteOn", tick, channel, pitch: first, velocity: second };
    case 0xa:
      return { kind: "keyPressure", tick, channel, pitch: first, pressure: second };
    case 0xb:
      return { kind: "control", tick, channel, controller: first, value: second };
    case 0xc:
      return { kind: "program", tick, channel, program: first };
    case 0xd:
      return { kind: "channelPressure", tick, channel, pressure: first };
    default:
      return { kind: "pitchBend", tick, channel, value: second * 128 + first - 8192 };
  }
}

/** The bytes of a channel event, the opposite of `decodeChannel`: [status, first, second]; second is 0 where there is none. */
export function encodeChannel(event: ChannelEvent): readonly [number, number, number] {
  const { channel } = event;
  switch (event.kind) {
    case "noteOff":
      return [0x80 | channel, event.pitch, event.velocity];
    case "noteOn":
      return [0x90 | channel, event.pitch, event.velocity];
    case "keyPressure":
      return [0xa0 | channel, event.pitch, event.pressure];
    case "control":
      return [0xb0 | channel, event.controller, event.value];
    case "program":
      return [0xc0 | channel, event.program, 0];
    case "channelPressure":
      return [0xd0 | channel, event.pressure, 0];
    case "pitchBend": {
      const bend = event.value + 8192;
      return [0xe0 | channel, bend & 127, bend >> 7];
    }
  }
}

/** Whether an event is a channel event, and not a meta or sysex event. */
export function isChannelEvent(event: { readonly kind: string }): event is ChannelEvent {
  return "channel" in event && event.kind !== "channelPrefix";
}
