/**
 * The bytes at an address.
 *
 * @throws AttaccaError of kind `missing` where there is nothing, `invalid` where it is too large.
 */
export declare function fetchBytes(address: string, signal: AbortSignal): Promise<Uint8Array>;
/**
 * The bytes of a file of the user's.
 *
 * @throws AttaccaError of kind `invalid` if it is too large to be a MIDI file, `missing` if it can't be read.
 */
export declare function fileBytes(file: File): Promise<Uint8Array>;
export declare function isSoundfont(name: string): boolean;
/** A title out of an address or a file's name: its last part without the ending. */
export declare function titleOf(address: string): string;
//# sourceMappingURL=source.d.ts.map