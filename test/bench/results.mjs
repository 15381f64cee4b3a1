// What tables and plots are made from: medians, ranges and FLOPs of raw results.

/** The middle number, or the mean of the two in the middle. */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** Speed of an engine over its runs: median, lowest, highest; and the most memory of a run, MB. */
export function summarize({ runs, ...engine }) {
  const speeds = runs.map(({ tokensPerSecond }) => tokensPerSecond);
  return {
    ...engine,
    runs,
    speed: median(speeds),
    lowest: Math.min(...speeds),
    highest: Math.max(...speeds),
    memory: Math.max(...runs.map(({ rssMB }) => rssMB ?? 0)) || undefined,
  };
}

/** Kaplan et al. 2020: FLOPs of training on a token, 6 a weight, and the attention's own (half of the square is needed). */
export function trainingFlops({ width = 256, context = 256 }) {
  const [vocabulary, layers] = [512, 4];
  const weights = vocabulary * width + layers * (12 * width * width + 13 * width) + 2 * width;
  return 6 * weights + 6 * layers * context * width;
}

/** Billions of FLOPs a second at so many tokens/s. */
export const gflops = (speed, measures = {}) => (speed * trainingFlops(measures)) / 1e9;

/** A number as one reads it: whole from 100 on, two digits below 10. */
export function readable(number) {
  if (number === undefined || !Number.isFinite(number)) return "";
  if (number >= 100) return Math.round(number).toLocaleString("en-GB");
  return number >= 10 ? number.toFixed(1) : number.toPrecision(2);
}

/** A share: two decimals, or as many digits as say something. */
export const share = (number) => (number >= 0.01 ? number.toFixed(2) : number.toPrecision(1));

/** Trained at each size: the entries along widths at context 256, and along contexts at width 256. */
export function curves(size) {
  const entries = size.map(summarize);
  return {
    width: entries.filter(({ context }) => context === 256).toSorted((a, b) => a.width - b.width),
    context: entries.filter(({ width }) => width === 256).toSorted((a, b) => a.context - b.context),
  };
}
