import { checkZip } from './archives/check-zip.ts'
import { UnpackBudget } from './archives/limits.ts'
import { TarWalk } from './archives/tar-walk.ts'
import { watchPacked } from './archives/watch-packed.ts'
import { checkPrograms, toZipType } from './archives/zip-type.ts'
import { checkSvg } from './content/check-svg.ts'
import {
  documentFinding,
  documentMarkers,
  pictureFinding,
  pictureMarkers,
  undoPdfEscapes,
  watchMarkers,
} from './content/watch-markers.ts'
import { watchTail } from './content/watch-tail.ts'
import { watchText } from './content/watch-text.ts'
import { type HeldBytes, watchWhole } from './content/watch-whole.ts'
import type { FileRules } from './file-rules.ts'
import { finding, type Watch } from './finding.ts'
import { watchImageSize } from './images/watch-size.ts'
import { watchStructure } from './images/watch-structure.ts'
import type { UploadsOptions } from './options.ts'
import { type TypeName, toFileType } from './types/file-types.ts'

/** The longest SVG: it is read as text, whole. */
const maxSvgBytes = 2 * 1024 * 1024

/** Everything that looks into a file of this type. */
export function createContentWatches(
  type: TypeName,
  rules: FileRules,
  options: UploadsOptions,
  held: HeldBytes,
): readonly Watch[] {
  const allowsActive = options.unsafeAllowActive !== undefined
  switch (toFileType(type).content) {
    case 'image': {
      const structure = watchStructure(type)
      return [
        watchImageSize(type, rules.image),
        ...(structure === null ? [] : [structure]),
        ...(allowsActive ? [] : [watchMarkers(pictureMarkers, pictureFinding)]),
        watchTail(),
      ]
    }
    case 'svg':
      return [
        watchWhole({ maxBytes: maxSvgBytes, rule: 'svg', held }, (file) => (allowsActive ? null : checkSvg(file))),
      ]
    case 'pdf':
      return [...(allowsActive ? [] : [watchMarkers(documentMarkers, documentFinding, undoPdfEscapes)]), watchTail()]
    case 'zip':
      return [watchZip(type, options, held)]
    case 'gzip':
      return [watchPacked('gzip', new UnpackBudget(options.archives))]
    case 'zstd':
      return [watchPacked('zstd', new UnpackBudget(options.archives))]
    case 'tar': {
      const tar = new TarWalk(new UnpackBudget(options.archives))
      return [{ write: (bytes) => tar.write(bytes), end: () => tar.end() }]
    }
    case 'text':
      return [watchText()]
    case 'opaque':
      return [watchTail()]
  }
}

function watchZip(type: TypeName, { archives, unsafeAllowActive }: UploadsOptions, held: HeldBytes): Watch {
  return watchWhole({ maxBytes: archives.maxBytes, rule: 'archives.maxBytes', held }, async (file) => {
    const budget = new UnpackBudget(archives)
    const entries = await checkZip(file, { budget, packedBytes: file.length, depth: 1 })
    if ('code' in entries) return entries
    const programs = unsafeAllowActive === undefined ? checkPrograms(entries) : null
    if (programs !== null) return programs
    return toZipType(entries) === type ? null : finding('uploads_type', 'content', `a file that is ${type}`)
  })
}
