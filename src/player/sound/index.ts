export type {
  Loop,
  MidiOutputName,
  Sound,
  SoundEventName,
  SoundKind,
  TrackSettings,
} from "./sound.js";
