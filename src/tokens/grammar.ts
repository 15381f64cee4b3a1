import type { DecodeContext } from "./decode.js";
import type { GrammarState } from "./tokenizer.js";
import { Kind } from "./vocabulary.js";

/** Thin: time is kept, order isn't yet. */
export function createGrammar(context: DecodeContext): GrammarState {
  const clock = context.clock(0, true);
  return {
    allowed: (mask) => {
      for (let id = 0; id < mask.length; id++) mask[id] = context.tables.kinds[id] === Kind.Special ? 0 : 1;
      mask[context.tables.end] = 1;
    },
    push: (id) => {
      const kind = context.tables.kinds[id];
      if (kind === Kind.Meter) clock.changeMeter(context.tables.values[id]);
      else clock.advance(kind, context.tables.values[id], 0);
    },
    fork: () => createGrammar(context),
    bars: () => clock.bars(),
  };
}
