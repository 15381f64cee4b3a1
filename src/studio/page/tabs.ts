import { find } from "./dom.js";

/** The page's two halves. */
export type TabName = "compose" | "train";

/** Makes the tabs work, by pointer and arrow keys. Gives which one is seen, and a way to show one. */
export function createTabs(): { readonly shown: TabName; show(name: TabName): void } {
  const names = ["compose", "train"] as const;
  let shown: TabName = "compose";
  const tab = (name: TabName): HTMLElement => find(`tab-${name}`, HTMLElement);
  const show = (name: TabName): void => {
    shown = name;
    for (const each of names) {
      tab(each).setAttribute("aria-selected", String(each === name));
      tab(each).tabIndex = each === name ? 0 : -1;
      find(each, HTMLElement).hidden = each !== name;
    }
  };
  for (const name of names) {
    tab(name).addEventListener("click", () => show(name));
    tab(name).addEventListener("keydown", ({ key }) => {
      if (key !== "ArrowLeft" && key !== "ArrowRight") return;
      const other = name === "compose" ? "train" : "compose";
      show(other);
      tab(other).focus();
    });
  }
  return {
    get shown() {
      return shown;
    },
    show,
  };
}
