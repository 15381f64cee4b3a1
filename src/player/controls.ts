import { icon, make } from "./dom.js";
import { type IconName, icons } from "./icons.js";

/** A button that shows an icon; its name is read out and shown when one points at it. */
export function iconButton(
  name: IconName,
  label: string,
  press: () => void,
  part?: string,
): HTMLButtonElement {
  const button = make("button", {
    type: "button",
    class: `button ${name}`,
    "aria-label": label,
    title: label,
  });
  if (part !== undefined) button.setAttribute("part", part);
  button.append(icon(icons[name]));
  button.addEventListener("click", press);
  return button;
}

/** A button with a word on it. */
export function textButton(text: string, label: string, press: () => void): HTMLButtonElement {
  const button = make(
    "button",
    { type: "button", class: "button word", "aria-label": label, title: label },
    text,
  );
  button.addEventListener("click", press);
  return button;
}

/** Shows another icon on a button, under another name. */
export function changeIcon(button: HTMLButtonElement, name: IconName, label: string): void {
  button.querySelector("path")?.setAttribute("d", icons[name]);
  button.setAttribute("aria-label", label);
  button.title = label;
}

export function setPressed(button: HTMLButtonElement, isPressed: boolean): void {
  button.setAttribute("aria-pressed", String(isPressed));
}

/** A slider, and how it is written and read out. */
export interface SliderOptions {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** Pressed twice, it goes here. */
  readonly rest: number;
  change(value: number): void;
  text(value: number): string;
}

export interface Slider {
  readonly input: HTMLInputElement;
  /** Shows a value without telling anyone. */
  show(value: number): void;
}

export function makeSlider({ label, min, max, step, rest, change, text }: SliderOptions): Slider {
  const input = make("input", { type: "range", min, max, step, "aria-label": label, title: label });
  const show = (value: number) => {
    if (Number(input.value) !== value) input.value = String(value);
    const said = text(value);
    if (input.getAttribute("aria-valuetext") !== said) input.setAttribute("aria-valuetext", said);
    input.style.setProperty("--share", String((Number(input.value) - min) / (max - min)));
  };
  input.addEventListener("input", () => {
    change(Number(input.value));
    show(Number(input.value));
  });
  input.addEventListener("dblclick", () => change(rest));
  show(rest);
  return { input, show };
}
