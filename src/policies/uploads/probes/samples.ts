import { crc32, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import type { TypeName } from '../types/file-types.ts'
import { createTar } from './tar-sample.ts'
import { createZip } from './zip-sample.ts'

/** The smallest honest file of each type that is looked into; of the others, how they begin. */
export const samples: Readonly<Record<TypeName, () => Buffer>> = {
  'image/png': () => createPng(1, 1),
  'image/jpeg': () =>
    Buffer.concat([
      hex('ffd8 ffe0 0010 4a46494600010100000100010000 ffc0 000b 08 0001 0001 01 011100'),
      hex('ffda 0008 0101 0000 3f00 7b ffd9'),
    ]),
  'image/gif': () => hex('474946383961 0100 0100 80 00 00 000000 ffffff 2c 0000 0000 0100 0100 00 02 02 4401 00 3b'),
  'image/webp': () => hex('52494646 1a000000 57454250 5650384c 0d000000 2f 00000010 07 10 11 11 88 88 fe 07 00'),
  'image/avif': createAvif,
  'image/bmp': () =>
    hex(
      '424d 3a000000 0000 0000 36000000 28000000 01000000 01000000 0100 1800 00000000 04000000 00000000 00000000 00000000 00000000 ffffff00',
    ),
  'image/svg+xml': () =>
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><path d="M0 0h1"/></svg>'),
  'application/pdf': () => Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n'),
  'application/zip': () => createZip([{ name: 'notes.txt', content: 'notes' }]),
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': () => createOffice('word/document.xml'),
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': () => createOffice('xl/workbook.xml'),
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': () =>
    createOffice('ppt/presentation.xml'),
  'application/vnd.oasis.opendocument.text': () => createOpenDocument('application/vnd.oasis.opendocument.text'),
  'application/vnd.oasis.opendocument.spreadsheet': () =>
    createOpenDocument('application/vnd.oasis.opendocument.spreadsheet'),
  'application/gzip': () => gzipSync('notes'),
  'application/zstd': () => zstdCompressSync('notes'),
  'application/x-tar': () => createTar('notes.txt', 'notes'),
  'application/x-7z-compressed': () => hex('377abcaf271c 0004 8d9bd50f 0000000000000000 0000000000000000 00000000'),
  'video/mp4': () => Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomiso2\0\0\0\x08mdat', 'latin1'),
  'video/quicktime': () => Buffer.from('\0\0\0\x14ftypqt  \0\0\x02\0qt  \0\0\0\x08mdat', 'latin1'),
  'video/webm': () =>
    hex('1a45dfa3 9f 4286 81 01 42f7 81 01 42f2 81 04 42f3 81 08 4282 84 7765626d 4287 81 04 4285 81 02'),
  'audio/mpeg': () => hex('494433 0400 00 00000000 fffb 9064'),
  'audio/mp4': () => Buffer.from('\0\0\0\x18ftypM4A \0\0\x02\0M4A isom\0\0\0\x08mdat', 'latin1'),
  'audio/wav': () =>
    hex('52494646 24000000 57415645 666d7420 10000000 0100 0100 401f0000 803e0000 0200 1000 64617461 00000000'),
  'audio/ogg': () => hex('4f676753 00 02 0000000000000000 01000000 00000000 00000000 00'),
  'text/plain': () => Buffer.from('Notes, and Überschriften.\n'),
  'text/csv': () => Buffer.from('name,amount\nAnn,3\n'),
}

/** Its pixels are one colour: however many there are, they take few bytes. */
export function createPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 1
  const rows = deflateSync(Buffer.alloc(Math.min(height * (Math.ceil(width / 8) + 1), 65_536)))
  const chunk = (name: string, content: Buffer) => {
    const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(name), content, Buffer.alloc(4)])
    bytes.writeUInt32BE(content.length, 0)
    bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4)
    return bytes
  }
  return Buffer.concat([
    hex('89504e470d0a1a0a'),
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function createAvif(): Buffer {
  const box = (type: string, ...content: Buffer[]) => {
    const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(type), ...content])
    bytes.writeUInt32BE(bytes.length, 0)
    return bytes
  }
  const size = box('ispe', hex('00000000 00000001 00000001'))
  return Buffer.concat([
    box('ftyp', Buffer.from('avif\0\0\0\0avifmif1', 'latin1')),
    box('meta', hex('00000000'), box('iprp', box('ipco', size))),
    box('mdat', hex('00')),
  ])
}

function createOffice(part: string): Buffer {
  return createZip([
    { name: '[Content_Types].xml', content: '<Types/>', deflated: true },
    { name: part, content: '<document/>', deflated: true },
  ])
}

function createOpenDocument(type: string): Buffer {
  return createZip([
    { name: 'mimetype', content: type },
    { name: 'content.xml', content: '<content/>', deflated: true },
  ])
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}
