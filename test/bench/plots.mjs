// Draws raw results as SVG, readable on light and dark paper: bars of speed, and curves of cost against size.
import { curves, gflops, readable, summarize } from "./results.mjs";

const STYLE = [
  "text{font:12px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#4b5259}.heading{font-size:15px;font-weight:600;fill:#1b1f23}",
  ".number{fill:#1b1f23}.paper{fill:#fff}.grid{stroke:#e7e9ec}.axis{stroke:#9aa1a9}.range{stroke:#1b1f23;stroke-opacity:.55}",
  ".bar{fill:#a9b3bf}.bar.ours{fill:#c2410c}.line{fill:none;stroke-width:2;stroke:#7c8896}.dot{fill:#7c8896}",
  ".line.s0{stroke:#c2410c}.dot.s0{fill:#c2410c}.line.s1{stroke:#2563ad}.dot.s1{fill:#2563ad}.line.s2{stroke-dasharray:5 4}",
  "@media(prefers-color-scheme:dark){text{fill:#a9b1ba}.heading,.number{fill:#eceff2}.paper{fill:#14171a}.grid{stroke:#262b31}",
  ".axis{stroke:#59616a}.range{stroke:#eceff2}.bar{fill:#515c68}.bar.ours{fill:#fb923c}.line{stroke:#8d99a7}.dot{fill:#8d99a7}",
  ".line.s0{stroke:#fb923c}.dot.s0{fill:#fb923c}.line.s1{stroke:#7ab5f5}.dot.s1{fill:#7ab5f5}}",
].join("");
const escapeXml = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const round = (number) => +number.toFixed(1);

function picture(width, height, title, description, parts) {
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeXml(title)}</title><desc>${escapeXml(description)}</desc><style>${STYLE}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...parts,
    "</svg>",
  ].join("\n")}\n`;
}
const text = (x, y, words, { anchor = "start", kind } = {}) =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${kind ? ` class="${kind}"` : ""}>${escapeXml(words)}</text>`;

/** Bars of tokens/s, the fastest on top; a thin line spans the lowest and the highest run. */
function bars(heading, engines, top, width) {
  const [label, row, left] = [250, 24, 262];
  const fastest = Math.max(...engines.map(({ highest }) => highest));
  const scale = (width - left - 90) / fastest;
  const parts = [text(16, top + 6, heading, { kind: "heading" })];
  for (const [i, { label: name, speed, lowest, highest }] of engines.entries()) {
    const y = top + 22 + i * row;
    const long = Math.max(1.5, speed * scale);
    const ours = name.startsWith("attacca simd") ? " ours" : "";
    parts.push(
      text(label, y + 12, name, { anchor: "end", kind: ours && "number" }),
      `<rect class="bar${ours}" x="${left}" y="${y}" width="${round(long)}" height="16" rx="2"/>`,
    );
    if ((highest - lowest) * scale > 1) {
      parts.push(
        `<path class="range" d="M${round(left + lowest * scale)} ${y + 8}H${round(left + highest * scale)}"/>`,
      );
    }
    parts.push(text(left + Math.max(long, highest * scale) + 7, y + 12, readable(speed), { kind: "number" }));
  }
  return { parts, bottom: top + 22 + engines.length * row };
}

/** Training and generating, all engines. */
export function speedPlot({ train, decode }) {
  const sorted = (results) => results.map(summarize).toSorted((a, b) => b.speed - a.speed);
  const [trained, decoded] = [sorted(train), sorted(decode)];
  const above = bars("Training, tokens a second", trained, 28, 860);
  const below = bars("Generating at batch 1, tokens a second", decoded, above.bottom + 34, 860);
  const list = (engines) => engines.map(({ label, speed }) => `${label} ${readable(speed)}`).join(", ");
  const description = `Training: ${list(trained)}. Generating: ${list(decoded)}.`;
  const parts = [...above.parts, ...below.parts];
  return picture(860, below.bottom + 14, "Tokens a second, by engine", description, parts);
}

const NAMES = { torch: "PyTorch, eager", c: "C, AVX-512" };
const seriesOf = (id) => (id === "torch" ? 1 : id === "c" ? 2 : 0);

/** 1, 2 or 5 times a power of ten, from the last one below to the first one above; 1 and 3 for a wide span. */
function stepsAround(lowest, highest) {
  const digits = highest / lowest > 15 ? [1, 3] : [1, 2, 5];
  const steps = [1, 2, 3, 4, 5].flatMap((power) => digits.map((digit) => digit * 10 ** power));
  const above = steps.findIndex((step) => step >= highest);
  return steps.slice(Math.max(0, steps.findIndex((step) => step > lowest) - 1), above + 1);
}

/** One small diagram: x is logarithmic, y is too or begins at nought. */
function diagram(entries, { by, value, heading, logarithmic, x0, y0, width, height }) {
  const points = entries.map((entry) => ({ id: entry.id, x: entry[by], y: value(entry) }));
  const xs = [...new Set(points.map(({ x }) => x))];
  const x = (size) => x0 + (Math.log2(size / xs[0]) / Math.log2(xs.at(-1) / xs[0])) * width;
  const highest = Math.max(...points.map((p) => p.y));
  const lowest = Math.min(...points.map((p) => p.y));
  const power = 10 ** Math.floor(Math.log10(highest));
  const spacing = highest / power < 2 ? power / 2 : highest / power < 5 ? power : 2 * power;
  const ticks = logarithmic
    ? stepsAround(lowest, highest)
    : Array.from({ length: Math.ceil(highest / spacing) + 1 }, (_, i) => i * spacing);
  const [low, high] = [ticks[0], ticks.at(-1)];
  const place = (v) => (logarithmic ? Math.log(v / low) / Math.log(high / low) : v / high);
  const y = (v) => y0 + height - place(v) * height;
  const parts = [text(x0 - 36, y0 - 16, heading, { kind: "number" })];
  for (const tick of ticks) {
    parts.push(
      `<path class="grid" d="M${x0 - 6} ${round(y(tick))}h${width + 12}"/>`,
      text(x0 - 10, y(tick) + 4, tick.toLocaleString("en-GB"), { anchor: "end" }),
    );
  }
  for (const size of xs) {
    parts.push(
      `<path class="axis" d="M${round(x(size))} ${y0 + height}v4"/>`,
      text(x(size), y0 + height + 18, size.toLocaleString("en-GB"), { anchor: "middle" }),
    );
  }
  parts.push(text(x0 + width / 2, y0 + height + 35, by, { anchor: "middle" }));
  for (const id of [...new Set(points.map((p) => p.id))].toReversed()) {
    const own = points.filter((p) => p.id === id);
    const kind = `s${seriesOf(id)}`;
    const path = own.map((p) => `${round(x(p.x))} ${round(y(p.y))}`).join("L");
    parts.push(`<path class="line ${kind}" d="M${path}"/>`);
    for (const p of own) {
      parts.push(`<circle class="dot ${kind}" cx="${round(x(p.x))}" cy="${round(y(p.y))}" r="3"/>`);
    }
  }
  return parts;
}

/** Tokens/s, GFLOP/s and memory of training against width and context. */
export function costPlot({ size }) {
  const columns = [
    { heading: "tokens a second", value: ({ speed }) => speed, logarithmic: true },
    { heading: "GFLOP a second", value: (entry) => gflops(entry.speed, entry) },
    { heading: "peak memory of the process, MB", value: ({ memory }) => memory },
  ];
  const parts = [text(16, 30, "Cost of training against size, 2,048 tokens a step", { kind: "heading" })];
  const ids = [...new Set(size.map(({ id }) => id))];
  for (const [i, id] of ids.entries()) {
    const at = 490 + 150 * i;
    const kind = `s${seriesOf(id)}`;
    const name = NAMES[id] ?? "attacca simd";
    parts.push(`<path class="line ${kind}" d="M${at} 26h24"/>`, text(at + 30, 30, name));
  }
  for (const [row, [by, entries]] of Object.entries(curves(size)).entries()) {
    for (const [column, options] of columns.entries()) {
      const frame = { x0: 66 + column * 305, y0: 78 + row * 250, width: 220, height: 150 };
      parts.push(...diagram(entries, { by, ...options, ...frame }));
    }
  }
  const description = size
    .map(summarize)
    .map((e) => `${e.label}, width ${e.width}, context ${e.context}: ${readable(e.speed)}`)
    .join("; ");
  return picture(930, 540, "Cost of training against size", `Tokens a second. ${description}.`, parts);
}
