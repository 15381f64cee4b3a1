import { type Costs, millisecondsPerToken, realTimeFactor, tokensPerSecond } from "./costs.js";
import type { ContinueSettings, ModelInfo } from "./protocol.js";

// What is said in words, in one place. Numbers are as long as they mean something.

/** Three digits that count: `0.42`, `11.8`, `2,380`. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** `8 bars · temperature 0.95 · top-p 0.98 · seed 3 · cached`. */
export function settingsText({ bars, temperature, topP, seed, decode }: ContinueSettings): string {
  return [counted(bars, "bar"), `temperature ${temperature}`, `top-p ${topP}`, `seed ${seed}`, decode].join(
    " · ",
  );
}

/** `0.42 ms a token · 2,380 tokens/s`; a dash before it was measured. */
export function modeText(costs: Costs | undefined, decode: ContinueSettings["decode"]): string {
  const cost = costs?.modes[decode];
  const each = millisecondsPerToken(cost);
  const speed = tokensPerSecond(cost);
  if (each === undefined || speed === undefined) return "–";
  return `${figure(each)} ms a token · ${figure(speed)} tokens/s`;
}

/** `46 × real time`. */
export function realTimeText(costs: Costs | undefined): string {
  const factor = costs && realTimeFactor(costs);
  return factor === undefined ? "–" : `${figure(factor)} × real time`;
}

/** `12.4 s of music in 0.27 s`. */
export function musicText(costs: Costs | undefined): string {
  if (costs === undefined || costs.tokens === 0) return "";
  return `${costs.musicSeconds.toFixed(1)} s of music in ${figure(costs.seconds)} s`;
}

/** How far both ways agree. */
export function agreementText({ maxDifference }: Costs): string {
  if (maxDifference === undefined) return "";
  return `Both ways agree: no logit differs by more than ${maxDifference.toPrecision(2)}.`;
}

/** `1.9 M parameters · 4 layers of width 192 · context 512 · chorale`. */
export function modelText({ parameters, layers, width, contextLength, tokenizer }: ModelInfo): string {
  return [
    `${parametersText(parameters)} parameters`,
    `${counted(layers, "layer")} of width ${width}`,
    `context ${contextLength}`,
    `tokenizer ${tokenizer}`,
  ].join(" · ");
}

/** `1.9 M`, `43 k`. */
export function parametersText(count: number): string {
  return count >= 1e6 ? `${(count / 1e6).toFixed(1)} M` : `${Math.round(count / 1e3)} k`;
}

/** `1 bar`, `8 bars`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en-GB")} ${noun}${count === 1 ? "" : "s"}`;
}

/** `0:07`, `12:30`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** A title as part of a file's name. */
export function fileName(title: string): string {
  const name = title
    .normalize("NFKD")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .toLowerCase();
  return name.slice(0, 60) || "piece";
}
