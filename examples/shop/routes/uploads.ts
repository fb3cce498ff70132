import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Routes, sendJson } from '../call.ts'
import type { ShopParts } from '../parts.ts'

export const uploadRoutes = ({ uploadsFolder }: ShopParts): Routes => ({
  // Streamed, so that the size does not matter to memory. Any type and any size is taken.
  'POST /uploads': async (call) => {
    const id = randomUUID()
    const file = join(uploadsFolder, id)
    const hash = createHash('sha256')
    let bytes = 0
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk)
        bytes += chunk.length
        done(null, chunk)
      },
    })
    try {
      await pipeline(call.request, measure, createWriteStream(file))
    } catch (error) {
      await rm(file, { force: true })
      throw error
    }
    sendJson(call, 201, { id, bytes, sha256: hash.digest('hex') })
  },
})
