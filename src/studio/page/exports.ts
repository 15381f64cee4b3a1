import { type Score, tempoMap, writeScore } from "../../midi/index.js";
import { singleHtml } from "../../view/index.js";
import { fetchFile } from "./catalogue.js";
import type { PageStudio } from "./studio.js";
import type { Exports } from "./take-card.js";

/** Where the page's sound is; relative to the page. */
export const SOUNDFONT = "soundfont/sonivox.sf3";
/** The player as one file, and what plays the soundfont in it. */
const PLAYER = "assets/attacca-player.js";
const WORKLET = "assets/attacca-soundfont.js";

/** What comes of a take: sound, rendered in the worker, and a page of its own. */
export function createExports(studio: PageStudio, soundfont: () => Promise<Blob>): Exports {
  return {
    async wav(score: Score, _title, onShare) {
      return studio.run("render", { score, soundfont: await soundfont() }, { onEvent: onShare });
    },
    async html(score, title, seam) {
      const [player, worklet, instruments] = await Promise.all([
        fetchFile(PLAYER),
        fetchFile(WORKLET),
        soundfont(),
      ]);
      const text = singleHtml({
        midi: writeScore(score),
        title,
        playerScript: await player.text(),
        soundfont: { bytes: new Uint8Array(await instruments.arrayBuffer()), worklet: await worklet.text() },
        ...(seam > 0 && { promptEnd: String(tempoMap(score).secondsAt(seam)) }),
      });
      return new Blob([text], { type: "text/html" });
    },
  };
}
