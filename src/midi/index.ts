export { type BarMap, type BarPosition, barMap } from "./bar-map.js";
export type {
  ChannelEvent,
  Division,
  MetaEvent,
  MidiEvent,
  MidiFile,
  MidiTrack,
  OtherChunk,
  SysexEvent,
  TextKind,
} from "./file.js";
export { DRUM_CHANNEL, MAX_TICK } from "./file.js";
export { instrumentName } from "./general-midi.js";
export { type ReadMidiFile, type ReadOptions, readMidi } from "./read.js";
export { readScore, scoreFromMidi } from "./read-score.js";
export type * from "./score.js";
export { notesEnd, scoreEnd } from "./score-end.js";
export { DEFAULT_MICROSECONDS_PER_QUARTER, type TempoMap, tempoMap } from "./tempo-map.js";
export { decodeText, encodeText } from "./text.js";
export type { MidiWarning, ReadMode } from "./warnings.js";
export { type WriteOptions, writeMidi } from "./write.js";
export { midiFromScore, writeScore } from "./write-score.js";
