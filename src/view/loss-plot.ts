import { escapeXml, number } from "./svg-markup.js";

/** One update of a training run; a `MetricsRecord` is one. Losses in nats a token. */
export interface LossRecord {
  /** The update's number, from 1. */
  readonly step: number;
  readonly loss: number;
  /** Where the run was evaluated after this update. */
  readonly validationLoss?: number;
}

/** What the plot says beside its curves. */
export interface LossPlotOptions {
  /** The heading, e.g. the run's label; it is also the picture's accessible title. */
  readonly title?: string;
  readonly width?: number;
  readonly height?: number;
}

const MARGIN = { top: 64, right: 24, bottom: 48, left: 60 } as const;
/** More points than pixels add nothing but bytes; the training curve shows the mean of each bin. */
const MAX_POINTS = 300;

type Point = readonly [step: number, loss: number];

/**
 * A run's losses as an SVG picture: training loss (mean of neighbouring updates) and validation loss over updates. It
 * follows the reader's light or dark scheme, and says its last figures in its description.
 */
export function lossPlot(records: readonly LossRecord[], options: LossPlotOptions = {}): string {
  const { title = "Loss", width = 720, height = 400 } = options;
  const train = binned(records.filter((r) => Number.isFinite(r.loss)).map((r): Point => [r.step, r.loss]));
  const validation = records.flatMap((r): Point[] =>
    r.validationLoss !== undefined && Number.isFinite(r.validationLoss) ? [[r.step, r.validationLoss]] : [],
  );
  const losses = [...train, ...validation].map(([, loss]) => loss);
  const [lowest, highest] = extremes(losses);
  const yTicks = niceTicks(lowest, highest, 6);
  const lastStep = records.reduce((most, r) => Math.max(most, r.step), 1);
  const xTicks = niceTicks(0, lastStep, 7).filter((tick) => tick <= lastStep && Number.isInteger(tick));
  const low = Math.min(yTicks[0], lowest);
  const high = Math.max(yTicks.at(-1)!, highest);
  const x = (step: number): number => MARGIN.left + (step / lastStep) * (width - MARGIN.left - MARGIN.right);
  const y = (loss: number): number =>
    height - MARGIN.bottom - ((loss - low) / (high - low)) * (height - MARGIN.top - MARGIN.bottom);

  const right = width - MARGIN.right;
  const bottom = height - MARGIN.bottom;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escapeXml(title)}</title>`,
    `<desc id="description">${escapeXml(describe(records))}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<text class="heading" x="${MARGIN.left}" y="26">${escapeXml(title)}</text>`,
    legend(validation.length > 0),
    ...yTicks.flatMap((tick) => [
      `<path class="grid" d="M${MARGIN.left} ${number(y(tick))}H${right}"/>`,
      `<text x="${MARGIN.left - 8}" y="${number(y(tick))}" dy="0.32em" text-anchor="end">${label(tick)}</text>`,
    ]),
    ...xTicks.flatMap((tick) => [
      `<path class="axis" d="M${number(x(tick))} ${bottom}v5"/>`,
      `<text x="${number(x(tick))}" y="${bottom + 19}" text-anchor="middle">${tick.toLocaleString("en-GB")}</text>`,
    ]),
    `<path class="axis" d="M${MARGIN.left} ${bottom}H${right}"/>`,
    `<text x="${(MARGIN.left + right) / 2}" y="${height - 10}" text-anchor="middle">updates</text>`,
    `<text transform="translate(16 ${(MARGIN.top + bottom) / 2}) rotate(-90)" text-anchor="middle">nats a token</text>`,
    curve("train", train, x, y),
    curve("validation", validation, x, y),
    ...validation.map(
      ([s, l]) => `<circle class="validation-point" cx="${number(x(s))}" cy="${number(y(l))}" r="2.5"/>`,
    ),
    "</svg>",
  ];
  return `${parts.filter((part) => part !== "").join("\n")}\n`;
}

const STYLE = [
  "text{font:12px system-ui,sans-serif;fill:#5b6168}",
  ".heading{font-size:16px;font-weight:600;fill:#1b1f23}",
  ".paper{fill:#fff}.grid{stroke:#e7e9ec}.axis{stroke:#9aa1a9;fill:none}",
  ".curve{fill:none;stroke-width:1.75;stroke-linejoin:round}",
  ".train{stroke:#7c8896}.validation{stroke:#c2410c;stroke-width:2.25}.validation-point{fill:#c2410c}",
  "@media(prefers-color-scheme:dark){text{fill:#a2a9b1}.heading{fill:#eceff2}.paper{fill:#14171a}",
  ".grid{stroke:#262b31}.axis{stroke:#59616a}",
  ".train{stroke:#8d99a7}.validation{stroke:#fb923c}.validation-point{fill:#fb923c}}",
].join("");

function legend(withValidation: boolean): string {
  const entry = (name: string, from: number, words: string): string =>
    `<path class="curve ${name}" d="M${from} 44h22"/><text x="${from + 28}" y="44" dy="0.32em">${words}</text>`;
  const train = entry("train", MARGIN.left, "training");
  return withValidation ? train + entry("validation", MARGIN.left + 104, "validation") : train;
}

function curve(
  name: string,
  points: readonly Point[],
  x: (step: number) => number,
  y: (loss: number) => number,
): string {
  if (points.length === 0) return "";
  const path = points.map(([step, loss]) => `${number(x(step))} ${number(y(loss))}`).join("L");
  return `<path class="curve ${name}" d="M${path}"/>`;
}

/** At most MAX_POINTS points: the mean step and the mean loss of equally many updates each. */
function binned(points: readonly Point[]): Point[] {
  const size = Math.ceil(points.length / MAX_POINTS);
  const bins: Point[] = [];
  for (let from = 0; from < points.length; from += size) {
    const bin = points.slice(from, from + size);
    bins.push([
      bin.reduce((sum, [step]) => sum + step, 0) / bin.length,
      bin.reduce((sum, [, loss]) => sum + loss, 0) / bin.length,
    ]);
  }
  return bins;
}

/** One by one: as arguments of one call, the evaluations of a long run would overflow the stack. */
function extremes(values: readonly number[]): [lowest: number, highest: number] {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  return [lowest, highest];
}

/** Round numbers (1, 2 or 5 times a power of ten apart) that span low to high, about `count` of them. */
export function niceTicks(low: number, high: number, count: number): number[] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  if (low === high) return [low, low + 1];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const spacing = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999)!;
  const ticks: number[] = [];
  for (let i = Math.floor(low / spacing + 1e-9); i <= Math.ceil(high / spacing - 1e-9); i++) {
    // The product of a whole number and 0.1 has stray digits; the label shall not.
    ticks.push(Number((i * spacing).toPrecision(12)));
  }
  return ticks;
}

function describe(records: readonly LossRecord[]): string {
  const last = records.at(-1);
  if (!last) return "No updates yet.";
  const evaluated = records.filter((r) => r.validationLoss !== undefined);
  const best = evaluated.reduce((a, b) => (b.validationLoss! < a.validationLoss! ? b : a), evaluated[0]);
  const text = `Loss in nats a token over ${last.step} updates; training loss ends at ${last.loss.toFixed(3)}.`;
  return best
    ? `${text} Lowest validation loss: ${best.validationLoss!.toFixed(3)} at update ${best.step}.`
    : text;
}

function label(value: number): string {
  return String(Number(value.toPrecision(6)));
}
