import { unsupported } from "../errors.js";
import type { ModelConfig } from "../model/index.js";

/** Refuses a model that writes voices to a melody, and can't go on from a prompt. @throws AttaccaError `unsupported` */
export function refuseEncoder({ encoder_layers: encoder }: Pick<ModelConfig, "encoder_layers">): void {
  if (encoder === 0) return;
  const hint = "It writes voices to a melody: attacca harmonize";
  throw unsupported("going on", "a model that harmonizes", "a model without an encoder", hint);
}
