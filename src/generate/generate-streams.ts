import { invalid } from "../errors.js";
import { beamSearch } from "./beam.js";
import type { ContinuationOptions } from "./continue.js";
import { type GenerateOptions, type GenerationStep, generate, type SampleStopReason } from "./generate.js";
import type { PromptStream } from "./prompt.js";
import type { Speculation } from "./speculate.js";
import { windowRuleOf } from "./window.js";

/** What came of one stream, by sample. */
export interface GeneratedStream {
  readonly ids: number[][];
  readonly reasons: SampleStopReason[];
  readonly speculation?: Speculation;
  /** Where beams were searched. */
  readonly logProbabilities?: readonly number[];
}

/** Bars that are generated where nothing is said. */
export const DEFAULT_BARS = 8;
/** A bar has fewer ids than this in any music that people write; a model that never ends a bar is stopped. */
const MOST_IDS_IN_BAR = 1024;

/** Goes on with the streams of a prompt, one after the other. */
export async function generateStreams(
  streams: readonly PromptStream[],
  options: ContinuationOptions,
  warnings: string[],
): Promise<GeneratedStream[]> {
  const { tokenizer, tokens, bars = DEFAULT_BARS, count = 1, beams } = options;
  const { end } = tokenizer.special;
  if (beams !== undefined && count > beams) throw invalid("count", String(count), `${beams} beams at most`);
  const results: GeneratedStream[] = [];
  let before = 0;
  for (const [index, stream] of streams.entries()) {
    const newBars = bars * stream.barScale;
    const maxTokens = tokens ?? Math.ceil(newBars * MOST_IDS_IN_BAR);
    const work: StreamWork = {
      ...options,
      ...windowRuleOf(tokenizer),
      prompt: stream.ids,
      stream: index,
      maxTokens,
      grammar: stream.grammar,
      untilBar: tokens === undefined ? stream.seamBar + newBars : undefined,
      end,
      avoid: options.allowEnd ? stream.avoid : [...stream.avoid, end],
      shareAt: (length, bar) => Math.min(1, tokens ? length / tokens : (bar - stream.seamBar) / newBars),
      async onShare(drawn, share, step) {
        const done = (index + Math.max(0, share)) / streams.length;
        await options.onStep?.({ tokens: before + drawn, share: done, stream: index, step });
      },
    };
    const result = await (beams === undefined ? sample(work, count) : search({ ...work, beams }, count));
    if (tokens === undefined && result.reasons.includes("tokens")) {
      warnings.push(`a sample was stopped after ${maxTokens} ids, before its ${bars} bars were full`);
    }
    if (result.ids.length < count) {
      warnings.push(
        `the search found ${result.ids.length} ${result.ids.length === 1 ? "way" : "ways"} to go on, not ${count}`,
      );
    }
    before += result.ids.reduce((sum, ids) => sum + ids.length, 0);
    results.push(result);
  }
  return results;
}

interface StreamWork extends GenerateOptions {
  readonly grammar: PromptStream["grammar"];
  /** How much of a sample is there: its number of ids, and the bar that it has come to. */
  readonly shareAt: (length: number, bar: number) => number;
  readonly onShare: (drawn: number, share: number, step: GenerationStep) => Promise<void>;
}

async function sample(work: StreamWork, count: number): Promise<GeneratedStream> {
  const ids: number[][] = Array.from({ length: count }, () => []);
  const reasons = new Array<SampleStopReason>(count).fill("aborted");
  const grammars = Array.from({ length: count }, () => work.grammar.fork());
  let speculation: Speculation | undefined;
  let drawn = 0;
  for await (const event of generate({ ...work, count })) {
    if (event.kind === "stop") {
      reasons[event.sample] = event.reason;
      continue;
    }
    ({ speculation } = event);
    for (const { sample, id } of event.drawn) {
      ids[sample].push(id);
      grammars[sample].push(id);
      drawn++;
    }
    const shares = ids.map((one, sample) =>
      reasons[sample] === "aborted" ? work.shareAt(one.length, grammars[sample].bars()) : 1,
    );
    await work.onShare(drawn, Math.min(...shares), event);
  }
  return { ids, reasons, speculation };
}

async function search(
  work: StreamWork & { readonly beams: number },
  count: number,
): Promise<GeneratedStream> {
  let result: GeneratedStream = { ids: [], reasons: [], logProbabilities: [] };
  const nothingDrawn = (position: number): GenerationStep => ({ kind: "step", position, drawn: [] });
  for await (const event of beamSearch(work)) {
    if (event.kind === "found") {
      const found = event.sequences.slice(0, count);
      result = {
        ids: found.map(({ ids }) => [...ids]),
        reasons: found.map(({ reason }) => reason),
        logProbabilities: found.map(({ logProbability }) => logProbability),
      };
      const ids = result.ids.reduce((sum, one) => sum + one.length, 0);
      await work.onShare(
        ids,
        1,
        nothingDrawn(work.prompt.length + Math.max(...found.map((one) => one.ids.length)) - 1),
      );
      continue;
    }
    const { position, going } = event;
    const length = position + 1 - work.prompt.length;
    const share = Math.min(...going.map(({ bars }) => work.shareAt(length, bars)));
    await work.onShare(length, share, nothingDrawn(position));
  }
  return result;
}
