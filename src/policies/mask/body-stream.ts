/** Masks a body that comes in chunks, bytes as one character each. Throws where it cannot be masked. */
export interface BodyStream {
  /** What of it can leave. */
  push(chunk: string): string
  /** The rest. */
  end(): string
}
