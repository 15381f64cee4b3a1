import { icon, make } from "./dom.js";
import { icons } from "./icons.js";
/** A button that shows an icon; its name is read out and shown when one points at it. */
export function iconButton(name, label, press, part) {
    const button = make("button", {
        type: "button",
        class: `button ${name}`,
        "aria-label": label,
        title: label,
    });
    if (part !== undefined)
        button.setAttribute("part", part);
    button.append(icon(icons[name]));
    button.addEventListener("click", press);
    return button;
}
/** A button with a word on it. */
export function textButton(text, label, press) {
    const button = make("button", { type: "button", class: "button word", "aria-label": label, title: label }, text);
    button.addEventListener("click", press);
    return button;
}
/** Shows another icon on a button, under another name. */
export function changeIcon(button, name, label) {
    button.querySelector("path")?.setAttribute("d", icons[name]);
    button.setAttribute("aria-label", label);
    button.title = label;
}
export function setPressed(button, isPressed) {
    button.setAttribute("aria-pressed", String(isPressed));
}
export function makeSlider({ label, min, max, step, rest, change, text }) {
    const input = make("input", { type: "range", min, max, step, "aria-label": label, title: label });
    const show = (value) => {
        if (Number(input.value) !== value)
            input.value = String(value);
        const said = text(value);
        if (input.getAttribute("aria-valuetext") !== said)
            input.setAttribute("aria-valuetext", said);
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
//# sourceMappingURL=controls.js.map