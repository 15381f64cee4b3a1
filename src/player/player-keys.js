import { trackLabel } from "../view/index.js";
import { noteLines, placeName } from "./note-text.js";
import { spokenPlace } from "./piece-text.js";
import { shortcutFor } from "./shortcuts.js";
const rowStep = 48;
const tempoStep = 0.05;
/** Has the keys that are pressed anywhere in a player do what `shortcutGroups` says, and says what they did. */
export function followKeys(root, session, view, promptEnd) {
    const { roll } = view;
    const sayPlace = () => view.say(spokenPlace(session.piece, session.tick, session.position));
    const goTo = (move) => () => {
        move();
        sayPlace();
    };
    const changeTempo = (rate) => {
        session.rate = rate;
        view.say(`Tempo ${Math.round(session.rate * 100)} %`);
    };
    const step = (direction) => Math.round((session.rate + direction * tempoStep) * 20) / 20;
    const readNote = (direction) => {
        const note = roll.selectNext(direction);
        view.say(note === undefined ? "No notes" : noteLines(session.piece, note).join(", "));
    };
    const sayLoop = () => {
        const { loop, isLooping, piece } = session;
        if (!isLooping)
            view.say("Loop off");
        else if (loop === undefined)
            view.say("Loop on, the whole piece");
        else
            view.say(`Loop from ${placeName(piece, loop.from)} to ${placeName(piece, loop.to)}`);
    };
    const looping = (change) => () => {
        change();
        sayLoop();
    };
    const setTrack = (index, what) => {
        const track = session.piece.score.tracks[index];
        if (track === undefined)
            return view.say(`No track ${index + 1}`);
        const isOn = !session.track(index)[what];
        session.setTrack(index, { [what]: isOn });
        view.say(`${trackLabel(track)}: ${what} ${isOn ? "on" : "off"}`);
    };
    const actions = {
        toggle: () => {
            session.toggle();
            if (session.isPlaying)
                view.say("Playing");
            else
                view.say(`Paused at ${placeName(session.piece, Math.floor(session.tick))}`);
        },
        beatBack: goTo(() => session.moveBeats(-1)),
        beatOn: goTo(() => session.moveBeats(1)),
        barBack: goTo(() => session.moveBars(-1)),
        barOn: goTo(() => session.moveBars(1)),
        start: goTo(() => session.seek(0)),
        end: goTo(() => session.seek(session.piece.endSeconds)),
        continuation: () => {
            const tick = promptEnd();
            if (tick === undefined)
                return view.say("No continuation is marked");
            session.seekTick(tick);
            sayPlace();
        },
        loopStart: looping(() => session.startLoopHere()),
        loopEnd: looping(() => session.endLoopHere()),
        loop: looping(() => {
            session.isLooping = !session.isLooping;
        }),
        loopClear: looping(() => {
            session.loop = undefined;
        }),
        slower: () => changeTempo(step(-1)),
        faster: () => changeTempo(step(1)),
        normalTempo: () => changeTempo(1),
        zoomIn: () => roll.zoomBy(1.5),
        zoomOut: () => roll.zoomBy(1 / 1.5),
        fit: () => roll.fit(),
        up: () => roll.scrollBy(0, -rowStep),
        down: () => roll.scrollBy(0, rowStep),
        higherRows: () => roll.zoomPitchesBy(1.25),
        lowerRows: () => roll.zoomPitchesBy(1 / 1.25),
        follow: () => {
            view.toggleFollow();
            view.say(roll.follow === "off" ? "The roll stays" : "The roll follows the playhead");
        },
        noteNext: () => readNote(1),
        notePrevious: () => readNote(-1),
        noteGo: goTo(() => {
            if (roll.selected !== undefined)
                session.seekTick(roll.selected.note.start);
        }),
        dismiss: () => roll.select(undefined),
        tracks: () => view.togglePanel("tracks"),
        sound: () => view.togglePanel("sound"),
        help: () => view.help.showModal(),
    };
    root.addEventListener("keydown", (event) => {
        if (!(event instanceof KeyboardEvent) || event.defaultPrevented || view.help.open)
            return;
        const target = event.composedPath()[0];
        if (target instanceof HTMLElement && ownsKey(target, event.key))
            return;
        const found = shortcutFor(event);
        if (found === undefined)
            return;
        event.preventDefault();
        if (found.name === "mute" || found.name === "solo")
            setTrack(found.track ?? 0, found.name);
        else
            actions[found.name]();
    });
}
/** Whether a key has a meaning of its own where the focus is. */
function ownsKey(target, key) {
    if (target instanceof HTMLSelectElement)
        return true;
    if (target instanceof HTMLInputElement)
        return /^(Arrow|Home|End|Page)/.test(key);
    if (target instanceof HTMLButtonElement)
        return key === " " || key === "Enter";
    return false;
}
//# sourceMappingURL=player-keys.js.map