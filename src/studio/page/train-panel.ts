import type { TrainRunOptions } from "../../run/index.js";
import type { TokenizerName } from "../../tokens/index.js";
import type { MetricsRecord } from "../../train/index.js";
import { nameOf } from "../given.js";
import type { GivenFile, TrainEvent, Trained, TrainRequest } from "../protocol.js";
import { promptOf } from "../state.js";
import { counted, figure, fileName, parametersText } from "../text.js";
import { type Catalogue, fetchTunes } from "./catalogue.js";
import { download, find, make, setText } from "./dom.js";
import { inputFiles } from "./files.js";
import { drawLosses } from "./loss-chart.js";
import type { Panel } from "./prompt-panel.js";
import { createSampleList } from "./sample-list.js";
import type { PageStudio } from "./studio.js";

/** Sizes that a tab trains in minutes. */
const SIZES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  tiny: { layers: 1, width: 64, heads: 2, context: 128, "batch-size": 4 },
  small: { layers: 2, width: 96, heads: 4, context: 192, "batch-size": 6 },
  medium: { layers: 4, width: 128, heads: 4, context: 256, "batch-size": 8 },
};

/** The inputs of numbers, and the option of `attacca train` that each is. */
const OPTIONS: Readonly<Record<string, keyof TrainRunOptions>> = {
  layers: "layers",
  width: "width",
  heads: "heads",
  context: "context",
  "batch-size": "batchSize",
  steps: "steps",
  "learning-rate": "learningRate",
  "eval-every": "evalEvery",
  "train-seed": "seed",
};

const SAMPLE_BARS = 6;

/** What training is given: files, by drop too. */
export interface TrainPanel extends Panel {
  take(files: readonly GivenFile[]): void;
}

/** Training in the tab. */
export function createTrainPanel(studio: PageStudio, catalogue: Catalogue): TrainPanel {
  const { messages } = studio;
  const form = find("training", HTMLFormElement);
  const start = find("train-start", HTMLButtonElement);
  const stop = find("train-stop", HTMLButtonElement);
  const goOn = find("train-on", HTMLButtonElement);
  const use = find("train-use", HTMLButtonElement);
  const zip = find("train-zip", HTMLButtonElement);
  const status = find("train-status", HTMLElement);
  const canvas = find("loss", HTMLCanvasElement);
  const samples = createSampleList(studio);
  form.noValidate = true;
  let files: readonly GivenFile[] = [];
  let name = "mine";
  let metrics: MetricsRecord[] = [];
  let steps = 0;
  let stopping: AbortController | undefined;
  let canGoOn = false;
  let hasCheckpoint = false;
  let isDrawn = true;

  const redraw = (): void => {
    if (!isDrawn) return;
    isDrawn = false;
    requestAnimationFrame(() => {
      isDrawn = true;
      drawLosses(canvas, metrics, steps);
    });
  };
  new ResizeObserver(redraw).observe(canvas);

  const showButtons = (): void => {
    const isTraining = stopping !== undefined;
    start.disabled = files.length === 0 || studio.engine === undefined;
    start.hidden = isTraining;
    stop.hidden = !isTraining;
    goOn.hidden = isTraining || !canGoOn;
    use.disabled = !hasCheckpoint;
    zip.disabled = !hasCheckpoint;
    setText(start, metrics.length > 0 ? "Train anew" : "Train");
  };
  const heard = (event: TrainEvent): void => {
    if (event.kind === "reading") setText(status, `Reading file ${event.done} of ${event.files} …`);
    else if (event.kind === "start") {
      const { parameters, trainTokens, trainPieces, validationPieces } = event.info;
      steps = event.info.steps;
      hasCheckpoint = true;
      setText(
        status,
        `${parametersText(parameters)} parameters; ${counted(trainTokens, "token")} of ${counted(trainPieces, "piece")}, ` +
          `${counted(validationPieces, "piece")} to validate with.`,
      );
      showSkipped(event.skipped.map(({ source, reason }) => `${source}: ${reason}`));
      showButtons();
    } else if (event.kind === "step") {
      metrics.push(event.record);
      setText(find("loss-step", HTMLElement), `${event.record.step} of ${steps}`);
      setText(find("loss-train", HTMLElement), event.record.loss.toFixed(3));
      setText(find("loss-speed", HTMLElement), `${figure(event.record.tokensPerSecond)} tokens/s`);
      redraw();
    } else if (event.kind === "evaluation") {
      const newest = metrics[metrics.length - 1];
      metrics[metrics.length - 1] = { ...newest, validationLoss: event.validationLoss };
      setText(
        find("loss-validation", HTMLElement),
        `${event.validationLoss.toFixed(3)}${event.best ? ", the best so far" : ""}`,
      );
      canvas.setAttribute(
        "aria-label",
        `After ${event.step} steps: training loss ${newest.loss.toFixed(3)}, validation loss ${event.validationLoss.toFixed(3)} nats a token`,
      );
      redraw();
    } else samples.add(event.step, event.score);
  };
  const train = async (request: TrainRequest): Promise<void> => {
    stopping = new AbortController();
    const { signal } = stopping;
    showButtons();
    try {
      const trained = await studio.run("train", request, { signal, onEvent: heard });
      canGoOn = trained.reason === "interrupted";
      setText(status, endText(trained));
    } catch (error) {
      canGoOn = false;
      setText(status, "Training has ended with an error.");
      messages.tell("Training couldn't go on.", error);
    }
    stopping = undefined;
    if (studio.engine === undefined) hasCheckpoint = false;
    showButtons();
  };
  const request = (isGoingOn: boolean): TrainRequest | undefined => {
    const options: Record<string, number | string> = { dropout: 0, evalBatches: 8, label: name };
    for (const [id, option] of Object.entries(OPTIONS)) {
      const input = find(id, HTMLInputElement);
      if (input.value === "" || !input.checkValidity()) {
        input.focus();
        messages.tell(
          `${input.closest("label")?.textContent?.trim() ?? id} is out of its range.`,
          input.validationMessage,
        );
        return undefined;
      }
      options[option] = input.valueAsNumber;
    }
    options.saveEvery = options.evalEvery;
    const prompt =
      find("sample-prompt", HTMLSelectElement).value === "prompt" ? promptOf(studio.state)?.score : undefined;
    return {
      files: isGoingOn ? [] : files,
      tokenizer: find("tokenizer", HTMLSelectElement).value as TokenizerName,
      options: options as Partial<TrainRunOptions>,
      sample: { prompt, bars: SAMPLE_BARS, seed: Number(options.seed) },
      goOn: isGoingOn,
    };
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const asked = request(false);
    if (asked === undefined || stopping !== undefined || files.length === 0) return;
    metrics = [];
    samples.clear();
    redraw();
    void train(asked);
  });
  stop.addEventListener("click", () => stopping?.abort());
  goOn.addEventListener("click", () => {
    const asked = request(true);
    if (asked !== undefined) void train(asked);
  });
  use.addEventListener("click", () => void studio.useTrained(name));
  zip.addEventListener("click", async () => {
    try {
      download(`${fileName(name)}.zip`, await studio.run("zipTrained", { name: fileName(name) }));
    } catch (error) {
      messages.tell("The checkpoint couldn't be saved.", error);
    }
  });
  const take = (given: readonly GivenFile[]): void => {
    const midi = given.filter(({ path }) => /\.midi?$/i.test(path));
    if (midi.length === 0) {
      messages.tell("There is nothing to learn from.", "No MIDI files were among them.");
      return;
    }
    files = midi;
    name = midi.length === 1 || midi[0].path.includes("/") ? nameOf(midi) : "mine";
    const bytes = midi.reduce((sum, { content }) => sum + content.size, 0);
    setText(
      find("data-text", HTMLElement),
      `${counted(midi.length, "MIDI file")}, ${figure(bytes / 1024)} KiB, from ${name}.`,
    );
    showButtons();
  };
  chooseSize();
  chooseFiles(studio, catalogue, take);
  studio.onChange(showButtons);
  showButtons();
  return { take, follow: () => samples.follow() };
}

function endText({ reason, step, bestStep, found }: Trained): string {
  const best = bestStep === null ? "" : ` The best checkpoint is that of step ${bestStep}.`;
  if (reason === "diverged") return `The loss ran away (${found}). Try a lower learning rate.${best}`;
  return `${reason === "interrupted" ? "Stopped" : "Done"} after ${counted(step, "step")}.${best}`;
}

function showSkipped(reasons: readonly string[]): void {
  const skipped = find("skipped", HTMLDetailsElement);
  skipped.hidden = reasons.length === 0;
  setText(skipped.querySelector("summary") as Element, `${counted(reasons.length, "file")} left out`);
  skipped
    .querySelector("ul")
    ?.replaceChildren(...reasons.slice(0, 200).map((reason) => make("li", {}, reason)));
}

/** Sizes by name; changing a number makes it one's own. */
function chooseSize(): void {
  const size = find("size", HTMLSelectElement);
  const fields = Object.keys(SIZES.small).map((id) => find(id, HTMLInputElement));
  const fill = (): void => {
    for (const input of fields) input.value = String(SIZES[size.value]?.[input.id] ?? input.value);
  };
  size.addEventListener("change", fill);
  for (const input of fields) {
    input.addEventListener("input", () => {
      size.value = "own";
    });
  }
  fill();
}

function chooseFiles(
  { messages }: PageStudio,
  catalogue: Catalogue,
  take: (files: readonly GivenFile[]) => void,
): void {
  for (const id of ["data-files", "data-folder"]) {
    const input = find(id, HTMLInputElement);
    input.addEventListener("change", () => {
      take(inputFiles(input));
      input.value = "";
    });
  }
  find("data-tunes", HTMLButtonElement).addEventListener("click", async () => {
    try {
      take(await fetchTunes(catalogue));
    } catch (error) {
      messages.tell("The bundled tunes can't be loaded.", error);
    }
  });
}
