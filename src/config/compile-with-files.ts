import type { CompileOptions, CompileResult } from './compile-snapshot.ts'
import { compileSource, folderOf, readSource } from './compile-snapshot.ts'
import { boundErrors } from './config-error.ts'
import { findDocuments } from './documents/find-documents.ts'
import { readDocuments } from './documents/read-documents.ts'
import { gatherFiles } from './gather-files.ts'
import { placeFileErrors } from './place-file-errors.ts'

/** As `compileSnapshot`, with the files that the policy file names: documents, and what its blocks refer to. */
export async function compileWithFiles(input: string | object, options: CompileOptions = {}): Promise<CompileResult> {
  const read = readSource(input, options)
  if (!read.ok) return read
  const reading = await readDocuments(findDocuments(read.source.value), folderOf(read.source.file))
  const compiled = compileSource(read, options, reading)
  if (reading.errors.length > 0) {
    const errors = [...reading.errors, ...(compiled.ok ? [] : compiled.errors)]
    return { ok: false, errors: boundErrors(placeFileErrors(errors, read.source)) }
  }
  const gathered = await gatherFiles(compiled, options.policies)
  return gathered.ok ? gathered : { ok: false, errors: placeFileErrors(gathered.errors, read.source) }
}
