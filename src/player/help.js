import { iconButton } from "./controls.js";
import { make } from "./dom.js";
import { shortcutGroups } from "./shortcuts.js";
/** The dialog that lists the keys. */
export function createHelp() {
    const dialog = make("dialog", { class: "keys-help", "aria-labelledby": "help-title" });
    const close = iconButton("close", "Close", () => dialog.close());
    const groups = shortcutGroups.map(({ title, shortcuts }) => {
        const list = make("dl");
        for (const { label, does } of shortcuts)
            list.append(make("dt", {}, make("kbd", {}, label)), make("dd", {}, does));
        return make("section", {}, make("h3", {}, title), list);
    });
    const pointer = make("section", {}, make("h3", {}, "Mouse and touch"));
    const gestures = make("dl");
    for (const [label, does] of [
        ["click", "go there, or choose the note"],
        ["drag", "move the roll"],
        ["drag the bar numbers", "move the playhead"],
        ["Shift drag", "mark a loop"],
        ["Ctrl wheel, pinch", "zoom"],
    ])
        gestures.append(make("dt", {}, label), make("dd", {}, does));
    pointer.append(gestures);
    const head = make("header", {}, make("h2", { id: "help-title" }, "Keys"), close);
    dialog.append(head, make("div", { class: "columns" }, ...groups, pointer));
    // A click beside the dialog lies on its backdrop, which is the dialog itself.
    dialog.addEventListener("click", (event) => {
        if (event.target === dialog)
            dialog.close();
    });
    return dialog;
}
//# sourceMappingURL=help.js.map