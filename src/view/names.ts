import { instrumentName, type KeySignature, type ScoreTrack } from "../midi/index.js";

const pitchClassNames = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

/** The name of a MIDI pitch: 60 is `C4`, 61 is `C#4`. */
export function pitchName(pitch: number): string {
  return `${pitchClassNames[pitch % 12]}${Math.floor(pitch / 12) - 1}`;
}

const tonicsByFifths = [
  "Fb",
  "Cb",
  "Gb",
  "Db",
  "Ab",
  "Eb",
  "Bb",
  "F",
  "C",
  "G",
  "D",
  "A",
  "E",
  "B",
  "F#",
  "C#",
];
const minorTonics = ["G#", "D#", "A#"];

/** The name of a key: `G major`, `E minor`. */
export function keyName({ sharps, minor }: Pick<KeySignature, "sharps" | "minor">): string {
  const tonics = [...tonicsByFifths, ...minorTonics];
  return minor ? `${tonics[sharps + 11]} minor` : `${tonics[sharps + 8]} major`;
}

/**
 * A track's own name, made safe to print, or what it plays where it has none. Control characters would let a
 * file speak to the terminal.
 */
export function trackLabel(track: Pick<ScoreTrack, "name" | "program" | "isDrum">): string {
  const name = track.name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return name === "" ? instrumentName(track) : name;
}
