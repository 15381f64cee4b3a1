/**
 * The four kinds of failure that input can cause. Anything else that is thrown is a defect of this package.
 *
 * - `missing`: something that is needed isn't there (a file, an option, a tensor).
 * - `invalid`: it is there, and its content or value is wrong.
 * - `unknown`: a name that isn't one of the known ones.
 * - `unsupported`: it is well formed, and this version doesn't do it.
 */
export type ErrorKind = "missing" | "invalid" | "unknown" | "unsupported";

/** What went wrong, in parts: who shows it decides how (text on a terminal, JSON, a page). */
export interface ErrorParts {
  /** The file, option or field that the failure is about. */
  readonly subject: string;
  /** What was found there. */
  readonly found?: string;
  /** What would have been right. */
  readonly expected?: string;
  /** What the reader can do now. */
  readonly hint?: string;
}

/** A failure caused by input. Its message is one line and names subject, found, expected and hint. */
export class AttaccaError extends Error {
  readonly kind: ErrorKind;
  readonly parts: ErrorParts;

  constructor(kind: ErrorKind, parts: ErrorParts, cause?: unknown) {
    super(messageOf(kind, parts), cause === undefined ? undefined : { cause });
    this.name = "AttaccaError";
    this.kind = kind;
    this.parts = parts;
  }
}

function messageOf(kind: ErrorKind, parts: ErrorParts): string {
  const { subject, found, expected, hint } = parts;
  let text = `${kind} ${subject}`;
  if (found !== undefined) text += `: ${found}`;
  if (expected !== undefined) text += `${found === undefined ? ":" : ";"} expected ${expected}`;
  if (hint !== undefined) text += `. ${hint}`;
  return text;
}

/** Something that is needed isn't there. */
export function missing(subject: string, expected?: string, hint?: string): AttaccaError {
  return new AttaccaError("missing", { subject, expected, hint });
}

/**
 * Something is there and wrong.
 *
 * @example throw invalid("tempo", "0 µs a quarter at byte 1,204", "1 to 16,777,215");
 */
export function invalid(subject: string, found: string, expected: string, hint?: string): AttaccaError {
  return new AttaccaError("invalid", { subject, found, expected, hint });
}

/** A name that isn't one of the known ones; the known ones are listed. */
export function unknown(
  subject: string,
  found: string,
  known: readonly string[],
  hint?: string,
): AttaccaError {
  return new AttaccaError("unknown", {
    subject,
    found: `"${found}"`,
    expected: `one of ${known.join(", ")}`,
    hint,
  });
}

/** Well formed, but this version doesn't do it. */
export function unsupported(subject: string, found: string, expected: string, hint?: string): AttaccaError {
  return new AttaccaError("unsupported", { subject, found, expected, hint });
}

/** The same failure, said of a larger subject: `within("song.mid", error)` names the file in front. */
export function within(subject: string, error: AttaccaError): AttaccaError {
  return new AttaccaError(
    error.kind,
    { ...error.parts, subject: `${subject}: ${error.parts.subject}` },
    error,
  );
}

/**
 * What `read` gives; where it fails, the failure is said of `subject`, as `within` does.
 *
 * @example const { score } = naming("song.mid", () => readScore(bytes));
 */
export function naming<T>(subject: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof AttaccaError ? within(subject, error) : error;
  }
}
