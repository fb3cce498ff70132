import { crc32, deflateRawSync } from 'node:zlib'

/** One entry of an archive to be made. */
export interface SampleEntry {
  readonly name: string
  readonly content: Buffer | string
  /** Default: stored. */
  readonly deflated?: boolean
  /** What Unix keeps of it; default a file. */
  readonly mode?: number
  /** General purpose bits, beside UTF-8. */
  readonly flags?: number
  /** In the directory, where it should lie. */
  readonly claimedBytes?: number
}

/** An archive in the simplest form that every reader reads. */
export function createZip(entries: readonly SampleEntry[]): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const { name, content, deflated = false, mode = 0o100644, flags = 0, claimedBytes } of entries) {
    const bytes = Buffer.from(content)
    const packed = deflated ? deflateRawSync(bytes) : bytes
    const path = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(0x800 | flags, 2)
    common.writeUInt16LE(deflated ? 8 : 0, 4)
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(claimedBytes ?? bytes.length, 18)
    common.writeUInt16LE(path.length, 22)
    const central = Buffer.alloc(16)
    central.writeUInt32LE((mode << 16) >>> 0, 6)
    central.writeUInt32LE(at, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, central.subarray(0, 14), path)
    files.push(Buffer.from('PK\x03\x04', 'latin1'), common, path, packed)
    at += 30 + path.length + packed.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...files, central, end])
}
