import type { Command } from "../command.js";

/** Every command, in the order of the list that help shows. */
export const commands: readonly Command[] = [];
