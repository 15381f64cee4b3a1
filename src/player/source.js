import { invalid, missing } from "../errors.js";
/** The largest file that is read: MIDI files have kilobytes, soundfonts up to a gigabyte. */
const mostMidiBytes = 64 << 20;
/**
 * The bytes at an address.
 *
 * @throws AttaccaError of kind `missing` where there is nothing, `invalid` where it is too large.
 */
export async function fetchBytes(address, signal) {
    let response;
    try {
        response = await fetch(address, { signal });
    }
    catch (error) {
        if (signal.aborted)
            throw error;
        throw missing(address, undefined, "The address can't be reached");
    }
    if (!response.ok)
        throw missing(address, undefined, `The server answers ${response.status}`);
    const size = Number(response.headers.get("Content-Length") ?? 0);
    checkSize(address, size);
    const bytes = new Uint8Array(await response.arrayBuffer());
    checkSize(address, bytes.length);
    return bytes;
}
/**
 * The bytes of a file of the user's.
 *
 * @throws AttaccaError of kind `invalid` if it is too large to be a MIDI file, `missing` if it can't be read.
 */
export async function fileBytes(file) {
    if (!isSoundfont(file.name))
        checkSize(file.name, file.size);
    try {
        return new Uint8Array(await file.arrayBuffer());
    }
    catch {
        throw missing(file.name, "a file that can be read");
    }
}
function checkSize(subject, size) {
    if (size > mostMidiBytes)
        throw invalid(subject, `${size} bytes`, `${mostMidiBytes} bytes or fewer`);
}
export function isSoundfont(name) {
    return /\.(sf2|sf3|dls)$/i.test(name);
}
/** A title out of an address or a file's name: its last part without the ending. */
export function titleOf(address) {
    const part = address.split(/[?#]/)[0].split(/[\\/]/).at(-1) ?? "";
    let name = part;
    try {
        name = decodeURIComponent(part);
    }
    catch {
        // A name with a stray percent sign is its own text.
    }
    return name.replace(/\.(mid|midi|smf|kar)$/i, "").replaceAll("_", " ");
}
//# sourceMappingURL=source.js.map