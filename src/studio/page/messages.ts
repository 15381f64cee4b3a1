import { AttaccaError } from "../../errors.js";
import { button, find, make } from "./dom.js";

/** Tells people what went wrong, and what they can do; nothing is lost before they take it away. */
export interface Messages {
  /** @param action what can be done about it, as a button */
  tell(title: string, error: unknown, action?: { readonly label: string; run(): void }): void;
  /** Something that isn't a failure. */
  note(title: string, details?: readonly string[]): void;
}

const MOST_MESSAGES = 6;

/** The messages above everything. */
export function createMessages(): Messages {
  const place = find("messages", HTMLElement);
  const show = (kind: "error" | "note", title: string, details: readonly string[], ...more: Node[]): void => {
    const message = make("div", { class: `message ${kind}` });
    const text = make("div", { class: "message-text" }, make("strong", {}, title));
    for (const detail of details) text.append(make("p", {}, detail));
    const close = button("Dismiss", () => message.remove(), {
      class: "quiet",
      "aria-label": `Dismiss: ${title}`,
    });
    message.append(text, make("div", { class: "actions" }, ...more, close));
    place.prepend(message);
    while (place.children.length > MOST_MESSAGES) place.lastElementChild?.remove();
  };
  return {
    tell(title, error, action) {
      const more = action
        ? [
            button(action.label, () => {
              more[0].closest(".message")?.remove();
              action.run();
            }),
          ]
        : [];
      show("error", title, sentences(error), ...more);
    },
    note: (title, details = []) => show("note", title, details),
  };
}

/** An error in sentences: what was found, what was expected, what to do. */
function sentences(error: unknown): string[] {
  if (!(error instanceof AttaccaError)) return [error instanceof Error ? error.message : String(error)];
  const { subject, found, expected, hint } = error.parts;
  const what = error.kind === "missing" ? `${subject} isn't there` : subject;
  const first = found === undefined ? `${what}.` : `${what}: ${found}.`;
  return [first, ...(expected ? [`Expected: ${expected}.`] : []), ...(hint ? [`${hint}.`] : [])];
}
