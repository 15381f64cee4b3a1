import {
  DEFAULT_MIDI_CONTROLLERS,
  SoundBankLoader,
  SPESSASYNTH_GAIN_FACTOR,
  SpessaLog,
  SpessaSynthProcessor,
} from "spessasynth_core";
import { invalid } from "../errors.js";
import type { Seat, SoundMessage } from "./event.js";

/** Envelopes and filters move once a block of so many samples. */
const BLOCK = 128;

/** Velocities at which samples are looked for ahead: soundfonts have a few for loud and soft notes, if any. */
const LAYERS = [20, 50, 80, 100, 120];

/** Undoes what the synthesizer takes off all sounds: with it a piano piece peaks at −15 dBFS, and without at −10. */
const LEVEL = 1 / SPESSASYNTH_GAIN_FACTOR;

/** Instruments of a soundfont that are played by messages and give samples. */
export interface SoundfontSynth {
  readonly sampleRate: number;
  /** How many samples of the soundfont sound now, releases included. */
  readonly voices: number;
  /** Takes a message; it is heard from the next sample on. */
  send(message: Seat & SoundMessage): void;
  /** Adds the next `count` samples to those from `start` on. */
  render(left: Float32Array, right: Float32Array, start: number, count: number): void;
  /** Loudness of a channel, 1 as it is. */
  setGain(seat: Seat, gain: number): void;
  /** Decodes ahead what a program needs for the pitches from `low` to `high`: else its first note would wait for it. */
  prepare(program: number, isDrum: boolean, low: number, high: number): void;
  /** Another soundfont for the notes from now on. @throws AttaccaError `invalid` */
  useSoundfont(soundfont: Uint8Array): void;
  /** Ends all sounds: at once, or by their releases. */
  silence(atOnce: boolean): void;
  /** All channels as they were at first, without a sound. */
  reset(): void;
}

/**
 * A synthesizer for a soundfont in the format SoundFont 2.04 (.sf2), the same with Vorbis samples (.sf3), or DLS.
 *
 * @param soundfont the file's bytes
 * @param sampleRate samples a second
 * @throws AttaccaError `invalid` for bytes that are no soundfont
 */
export async function createSoundfontSynth(
  soundfont: Uint8Array,
  sampleRate: number,
): Promise<SoundfontSynth> {
  // Its notes on odd files are for its own developers.
  SpessaLog.setLogLevel(false, false, false);
  const processor = new SpessaSynthProcessor(sampleRate, { eventsEnabled: false, maxBufferSize: BLOCK });
  await processor.processorInitialized;
  processor.onMissingPreset = () => undefined;
  processor.setSystemParameter("gain", LEVEL);

  const indexOf = ({ port, channel }: Seat): number => {
    const index = port * 16 + channel;
    while (processor.midiChannels.length <= index) {
      processor.createMIDIChannel();
      begin(processor, processor.midiChannels.length - 1);
    }
    return index;
  };

  const synth: SoundfontSynth = {
    sampleRate,
    get voices() {
      return processor.voiceCount;
    },
    send(message) {
      const index = indexOf(message);
      switch (message.kind) {
        case "on":
          processor.noteOn(index, message.pitch, message.velocity);
          break;
        case "off":
          processor.noteOff(index, message.pitch);
          break;
        case "program":
          if (processor.midiChannels[index].drumChannel !== message.isDrum) {
            processor.midiChannels[index].setDrums(message.isDrum);
          }
          processor.programChange(index, message.program);
          break;
        case "control":
          processor.controllerChange(index, message.controller as 0, message.value);
          break;
        case "bend":
          processor.pitchWheel(index, message.value + 8192);
          break;
      }
    },
    render(left, right, start, count) {
      for (let done = 0; done < count; done += BLOCK) {
        processor.process(left, right, start + done, Math.min(BLOCK, count - done));
      }
    },
    setGain(seat, gain) {
      processor.midiChannels[indexOf(seat)].setSystemParameter("gain", gain);
    },
    prepare(program, isDrum, low, high) {
      const patch = { program, bankMSB: 0, bankLSB: 0, isGMGSDrum: isDrum };
      for (const { soundBank } of processor.soundBankManager.soundBankList) {
        const preset = soundBank.presets.find((one) => one.matches(patch));
        for (let pitch = low; pitch <= high; pitch++) {
          for (const velocity of LAYERS) {
            for (const { sample } of preset?.getVoiceParameters(pitch, velocity) ?? []) sample.getAudioData();
          }
        }
      }
    },
    useSoundfont(bytes) {
      const bank = readSoundfont(bytes);
      processor.stopAllChannels(true);
      processor.soundBankManager.addSoundBank(bank, "main");
      processor.clearCache();
    },
    silence(atOnce) {
      processor.stopAllChannels(atOnce);
    },
    reset() {
      processor.stopAllChannels(true);
      processor.reset();
    },
  };
  synth.useSoundfont(soundfont);
  return synth;
}

/** Of a channel beyond the sixteenth, the synthesizer starts with all controls at 0, and with drums. */
function begin(processor: SpessaSynthProcessor, index: number): void {
  const control = (controller: number, value: number): void =>
    processor.controllerChange(index, controller as 0, value);
  // Not banks (0, 32), portamento's origin (84), nor what tells parameters (6, 38, from 96 on).
  const left = new Set([0, 6, 32, 38, 84]);
  DEFAULT_MIDI_CONTROLLERS.slice(0, 96).forEach((value, controller) => {
    if (!left.has(controller)) control(controller, value >> 7);
  });
  // Bends reach two semitones; then no parameter is open.
  for (const [controller, value] of [
    [101, 0],
    [100, 0],
    [6, 2],
    [101, 127],
    [100, 127],
  ])
    control(controller, value);
  processor.pitchWheel(index, 8192);
  processor.midiChannels[index].setDrums(index % 16 === 9);
  processor.programChange(index, 0);
}

type SoundBank = ReturnType<typeof SoundBankLoader.fromArrayBuffer>;

function readSoundfont(bytes: Uint8Array): SoundBank {
  const expected = "the content of an .sf2, .sf3 or .dls file";
  if (bytes.length < 12) throw invalid("soundfont", `${bytes.length} bytes`, expected);
  try {
    const bank = SoundBankLoader.fromArrayBuffer(new Uint8Array(bytes).buffer);
    if (bank.presets.length > 0) return bank;
  } catch (error) {
    throw invalid("soundfont", `${(error as Error).message}`, expected);
  }
  throw invalid("soundfont", "no instrument in it", expected);
}
