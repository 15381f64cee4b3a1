import { nameOf } from "../given.js";
import type { ContinueSettings, EngineChoice, EngineInfo } from "../protocol.js";
import { promptOf, runningTake, takesOf } from "../state.js";
import { agreementText, modelText, modeText, musicText, realTimeText } from "../text.js";
import { type Catalogue, fetchCheckpoint } from "./catalogue.js";
import { find, make, setText } from "./dom.js";
import { inputFiles } from "./files.js";
import type { PageStudio } from "./studio.js";

/** Inputs of numbers, and the setting that each is. */
const NUMBERS = { bars: "bars", temperature: "temperature", "top-p": "topP", seed: "seed" } as const;

/** How the piece goes on: checkpoint, settings, the button, and what it costs. */
export function createSettingsPanel(studio: PageStudio, catalogue: Catalogue): void {
  const { messages } = studio;
  const form = find("settings", HTMLFormElement);
  const go = find("go", HTMLButtonElement);
  const stop = find("stop", HTMLButtonElement);
  const progress = find("progress", HTMLElement);
  const listen = find("listen", HTMLInputElement);
  form.noValidate = true;
  for (const [id, name] of Object.entries(NUMBERS)) {
    const input = find(id, HTMLInputElement);
    input.value = String(studio.state.settings[name]);
    input.addEventListener("input", () => {
      const isGood = input.value !== "" && input.checkValidity();
      input.setAttribute("aria-invalid", String(!isGood));
      if (isGood) studio.dispatch({ type: "settings", settings: { [name]: input.valueAsNumber } });
    });
  }
  for (const radio of form.querySelectorAll<HTMLInputElement>("input[name=decode]")) {
    radio.addEventListener("change", () => {
      const decode = radio.value as ContinueSettings["decode"];
      studio.dispatch({ type: "settings", settings: { decode } });
    });
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = form.querySelector<HTMLInputElement>("[aria-invalid=true]");
    if (wrong === null) return void studio.goOn(listen.checked);
    wrong.focus();
    messages.tell(
      `${wrong.closest("label")?.textContent?.trim() ?? "A setting"} is out of its range.`,
      wrong.validationMessage,
    );
  });
  stop.addEventListener("click", () => studio.stop());
  chooseCheckpoints(studio, catalogue);
  const engines = find("engine-choice", HTMLSelectElement);
  // Only a browser with WebGPU has a choice.
  (engines.closest("label") as HTMLElement).hidden = !("gpu" in navigator);
  engines.addEventListener("change", () => void studio.useEngine(engines.value as EngineChoice));

  const show = (): void => {
    const { state, model, engine } = studio;
    const { settings } = state;
    for (const [id, name] of Object.entries(NUMBERS)) {
      const input = find(id, HTMLInputElement);
      if (document.activeElement !== input && input.valueAsNumber !== settings[name])
        input.value = String(settings[name]);
    }
    for (const radio of form.querySelectorAll<HTMLInputElement>("input[name=decode]")) {
      radio.checked = radio.value === settings.decode;
    }
    setText(find("temperature-text", HTMLElement), settings.temperature.toFixed(2));
    setText(find("top-p-text", HTMLElement), settings.topP.toFixed(2));
    const running = runningTake(state);
    go.disabled = model === undefined || running !== undefined;
    go.hidden = running !== undefined;
    stop.hidden = running === undefined;
    setText(go, promptOf(state) === undefined ? "Begin" : "Go on");
    progress.hidden = running === undefined;
    const percent = Math.round(100 * (running?.share ?? 0));
    progress.setAttribute("aria-valuenow", String(percent));
    (progress.firstElementChild as HTMLElement).style.width = `${percent}%`;
    setText(find("model", HTMLElement), model ? modelText(model) : engine ? "No checkpoint is open." : "");
    const costs = (running ?? takesOf(state).find((take) => take.costs !== undefined))?.costs;
    setText(find("cost-cached", HTMLElement), modeText(costs, "cached"));
    setText(find("cost-recompute", HTMLElement), modeText(costs, "recompute"));
    setText(find("real-time", HTMLElement), realTimeText(costs));
    setText(find("music-time", HTMLElement), musicText(costs));
    setText(find("agreement", HTMLElement), costs ? agreementText(costs) : "");
    for (const cell of ["cached", "recompute"] as const) {
      const isUsed = (costs?.decode ?? settings.decode) === cell;
      find(`cost-${cell}`, HTMLElement).parentElement?.classList.toggle("used", isUsed);
    }
    setText(find("engine", HTMLElement), engine ? engineText(engine) : "No engine");
    engines.value = engine?.name ?? engines.value;
    engines.disabled = engine === undefined || running !== undefined;
  };
  studio.onChange(show);
}

function engineText({ name, threads, build }: EngineInfo): string {
  return name === "webgpu"
    ? `WebGPU, ${build}`
    : `${name}, ${threads} ${threads === 1 ? "thread" : "threads"}, ${build}`;
}

/** The list of checkpoints: bundled ones, and what was opened or trained. */
function chooseCheckpoints(studio: PageStudio, { checkpoints }: Catalogue): void {
  const select = find("checkpoint", HTMLSelectElement);
  select.append(...checkpoints.map(({ title }, index) => make("option", { value: index }, title)));
  select.addEventListener("change", async () => {
    const chosen = checkpoints[Number(select.value)];
    if (chosen === undefined) return;
    try {
      await studio.open({ name: chosen.title, files: await fetchCheckpoint(chosen) });
    } catch (error) {
      studio.messages.tell(`${chosen.title} can't be loaded.`, error);
    }
  });
  for (const id of ["checkpoint-folder", "checkpoint-zip"]) {
    const input = find(id, HTMLInputElement);
    input.addEventListener("change", () => {
      const files = inputFiles(input);
      if (files.length > 0) void studio.open({ name: nameOf(files), files });
      input.value = "";
    });
  }
  studio.onChange(() => {
    const name = studio.model?.name;
    if (name === undefined) return;
    let option = [...select.options].find(({ text }) => text === name);
    if (option === undefined) {
      // What isn't bundled can't be fetched again: it stands there while it is in use.
      select.querySelector("[data-own]")?.remove();
      option = make("option", { value: "own", "data-own": true }, name);
      select.prepend(option);
    }
    option.selected = true;
  });
}
