import type { Judge } from '../core/judge.ts'
import type { GatheredDocument } from './gather-document.ts'

/** Where a snapshot keeps the documents that its policy file names. No file writes this block. */
export const documentsBlock = 'documents'

/** By the names that the policy file has for them. */
export type Documents = Readonly<Record<string, GatheredDocument>>

/** Whether another text of a document lets more through is for a person to say. */
export const judgeDocuments: Judge<Documents | undefined> = (before = {}, after = {}) => {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return names.flatMap((name) => {
    if (before[name]?.digest === after[name]?.digest) return []
    const what =
      before[name] === undefined ? 'is read' : after[name] === undefined ? 'is no longer read' : 'has changed'
    return [{ effect: 'unjudged' as const, path: [name], text: `the document ${what}` }]
  })
}
