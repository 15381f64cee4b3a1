import { invalid } from "../errors.js";
import type { Score } from "../midi/index.js";
import type { GrammarState } from "../tokens/index.js";
import { beamSearch } from "./beam.js";
import { ConstrainedGrammar, rulesOf } from "./constraints/index.js";
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

/** Where what comes of streams goes. */
export interface StreamsOutlet {
  readonly warnings: string[];
  /** The piece as far as the streams have come. */
  readonly scoreOf: (generated: readonly GeneratedStream[], sample: number) => Score;
  /** What a key is found from. */
  readonly tonal?: Score;
}

/** Goes on with the streams of a prompt, one after the other. */
export async function generateStreams(
  streams: readonly PromptStream[],
  options: ContinuationOptions,
  { warnings, scoreOf, tonal }: StreamsOutlet,
): Promise<GeneratedStream[]> {
  const { tokenizer, tokens, bars = DEFAULT_BARS, count = 1, beams } = options;
  const { end } = tokenizer.special;
  if (beams !== undefined && count > beams) throw invalid("count", String(count), `${beams} beams at most`);
  const results: GeneratedStream[] = [];
  let before = 0;
  for (const [index, stream] of streams.entries()) {
    const newBars = bars * stream.barScale;
    const maxTokens = tokens ?? Math.ceil(newBars * MOST_IDS_IN_BAR);
    const avoid = options.allowEnd ? stream.avoid : [...stream.avoid, end];
    const { seamBar: firstBar, barScale } = stream;
    const rules =
      options.constraints && rulesOf(options.constraints, tokenizer, { firstBar, barScale, tonal, avoid });
    const grammar =
      rules === undefined ? stream.grammar : new ConstrainedGrammar(tokenizer, stream.grammar.fork(), rules);
    const work: StreamWork = {
      ...options,
      ...windowRuleOf(tokenizer),
      prompt: stream.ids,
      stream: index,
      maxTokens,
      grammar,
      untilBar: tokens === undefined ? stream.seamBar + newBars : undefined,
      end,
      avoid: rules === undefined ? avoid : undefined,
      shareAt: (length, bar) => Math.min(1, tokens ? length / tokens : (bar - stream.seamBar) / newBars),
      async onShare({ tokens: drawn, share, step, sofar }) {
        await options.onStep?.({
          tokens: before + drawn,
          share: (index + Math.max(0, share)) / streams.length,
          stream: index,
          step,
          sequence: (sample = 0) => [...stream.ids, ...sofar().ids[sample]],
          score: (sample = 0) => scoreOf([...results, sofar()], sample),
        });
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
    warnings.push(...brokenRules(grammar, result.ids));
    before += result.ids.reduce((sum, ids) => sum + ids.length, 0);
    results.push(result);
  }
  return results;
}

/** What people should know of constraints that couldn't be kept. */
function brokenRules(grammar: GrammarState, samples: readonly (readonly number[])[]): string[] {
  const times = new Map<string, number>();
  for (const ids of samples) {
    const end = grammar.fork();
    if (!(end instanceof ConstrainedGrammar)) return [];
    for (const id of ids) end.push(id);
    for (const [name, count] of end.broken) times.set(name, (times.get(name) ?? 0) + count);
  }
  return [...times].map(
    ([name, count]) =>
      `${name} couldn't be kept ${count === 1 ? "once" : `${count} times`}: nothing else was left`,
  );
}

interface StreamWork extends GenerateOptions {
  readonly grammar: PromptStream["grammar"];
  /** How much of a sample is there: its number of ids, and the bar that it has come to. */
  readonly shareAt: (length: number, bar: number) => number;
  readonly onShare: (progress: StreamProgress) => Promise<void>;
}

interface StreamProgress {
  readonly tokens: number;
  readonly share: number;
  readonly step: GenerationStep;
  readonly sofar: () => GeneratedStream;
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
    await work.onShare({
      tokens: drawn,
      share: Math.min(...shares),
      step: event,
      sofar: () => ({ ids, reasons }),
    });
  }
  return { ids, reasons, speculation };
}

async function search(
  work: StreamWork & { readonly beams: number },
  count: number,
): Promise<GeneratedStream> {
  let result: GeneratedStream = { ids: [], reasons: [], logProbabilities: [] };
  for await (const event of beamSearch(work)) {
    const best = (event.kind === "found" ? event.sequences : event.going).slice(0, count);
    const ids = best.map((one) => [...one.ids]);
    const reasons = best.map((one): SampleStopReason => ("reason" in one ? one.reason : "aborted"));
    result = { ids, reasons, logProbabilities: best.map(({ logProbability }) => logProbability) };
    const longest = Math.max(...ids.map(({ length }) => length));
    const position = work.prompt.length + longest - 1;
    await work.onShare({
      tokens: event.kind === "found" ? ids.reduce((sum, { length }) => sum + length, 0) : longest,
      share:
        event.kind === "found" ? 1 : Math.min(...event.going.map(({ bars }) => work.shareAt(longest, bars))),
      step: { kind: "step", position, drawn: [] },
      sofar: () => result,
    });
  }
  return result;
}
