/** What a scanner says of one file. */
export type Verdict =
  | { readonly kind: 'clean' }
  /** `signature`: under which name it knows it; for the log. */
  | { readonly kind: 'infected'; readonly signature: string }
  /** It gave no verdict; `reason` is for the log. */
  | { readonly kind: 'failed'; readonly reason: string }

/** One file on its way to the scanner. */
export interface Scan {
  /** Settles when the scanner took the bytes: a verdict before the end, or null to go on. Not to be called meanwhile. */
  write(bytes: Buffer): Promise<Verdict | null>
  /** The file is whole: waits for the verdict. Never rejects. */
  end(): Promise<Verdict>
  /** The file broke off. */
  close(): void
}

/** The port to a virus scanner. */
export interface VirusScanner {
  open(): Scan
}
