import { AttaccaError, type ErrorKind, type ErrorParts } from "../errors.js";

/** An error as plain data: errors lose their class on the way between threads. */
export interface Failure {
  /** One line, for people. */
  readonly message: string;
  /** There where input is the cause; absent for a defect, or where the engine or the browser gave up. */
  readonly kind?: ErrorKind;
  readonly parts?: ErrorParts;
}

/** What is to be told of something that was thrown. */
export function failureOf(error: unknown): Failure {
  if (error instanceof AttaccaError) {
    const { message, kind, parts } = error;
    return { message, kind, parts };
  }
  if (error instanceof Error) return { message: `${error.name}: ${error.message}` };
  return { message: String(error) };
}

/** A failure as an error again. */
export function errorFrom({ message, kind, parts }: Failure): Error {
  return kind !== undefined && parts !== undefined ? new AttaccaError(kind, parts) : new Error(message);
}
