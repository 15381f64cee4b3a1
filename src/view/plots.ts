import { escapeXml, number } from "./svg-markup.js";

/** A row of an interval plot. */
export interface IntervalRow {
  readonly label: string;
  readonly interval: { readonly mean: number; readonly low: number; readonly high: number };
}

/** Points of a curve. */
export interface Curve {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const STYLE = [
  "svg{color-scheme:light dark}",
  "text{font:13px system-ui,sans-serif;fill:light-dark(#222,#ddd)}",
  ".paper{fill:light-dark(#fff,#181818)}",
  ".grid{stroke:light-dark(#ddd,#444);fill:none}",
  ".zero{stroke:light-dark(#666,#999);stroke-dasharray:4 3;fill:none}",
  ".bar{stroke:light-dark(#1f5fa8,#7db4f0);stroke-width:2;fill:none}",
  ".dot{fill:light-dark(#1f5fa8,#7db4f0)}",
].join("");
/** Told apart by colour and by dashes. */
const STROKES = ["#3b7dd8", "#c8553d", "#3a9d5d", "#9457b8", "#c09020", "#2f97a3"];
const DASHES = ["", "6 3", "2 3", "9 3 2 3", "12 4", "1 2 5 2"];

function frame(width: number, height: number, title: string, description: string, body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="t d"><title id="t">${escapeXml(title)}</title><desc id="d">${escapeXml(description)}</desc><style>${STYLE}</style><rect class="paper" width="${width}" height="${height}"/><text x="16" y="26">${escapeXml(title)}</text>${body}</svg>\n`;
}

const text = (x: number, y: number, content: string, anchor = "start"): string =>
  `<text x="${number(x)}" y="${number(y)}" dy="0.32em" text-anchor="${anchor}">${escapeXml(content)}</text>`;

/** Means with their intervals, one above the other, beside a line at 0. */
export function intervalPlot(title: string, rows: readonly IntervalRow[]): string {
  const [left, right, top, step, width] = [330, 40, 48, 26, 760];
  const height = top + rows.length * step + 44;
  const ends = rows.flatMap(({ interval }) => [interval.low, interval.high, 0]);
  const ticks = ticksOf(Math.min(...ends), Math.max(...ends));
  const [low, high] = [ticks[0], ticks[ticks.length - 1]];
  const x = (value: number): number => left + ((value - low) / (high - low)) * (width - left - right);
  const bottom = top + rows.length * step;
  const parts = ticks.map(
    (tick) =>
      `<path class="${tick === 0 ? "zero" : "grid"}" d="M${number(x(tick))} ${top - 8}V${bottom}"/>${text(x(tick), bottom + 16, label(tick), "middle")}`,
  );
  for (const [i, { label: name, interval }] of rows.entries()) {
    const y = top + i * step + step / 2;
    parts.push(
      text(left - 12, y, name, "end"),
      `<path class="bar" d="M${number(x(interval.low))} ${y}H${number(x(interval.high))}"/>`,
      `<circle class="dot" cx="${number(x(interval.mean))}" cy="${y}" r="4"/>`,
    );
  }
  const description = rows
    .map(
      ({ label: name, interval: { mean, low: from, high: to } }) =>
        `${name}: ${mean.toFixed(4)} (${from.toFixed(4)} to ${to.toFixed(4)})`,
    )
    .join("; ");
  return frame(width, height, title, description, parts.join(""));
}

/** Curves over a common x, with a legend; x from 0, or where it doubles from tick to tick. */
export function curvePlot(
  title: string,
  xTitle: string,
  curves: readonly Curve[],
  xScale: "linear" | "log2" = "linear",
): string {
  const [left, right, top, bottom, width, height] = [64, 250, 52, 52, 860, 420];
  const all = curves.flatMap(({ points }) => points);
  const xs = all.map(([x]) => x);
  const xTicks =
    xScale === "log2" ? powersOf2(Math.min(...xs), Math.max(...xs)) : ticksOf(0, Math.max(...xs));
  const yTicks = ticksOf(Math.min(...all.map(([, y]) => y)), Math.max(...all.map(([, y]) => y)));
  const scale = (ticks: readonly number[], from: number, to: number) => (value: number) =>
    from + ((value - ticks[0]) / (ticks[ticks.length - 1] - ticks[0])) * (to - from);
  const place = (value: number): number => (xScale === "log2" ? Math.log2(value) : value);
  const along = scale(xTicks.map(place), left, width - right);
  const x = (value: number): number => along(place(value));
  const y = scale(yTicks, height - bottom, top);
  const parts = [
    ...yTicks.map(
      (tick) =>
        `<path class="grid" d="M${left} ${number(y(tick))}H${width - right}"/>${text(left - 8, y(tick), label(tick), "end")}`,
    ),
    ...xTicks.map((tick) => text(x(tick), height - bottom + 18, label(tick), "middle")),
    text((left + width - right) / 2, height - 14, xTitle, "middle"),
  ];
  for (const [i, { label: name, points }] of curves.entries()) {
    const line = points
      .map(([px, py], at) => `${at === 0 ? "M" : "L"}${number(x(px))} ${number(y(py))}`)
      .join("");
    const paint = `fill="none" stroke-width="2" stroke="${STROKES[i % STROKES.length]}" stroke-dasharray="${DASHES[i % DASHES.length]}"`;
    const at = top + 20 * i;
    parts.push(
      `<path ${paint} d="${line}"/>`,
      `<path ${paint} d="M${width - right + 14} ${at}h28"/>`,
      text(width - right + 50, at, name),
    );
  }
  const description = curves
    .map(({ label: name, points }) => `${name} ends at ${points[points.length - 1]?.[1].toFixed(4)}`)
    .join("; ");
  return frame(width, height, title, description, parts.join(""));
}

function powersOf2(low: number, high: number): number[] {
  const first = Math.floor(Math.log2(low));
  return Array.from({ length: Math.ceil(Math.log2(high)) - first + 1 }, (_, i) => 2 ** (first + i));
}

/** Round numbers from at most `low` to at least `high`. */
function ticksOf(low: number, high: number): number[] {
  const span = high - low || 1;
  const rough = 10 ** Math.floor(Math.log10(span / 5));
  const step = [1, 2, 5, 10].map((factor) => factor * rough).find((size) => span / size <= 7)!;
  const first = Math.floor(low / step);
  const count = Math.max(1, Math.ceil(high / step) - first);
  return Array.from({ length: count + 1 }, (_, i) => (first + i) * step);
}

const label = (value: number): string => String(Number(value.toPrecision(6)));
