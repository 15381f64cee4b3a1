import type { Command } from "../command.js";
import { backendsCommand } from "./backends.js";
import { benchCommand } from "./bench.js";
import { convertCommand } from "./convert.js";
import { demoCommand } from "./demo.js";
import { evalCommand } from "./eval.js";
import { exportCommand } from "./export.js";
import { generateCommand } from "./generate.js";
import { harmonizeCommand } from "./harmonize.js";
import { infillCommand } from "./infill.js";
import { inspectCommand } from "./inspect.js";
import { mergeCommand } from "./merge.js";
import { previewCommand } from "./preview.js";
import { renderCommand } from "./render.js";
import { studyCommand } from "./study.js";
import { tokenizeCommand } from "./tokenize.js";
import { trainCommand } from "./train.js";

/** Every command, in the order of the list that help shows. */
export const commands: readonly Command[] = [
  tokenizeCommand,
  mergeCommand,
  trainCommand,
  evalCommand,
  generateCommand,
  infillCommand,
  harmonizeCommand,
  convertCommand,
  inspectCommand,
  previewCommand,
  renderCommand,
  exportCommand,
  backendsCommand,
  benchCommand,
  studyCommand,
  demoCommand,
];
