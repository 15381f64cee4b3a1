import type { ModelConfig } from "./config.js";
import { initialValues } from "./parameters.js";

/**
 * Values for a model with an encoder that begins as a trained one without (as Rothe, Narayan and Severyn 2020 do): the decoder has its
 * weights, and so have the encoder's embeddings, norm and blocks, as far as there are as many. What cross-attention adds begins at 0, so
 * that the model first computes what the trained one does.
 *
 * @param parameters of a model with the same measures but no encoder
 * @param options.sourceStep how many of the decoder's positions one of a source stands for: it begins with the embedding of the first of them
 */
export function encoderStart(
  config: ModelConfig,
  parameters: ReadonlyMap<string, Float32Array>,
  { seed, sourceStep = 1 }: { readonly seed: number; readonly sourceStep?: number },
): Map<string, Float32Array> {
  const values = initialValues(config, seed, { sourceStep });
  for (const [name, fresh] of values) {
    const known = parameters.get(name.replace(/^encoder\./, ""));
    if (/\.crossattention\.c_proj\.weight$/.test(name)) fresh.fill(0);
    else if (name === "encoder.wpe.weight" && known !== undefined)
      takeEvery(known, fresh, config.n_embd, sourceStep);
    else if (known !== undefined) fresh.set(known);
  }
  return values;
}

/** Row i of `to` becomes row 1 + i · step of `from`; those behind its end, which no window's source reaches, stay. */
function takeEvery(from: Float32Array, to: Float32Array, width: number, step: number): void {
  for (let i = 0; (2 + i * step) * width <= from.length && (i + 1) * width <= to.length; i++) {
    const place = (1 + i * step) * width;
    to.set(from.subarray(place, place + width), i * width);
  }
}
