/** What a pass over a batch depends on; a `Batch` of training is one. */
export interface PassShape {
  readonly batchSize: number;
  readonly length: number;
  /** For each row, how many of its first ids see each other in both directions; absent: none. */
  readonly prefixes?: readonly number[];
  /** "last": the last block's products behind attention, and the head's, are of the last position of each row only. */
  readonly positions?: "last";
}

/** The measures of a model that its products depend on. */
export interface Measures {
  readonly vocab_size: number;
  readonly n_embd: number;
  readonly n_inner: number;
  readonly n_layer: number;
  /** Heads; only lookahead keys need to know. */
  readonly n_head?: number;
  readonly attention?: string;
}

/**
 * Multiplications and additions of the matrix products of one training pass, forward and backward: three times those of the forward
 * pass. Each product of the blocks and of the head is counted for every position of the batch, and those of attention for every
 * pair of a position and one that it sees; lookahead keys add two more for such pairs, and one sum over what lies between. Norms, activations and the optimizer, which grow with the parameters only, are left out.
 */
export function trainingFlops(
  measures: Measures,
  { batchSize, length, prefixes, positions }: PassShape,
): number {
  const { vocab_size: vocabulary, n_embd: width, n_inner: inner, n_layer: layers } = measures;
  const lookahead = measures.attention === "lookahead";
  const toAttention = (lookahead ? 6 : 3) * width * width;
  const behind = width * width + 2 * width * inner;
  const ends = behind + vocabulary * width;
  const perRow =
    length * (layers * toAttention + (layers - 1) * behind) + (positions === "last" ? 1 : length) * ends;
  let pairs = 0;
  for (let row = 0; row < batchSize; row++) {
    const prefix = Math.min(length, prefixes?.[row] ?? 0);
    // Position i sees itself and i before it; those of the prefix see the rest of it too.
    pairs += (length * (length + 1)) / 2 + (prefix * Math.max(0, prefix - 1)) / 2;
  }
  // Scores of queries and lookahead values (t, j ≤ t), the gates (s, j > s), and for each pair s ≤ t the positions in between.
  const renewed = lookahead
    ? length ** 2 * width + ((measures.n_head ?? 1) * length * (length ** 2 - 1)) / 6
    : 0;
  return 3 * 2 * (batchSize * perRow + layers * (2 * pairs * width + batchSize * renewed));
}
