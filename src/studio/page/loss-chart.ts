import type { MetricsRecord } from "../../train/index.js";

/** Draws losses over steps into a canvas, in the page's colours; training thin, validation with dots. */
export function drawLosses(
  canvas: HTMLCanvasElement,
  records: readonly MetricsRecord[],
  steps: number,
): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = canvas.getContext("2d");
  if (context === null || width === 0) return;
  const ratio = globalThis.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  context.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  // A custom property is given as it is written; as a colour the browser works it out, for light or dark.
  const ink = (name: string): string => {
    canvas.style.color = `var(--chart-${name})`;
    const { color } = getComputedStyle(canvas);
    canvas.style.removeProperty("color");
    return color;
  };
  const validation = records.filter((record) => record.validationLoss !== undefined);
  const losses = [
    ...records.map(({ loss }) => loss),
    ...validation.map((record) => record.validationLoss ?? 0),
  ];
  const [low, high] = rangeOf(losses);
  const margin = { left: 44, right: 12, top: 10, bottom: 24 };
  const x = (step: number): number =>
    margin.left + (step / Math.max(1, steps)) * (width - margin.left - margin.right);
  const y = (loss: number): number =>
    margin.top + ((high - loss) / (high - low)) * (height - margin.top - margin.bottom);

  context.font = `12px ${style.fontFamily}`;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (let line = 0; line <= 4; line++) {
    const loss = low + ((high - low) * line) / 4;
    context.fillStyle = ink("line");
    context.fillRect(margin.left, Math.round(y(loss)), width - margin.left - margin.right, 1);
    context.fillStyle = ink("text");
    context.fillText(loss.toFixed(2), margin.left - 8, y(loss));
  }
  context.textBaseline = "alphabetic";
  for (const step of [0, Math.round(steps / 2), steps]) {
    context.textAlign = step === 0 ? "left" : step === steps ? "right" : "center";
    context.fillText(step.toLocaleString("en-GB"), x(step), height - 6);
  }
  // No more points than pixels: a long run draws as fast as a short one.
  const stride = Math.max(1, Math.ceil(records.length / Math.max(1, width)));
  context.lineJoin = "round";
  const curve = (points: readonly (readonly [number, number])[], colour: string, thickness: number): void => {
    context.strokeStyle = colour;
    context.lineWidth = thickness;
    context.beginPath();
    for (const [step, loss] of points) context.lineTo(x(step), y(loss));
    context.stroke();
  };
  const means: [number, number][] = [];
  for (let from = 0; from < records.length; from += stride) {
    const bin = records.slice(from, from + stride);
    means.push([bin[bin.length - 1].step, bin.reduce((sum, { loss }) => sum + loss, 0) / bin.length]);
  }
  curve(means, ink("train"), 1.5);
  const points = validation.map(({ step, validationLoss = 0 }): [number, number] => [step, validationLoss]);
  curve(points, ink("validation"), 2.5);
  context.fillStyle = ink("validation");
  for (const [step, loss] of points) {
    context.beginPath();
    context.arc(x(step), y(loss), 3.5, 0, 2 * Math.PI);
    context.fill();
  }
}

/** A little more than the losses span; something to draw where there is nothing. */
function rangeOf(losses: readonly number[]): [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const loss of losses) {
    low = Math.min(low, loss);
    high = Math.max(high, loss);
  }
  if (low > high) return [0, 6];
  const room = Math.max(0.1, (high - low) * 0.06);
  return [Math.max(0, low - room), high + room];
}
