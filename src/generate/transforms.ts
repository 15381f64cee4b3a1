/**
 * Logit transforms: each takes the logits of one position, `logits: [vocabulary]`, and gives new ones; none changes
 * its input. An id that must not be drawn gets −Infinity, and stays there through every later transform. All of them
 * keep at least one id that was finite before, save the mask, which keeps what it is told to.
 */

/** Ids whose mask is 0 can't be drawn. `mask: [vocabulary]`, as `GrammarState.allowed` fills it. */
export function applyMask(logits: Float32Array, mask: Uint8Array): Float32Array {
  return logits.map((logit, id) => (mask[id] ? logit : -Infinity));
}

/**
 * Makes ids that the model has before it less likely (Keskar et al. 2019, "CTRL", section 4.1): their positive
 * logits are divided by `penalty`, and their negative ones multiplied by it, once each however often they occur.
 * `penalty` is above 0; 1 changes nothing and less than 1 favours repetition.
 */
export function penalizeRepetition(
  logits: Float32Array,
  ids: ArrayLike<number>,
  penalty: number,
): Float32Array {
  const result = Float32Array.from(logits);
  if (penalty === 1) return result;
  for (let i = 0; i < ids.length; i++) {
    const logit = logits[ids[i]];
    // Past the numbers that 32 bits can hold an id would be certain, or could never be drawn.
    if (logit !== -Infinity) result[ids[i]] = within32Bits(logit < 0 ? logit * penalty : logit / penalty);
  }
  return result;
}

/**
 * Divides by the temperature, a number above 0: below 1 sharpens the distribution, above 1 flattens it. Where the highest
 * quotient would be past 32 bits, logits are counted from the highest, which stands for the same probabilities.
 */
export function scaleTemperature(logits: Float32Array, temperature: number): Float32Array {
  const top = highest(logits);
  const quotient = top / temperature;
  const zero = within32Bits(quotient) === quotient ? 0 : top;
  return logits.map((logit) => (logit - zero) / temperature);
}

/**
 * Keeps the `k` highest logits, and with the lowest of them all that equal it, so that ties are never broken by id
 * (Fan et al. 2018). `k` is 1 or more; from the vocabulary's size on it keeps all.
 */
export function keepTopK(logits: Float32Array, k: number): Float32Array {
  if (k >= logits.length) return Float32Array.from(logits);
  const lowest = Float32Array.from(logits).sort()[logits.length - k];
  return logits.map((logit) => (logit < lowest ? -Infinity : logit));
}

/**
 * Keeps the nucleus: the fewest ids, most probable first, whose probabilities add up to `p` or more (Holtzman et
 * al. 2020). Of equal logits the lower id comes first. `p` is above 0 and at most 1; 1 keeps all.
 */
export function keepTopP(logits: Float32Array, p: number): Float32Array {
  if (p >= 1) return Float32Array.from(logits);
  const probabilities = softmax(logits);
  const order = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b);
  const result = new Float32Array(logits.length).fill(-Infinity);
  let sum = 0;
  for (const id of order) {
    if (sum >= p) break;
    result[id] = logits[id];
    sum += probabilities[id];
  }
  return result;
}

/**
 * Keeps the ids that are at least `p` times as probable as the most probable one (Nguyen et al. 2024). `p` is from
 * 0, which keeps all, to 1, which keeps the most probable id and its equals.
 */
export function keepMinP(logits: Float32Array, p: number): Float32Array {
  if (p <= 0) return Float32Array.from(logits);
  const lowest = highest(logits) + Math.log(p);
  return logits.map((logit) => (logit < lowest ? -Infinity : logit));
}

/**
 * Keeps the ids whose information is nearest to what the model expects on average: sorted by |−log p − entropy|, the fewest
 * whose probabilities add up to `p` or more (Meister et al. 2022, "Locally typical sampling"). Unlike the nucleus it may
 * leave out the most probable id, where the model is unsure and that id would be too plain. Of equals the lower id comes
 * first. `p` is above 0 and at most 1; 1 keeps all.
 */
export function keepTypical(logits: Float32Array, p: number): Float32Array {
  if (p >= 1) return Float32Array.from(logits);
  const probabilities = softmax(logits);
  const information = probabilities.map((share) => -Math.log(share));
  let entropy = 0;
  for (const [id, share] of probabilities.entries()) if (share > 0) entropy += share * information[id];
  const distance = information.map((bits) => Math.abs(bits - entropy));
  const order = Array.from(logits.keys()).sort((a, b) => distance[a] - distance[b] || a - b);
  const result = new Float32Array(logits.length).fill(-Infinity);
  let sum = 0;
  for (const id of order) {
    if (sum >= p || logits[id] === -Infinity) break;
    result[id] = logits[id];
    sum += probabilities[id];
  }
  return result;
}

/**
 * Bans ids that would make a stretch of `length` ids stand in `ids` a second time (Paulus et al. 2018, section 2.5, for
 * trigrams). Music repeats itself, so `length` should be a bar's worth of ids or more: it ends loops that a sharp
 * distribution falls into. Where it would ban all that may come, nothing is banned. `length` is 1 or more.
 */
export function banRepeats(logits: Float32Array, ids: ArrayLike<number>, length: number): Float32Array {
  const result = Float32Array.from(logits);
  const context = length - 1;
  for (let end = context; end < ids.length; end++) {
    let same = 0;
    while (same < context && ids[end - 1 - same] === ids[ids.length - 1 - same]) same++;
    if (same === context) result[ids[end]] = -Infinity;
  }
  return result.some((logit) => logit !== -Infinity) ? result : Float32Array.from(logits);
}

/** The probabilities that logits stand for, in 64 bits; −Infinity gives 0. `logits: [vocabulary]`, at least one finite. */
export function softmax(logits: Float32Array): Float64Array {
  const top = highest(logits);
  const result = Float64Array.from(logits, (logit) => Math.exp(logit - top));
  let sum = 0;
  for (const value of result) sum += value;
  return result.map((value) => value / sum);
}

const LARGEST_32_BITS = (2 - 2 ** -23) * 2 ** 127;

function within32Bits(value: number): number {
  return Math.max(-LARGEST_32_BITS, Math.min(LARGEST_32_BITS, value));
}

function highest(logits: Float32Array): number {
  let top = -Infinity;
  for (const logit of logits) if (logit > top) top = logit;
  return top;
}
