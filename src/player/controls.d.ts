import { type IconName } from "./icons.js";
/** A button that shows an icon; its name is read out and shown when one points at it. */
export declare function iconButton(name: IconName, label: string, press: () => void, part?: string): HTMLButtonElement;
/** A button with a word on it. */
export declare function textButton(text: string, label: string, press: () => void): HTMLButtonElement;
/** Shows another icon on a button, under another name. */
export declare function changeIcon(button: HTMLButtonElement, name: IconName, label: string): void;
export declare function setPressed(button: HTMLButtonElement, isPressed: boolean): void;
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
export declare function makeSlider({ label, min, max, step, rest, change, text }: SliderOptions): Slider;
//# sourceMappingURL=controls.d.ts.map