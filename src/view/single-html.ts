import { sha256 } from "@noble/hashes/sha2.js";
import { invalid } from "../errors.js";
import { base64 } from "./base64.js";

/** What a page of one piece is made of. */
export interface SingleHtmlOptions {
  /** A Standard MIDI File. */
  readonly midi: Uint8Array;
  /** The piece's name; any text. */
  readonly title: string;
  /** The text of the package's `dist/player/attacca-player.js`. */
  readonly playerScript: string;
  /** Real instruments: a soundfont (`.sf2` or `.sf3`), and the text of `dist/player/attacca-soundfont.js` that plays it. */
  readonly soundfont?: { readonly bytes: Uint8Array; readonly worklet: string };
  /** Where the continuation begins, as the player's attribute takes it: seconds, or `bar:9`. Default: the file's own mark. */
  readonly promptEnd?: string;
  /** Light or dark whatever the reader's system prefers. */
  readonly theme?: "light" | "dark";
}

/** As the player's colours `paper` and `ink` are, in light and dark surroundings. */
const STYLE =
  "body{margin:0;min-height:100vh;background:light-dark(#fdfcf9,#16181d);color:light-dark(#26221b,#eceae4)}" +
  "main{box-sizing:border-box;max-width:80rem;margin:0 auto;padding:clamp(.5rem,2vw,2rem)}";

/**
 * A worklet has to have an address, and from a disk browsers take no blob: one. A data: one would let any injected script
 * run if the policy named it; 'strict-dynamic' allows it to what a known script loads, and to nothing else.
 */
const GIVE_WORKLET =
  'document.querySelector("attacca-player").setAttribute("worklet","data:text/javascript;charset=utf-8,"+' +
  'encodeURIComponent(document.getElementById("worklet").textContent))';

/**
 * A page of one piece as one file: the player, the music and, where given, the soundfont are in it, and nothing is fetched.
 * It plays in any recent browser from a disk, a mail or a server. Its policy lets no script run but the player, which is
 * known by its hash (CSP 3, section 2.3.1), and no other place be asked.
 *
 * @returns the text of an HTML file, to be written as UTF-8
 * @throws AttaccaError `invalid` for a script that would end early as a part of a page
 */
export function singleHtml(options: SingleHtmlOptions): string {
  const { midi, title, soundfont, promptEnd, theme } = options;
  const scripts = [...(soundfont ? [GIVE_WORKLET] : []), inlineScript(options.playerScript)];
  const style = `:root{color-scheme:${theme ?? "light dark"}}${STYLE}`;
  const policy = [
    "default-src 'none'",
    // The soundfont's samples are decoded by WebAssembly.
    `script-src ${scripts.map(sourceHash).join(" ")}${soundfont ? " 'strict-dynamic' 'wasm-unsafe-eval'" : ""}`,
    // The player's own sheets are made by its script, which style-src doesn't hold back.
    `style-src ${sourceHash(style)}`,
    "img-src data: blob:",
    "connect-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const attributes: Readonly<Record<string, string | undefined>> = {
    src: dataUrl("audio/midi", midi),
    title,
    "prompt-end": promptEnd,
    theme,
    soundfont: soundfont && dataUrl("application/octet-stream", soundfont.bytes),
  };
  const written = Object.entries(attributes)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${escapeText(value)}"`]))
    .join(" ");
  const worklet =
    soundfont && `<script type="text/plain" id="worklet">${inlineScript(soundfont.worklet)}</script>\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="attacca">
<title>${escapeText(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<attacca-player ${written}></attacca-player>
<noscript>This page plays music with JavaScript, which is switched off here.</noscript>
</main>
${worklet ?? ""}${scripts.map((script) => `<script type="module">${script}</script>`).join("\n")}
</body>
</html>
`;
}

/** Text as HTML shows it, also between double quotes. */
function escapeText(text: string): string {
  const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: HTML has no way to write it
  return text.replace(/\u0000/g, "\ufffd").replace(/[&<>"]/g, (letter) => names[letter]);
}

/**
 * A script that HTML reads to its end. In texts, patterns and comments, where `</script` and `<!--` can stand, the escape is
 * read as the same; HTML reads line ends and NUL in its own way, and then the hash would be another.
 */
function inlineScript(script: string): string {
  if (script.includes("\u0000"))
    throw invalid("player's script", "a NUL character", "JavaScript without one");
  return script
    .replace(/\r\n?/g, "\n")
    .replace(/<\/(script)/gi, "<\\/$1")
    .replace(/<!--/g, "\\x3c!--");
}

function sourceHash(text: string): string {
  return `'sha256-${base64(sha256(new TextEncoder().encode(text)))}'`;
}

function dataUrl(type: string, bytes: Uint8Array): string {
  return `data:${type};base64,${base64(bytes)}`;
}
