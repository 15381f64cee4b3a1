import { nameOf, sortGiven } from "./given.js";
import { type Catalogue, fetchCatalogue, fetchCheckpoint, fetchFile, fetchWanted } from "./page/catalogue.js";
import { takeDrops } from "./page/drop.js";
import { createExports, SOUNDFONT } from "./page/exports.js";
import { createListening } from "./page/listening.js";
import { createMessages } from "./page/messages.js";
import { createPromptPanel } from "./page/prompt-panel.js";
import { createRecorderPanel } from "./page/recorder-panel.js";
import { createSettingsPanel } from "./page/settings-panel.js";
import { createPageStudio, type PageStudio } from "./page/studio.js";
import { createTabs } from "./page/tabs.js";
import { createTakesPanel } from "./page/takes-panel.js";
import { createTrainPanel } from "./page/train-panel.js";
import type { GivenFile } from "./protocol.js";

// The studio page: puts its parts together.

const messages = createMessages();

async function begin(): Promise<void> {
  const catalogue = await loadCatalogue();
  const soundfonts = createSoundfonts();
  const listening = createListening({ soundfont: SOUNDFONT });
  const base = new URL("./", import.meta.url).href;
  const studio = createPageStudio({ base, version: catalogue.version }, listening, messages);
  const tabs = createTabs();
  createSettingsPanel(studio, catalogue);
  createRecorderPanel(studio);
  const panels = [
    createPromptPanel(studio, catalogue),
    createTakesPanel(studio, createExports(studio, soundfonts.current)),
  ];
  const training = createTrainPanel(studio, catalogue);
  const frame = (): void => {
    for (const panel of [...panels, training]) panel.follow();
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const take = (files: readonly GivenFile[]): void => {
    const { midi, checkpoint, soundfont, other } = sortGiven(files);
    if (checkpoint.length > 0) void studio.open({ name: nameOf(checkpoint), files: checkpoint });
    if (soundfont.length > 0) void soundfonts.use(studio, soundfont[0]);
    if (midi.length > 0 && (tabs.shown === "train" || midi.length > 1)) {
      tabs.show("train");
      training.take(midi);
    } else if (midi.length > 0) void studio.takePrompt(midi[0]);
    if (other.length > 0 && other.length === files.length) {
      const names = other.slice(0, 3).map(({ path }) => path);
      messages.tell(
        "The studio can't use that.",
        `${names.join(", ")}: expected MIDI files, a checkpoint's folder or zip, or a soundfont (.sf2, .sf3, .dls).`,
      );
    }
  };
  takeDrops(take, (error) => messages.tell("What was dropped can't be read.", error));
  await studio.start();
  await openFirst(studio, catalogue);
}

async function openFirst(studio: PageStudio, { checkpoints, prompts }: Catalogue): Promise<void> {
  if (studio.engine === undefined) return;
  const [checkpoint] = checkpoints;
  const [prompt] = prompts;
  try {
    if (checkpoint !== undefined) {
      await studio.open({ name: checkpoint.title, files: await fetchCheckpoint(checkpoint) });
    }
    const isUntouched = studio.state.past.length === 0 && studio.state.desk.promptId === undefined;
    const wanted = isUntouched ? await fetchWanted() : undefined;
    if (wanted !== undefined) await studio.takePrompt(wanted);
    else if (prompt !== undefined && isUntouched) {
      await studio.takePrompt({ path: `${prompt.title}.mid`, content: await fetchFile(prompt.path) });
    }
  } catch (error) {
    messages.tell("What comes with the page can't be loaded.", error);
  }
}

async function loadCatalogue(): Promise<Catalogue> {
  try {
    return await fetchCatalogue();
  } catch (error) {
    messages.tell("The list of what comes with the page can't be loaded.", error);
    return { version: "unknown", prompts: [], tunes: [], checkpoints: [] };
  }
}

/** The soundfont in use: the bundled one, or the user's. */
function createSoundfonts(): {
  current(): Promise<Blob>;
  use(studio: PageStudio, file: GivenFile): Promise<void>;
} {
  let own: Blob | undefined;
  return {
    current: async () => own ?? fetchFile(SOUNDFONT),
    async use({ listening }, { path, content }) {
      try {
        await listening.useSoundfont(new Uint8Array(await content.arrayBuffer()));
        own = content;
        messages.note(`${path} plays from now on.`);
      } catch (error) {
        messages.tell(`${path} can't be used as a soundfont.`, error);
      }
    },
  };
}

begin().catch((error) => messages.tell("The studio couldn't be opened.", error));
