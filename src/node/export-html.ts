import { readFile } from "node:fs/promises";
import { missing } from "../errors.js";
import { readMidi } from "../midi/index.js";
import { singleHtml } from "../view/index.js";
import { packagePath } from "./package-path.js";

/** How a piece is written as a page of its own. */
export interface ExportHtmlOptions {
  readonly title: string;
  /**
   * `synth`: a simple synthesizer, in a small file. `soundfont`: the bundled General MIDI instruments, which the file then
   * holds (1.6 MB more).
   */
  readonly sound: "synth" | "soundfont";
  /** As the player's attribute: seconds, or `bar:9`. */
  readonly promptEnd?: string;
  readonly theme?: "light" | "dark";
}

/**
 * A page that holds a MIDI file and all that plays it, so that one file is all there is to send to someone.
 *
 * @param midi a Standard MIDI File
 * @throws AttaccaError `invalid` or `unsupported` where it is none, `missing` where the package isn't built
 */
export async function exportHtml(midi: Uint8Array, options: ExportHtmlOptions): Promise<string> {
  readMidi(midi);
  const { sound, ...rest } = options;
  const [playerScript, soundfont] = await Promise.all([
    builtText("player", "attacca-player.js"),
    sound === "soundfont" ? bundledSoundfont() : undefined,
  ]);
  return singleHtml({ ...rest, midi, playerScript, soundfont });
}

async function bundledSoundfont(): Promise<{ readonly bytes: Uint8Array; readonly worklet: string }> {
  const [bytes, worklet] = await Promise.all([
    built("soundfont", "sonivox.sf3"),
    builtText("player", "attacca-soundfont.js"),
  ]);
  return { bytes, worklet };
}

async function builtText(...path: readonly string[]): Promise<string> {
  return new TextDecoder().decode(await built(...path));
}

async function built(...path: readonly string[]): Promise<Uint8Array> {
  const place = packagePath("dist", ...path);
  return readFile(place).catch(() => {
    throw missing(place, "a built file of the package", 'Make it with "npm run build"');
  });
}
