import type { FieldPairs } from '../core/decision.ts'

/** What a browser adds by itself to a request of a page of the same origin (Fetch Metadata). */
export const pageFields: FieldPairs = [['sec-fetch-site', 'same-origin']]
