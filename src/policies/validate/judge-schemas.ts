import type { Judge } from '../../core/judge.ts'
import { toStableJson } from '../../core/stable-json.ts'
import type { GatheredSchemas } from './schemas-block.ts'

/** Whether another schema lets more through is for a person to say. */
export const judgeSchemas: Judge<GatheredSchemas | undefined> = (before, after) => {
  const [old, now] = [before?.$defs ?? {}, after?.$defs ?? {}]
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort()
  return names.flatMap((name) => {
    if (toStableJson(old[name]) === toStableJson(now[name])) return []
    const what = old[name] === undefined ? 'is new' : now[name] === undefined ? 'is gone' : 'has changed'
    return [{ effect: 'unjudged' as const, path: [name], text: `the schema ${what}` }]
  })
}
