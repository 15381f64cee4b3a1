import { encodeWav, renderScore } from "../../sound/index.js";
import type { RenderRequest } from "../protocol.js";
import type { JobContext } from "../worker.js";
import { breather } from "./studio.js";

/** A score as a WAV file. Stopped, it rejects. */
export async function renderJob(
  { score, soundfont }: RenderRequest,
  { signal, tell }: JobContext<number>,
): Promise<Blob> {
  const breathe = breather();
  const audio = await renderScore(score, new Uint8Array(await soundfont.arrayBuffer()), {
    async onProgress(share) {
      tell(share);
      await breathe();
      signal.throwIfAborted();
    },
  });
  return new Blob([encodeWav(audio)], { type: "audio/wav" });
}
