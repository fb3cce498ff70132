import { byNames, unjudged } from '../../core/judge.ts'

/** What other policies permit is known to nobody but the person who writes them. */
export const judgePolicySets = byNames<unknown>({ added: 'changes', removed: 'unjudged' }, unjudged)
