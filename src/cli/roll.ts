import { barMap, type Score } from "../midi/index.js";
import { describeScore, rollText } from "../view/index.js";
import { shellWord, type Terminal } from "./terminal.js";

/** Bars of a prompt that a roll shows: enough to see how the new part joins it. */
const PROMPT_BARS_SHOWN = 8;
const BARS_SHOWN = 24;

/**
 * A piano roll for the terminal, as lines.
 *
 * @param seam the tick at which something new begins; then the roll shows the bars around it
 */
export function rollOf(score: Score, terminal: Terminal, seam = 0): string[] {
  const map = barMap(score);
  const seamBar = map.positionAt(seam).bar;
  const from = map.barStart(Math.max(0, seamBar - PROMPT_BARS_SHOWN));
  const bars = Math.max(1, describeScore(score).bars);
  const shown = Math.min(bars, seamBar + BARS_SHOWN);
  const to = map.barStart(shown);
  const lines = rollText(score, {
    width: terminal.width,
    colour: terminal.colour,
    height: 20,
    from,
    ...(to > from ? { to } : {}),
    ...(seam > from ? { mark: seam } : {}),
  }).split("\n");
  const first = map.positionAt(Math.ceil(from)).bar + 1;
  return first > 1 || shown < bars ? [...lines, `bars ${first} to ${shown} of ${bars}`] : lines;
}

/** What a person can do to hear a MIDI file on this system. */
export function howToHear(file: string, platform: NodeJS.Platform = process.platform): string {
  const quoted = shellWord(file);
  const anywhere = "any MIDI player or notation program (MuseScore, a DAW) plays it";
  if (platform === "darwin") return `to hear it: open ${quoted} (GarageBand); ${anywhere}`;
  if (platform === "win32") return `to hear it: start ${quoted} (Windows Media Player); ${anywhere}`;
  return `to hear it: timidity ${quoted}, or fluidsynth with a soundfont; ${anywhere}`;
}
