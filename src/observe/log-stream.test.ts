import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { endsWithin, eventually } from '../../test/support/eventually.ts'
import { type LogWork, logWriter, toLine } from '../../test/support/log-writer.ts'
import { type LogStream, openLogStream } from './log-stream.ts'

const linux = process.platform === 'linux'
const maxHeldBytes = 16 * 1024 * 1024

function openAt(file: string): LogStream {
  return openLogStream({ file, rotateAt: 1e9, keepFiles: 1, keepFor: 3_600_000 })
}

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'log-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A pipe with a name, and the end that is read from it: only when the test says so. */
function makePipe(t: TestContext) {
  const path = join(makeFolder(t), 'pipe')
  execFileSync('mkfifo', [path])
  let fd: number | null = null
  const reader = {
    path,
    open() {
      fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    },
    close() {
      if (fd !== null) closeSync(fd)
      fd = null
    },
    /** What there is at the moment. */
    read(): string {
      const bytes = Buffer.alloc(1024 * 1024)
      let text = ''
      try {
        for (let n = 1; n > 0; text += bytes.toString('latin1', 0, n)) n = readSync(fd as number, bytes)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      }
      return text
    },
  }
  t.after(() => reader.close())
  reader.open()
  return reader
}

/** The lines that are whole, as `thread:number`. Throws where one is torn. */
function wholeLines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { thread, number } = JSON.parse(line)
      assert.equal(`${line}\n`, toLine(thread, number, line.length + 1))
      return `${thread}:${number}`
    })
}

const numbered = (count: number, thread = 0) => Array.from({ length: count }, (_, i) => `${thread}:${i}`)

function startWriter(t: TestContext, work: LogWork, stdout: 'pipe' | 'ignore' | number, shell = ''): ChildProcess {
  const command = [process.execPath, '--conditions=source', logWriter, JSON.stringify(work)]
  const child =
    shell === ''
      ? spawn(command[0] as string, command.slice(1), { stdio: ['ignore', stdout, 'pipe'] })
      : spawn('bash', ['-c', `${shell} exec "$@"`, 'bash', ...command], { stdio: ['ignore', stdout, 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  return child
}

const exitOf = (child: ChildProcess) => new Promise<number | null>((resolve) => child.on('exit', resolve))

describe('a file', () => {
  test('is its owner’s only, in a folder that is made, and is appended to', async (t) => {
    const file = join(makeFolder(t), 'logs', 'access.log')
    const first = openAt(file)
    first.write('a\n')
    await first.close()
    const second = openAt(file)
    second.write('b\n')
    await second.close()
    assert.equal(readFileSync(file, 'utf8'), 'a\nb\n')
    if (process.platform === 'win32') return
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(statSync(join(file, '..')).mode & 0o777, 0o700)
  })

  test('gets its lines soon, without anybody closing it', async (t) => {
    const file = join(makeFolder(t), 'log')
    const stream = openAt(file)
    t.after(() => stream.close())
    stream.write('a\n')
    await eventually('it is written', () => readFileSync(file, 'utf8') === 'a\n')
    assert.equal(stream.heldBytes, 0)
  })

  test('that was set aside is left for a new one, and no line is lost on the way', async (t) => {
    const file = join(makeFolder(t), 'log')
    const stream = openAt(file)
    for (let i = 0; i < 3000; i++) {
      stream.write(toLine(0, i, 100))
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
      if (i % 1000 !== 999) continue
      renameSync(file, `${file}.${i}`)
      stream.reopen()
      await eventually('a new one is begun', () => existsSync(file))
    }
    await stream.close()
    const text = [`${file}.999`, `${file}.1999`, `${file}.2999`, file].map((path) => readFileSync(path, 'utf8'))
    assert.deepEqual(wholeLines(text.join('')), numbered(3000))
    assert.equal(stream.dropped, 0)
  })

  test('that somebody else deleted or renamed is made anew', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    const file = join(makeFolder(t), 'log')
    const stream = openAt(file)
    rmSync(file)
    t.mock.timers.tick(5_000)
    stream.write('a\n')
    t.mock.timers.tick(200)
    await eventually('it stands there again', () => existsSync(file) && readFileSync(file, 'utf8') === 'a\n')
    renameSync(file, `${file}.1`)
    writeFileSync(file, 'of somebody else\n')
    t.mock.timers.tick(5_000)
    stream.write('b\n')
    await stream.close()
    assert.equal(readFileSync(file, 'utf8'), 'of somebody else\nb\n')
    assert.equal(readFileSync(`${file}.1`, 'utf8'), 'a\n')
  })

  test('that cannot be made anew leaves the one that is open, until it can', async (t) => {
    const folder = join(makeFolder(t), 'logs')
    const file = join(folder, 'log')
    const stream = openAt(file)
    renameSync(folder, `${folder}.aside`)
    writeFileSync(folder, 'no folder')
    stream.reopen()
    stream.write('a\n')
    await eventually('the old one gets it', () => readFileSync(join(`${folder}.aside`, 'log'), 'utf8') === 'a\n')
    rmSync(folder)
    stream.write('b\n')
    await stream.close()
    assert.equal(readFileSync(file, 'utf8'), 'b\n')
    assert.equal(stream.dropped, 0)
  })

  test('that cannot be opened is an error in the operator’s words', (t) => {
    const folder = makeFolder(t)
    writeFileSync(join(folder, 'file'), '')
    assert.throws(() => openAt(join(folder, 'file', 'log')), /^Error: the log cannot be written: /)
    assert.throws(() => openAt(folder), /^Error: the log cannot be written: /)
  })

  test('is let go once, and what comes later is counted as lost and written nowhere', async (t) => {
    const folder = makeFolder(t)
    const stream = openAt(join(folder, 'log'))
    await stream.close()
    // The descriptor's number is given to the next file that is opened.
    const other = openSync(join(folder, 'other'), 'w')
    stream.write(`${'x'.repeat(5000)}\n`)
    stream.reopen()
    await stream.close()
    writeFileSync(other, 'intact')
    closeSync(other)
    assert.equal(stream.dropped, 1)
    assert.equal(readFileSync(join(folder, 'log'), 'utf8'), '')
    assert.equal(readFileSync(join(folder, 'other'), 'utf8'), 'intact')
  })
})

describe('a disk that is full', { skip: !linux }, () => {
  test('loses what is too much, and holds up neither the end nor anything else', async () => {
    const stream = openAt('/dev/full')
    const line = toLine(0, 0, 4096)
    for (let i = 0; i < 5000; i++) stream.write(line)
    await sleep(50)
    assert.ok(stream.heldBytes > 0 && stream.heldBytes <= maxHeldBytes + 4096, `${stream.heldBytes}`)
    const before = stream.dropped
    assert.ok(before >= 5000 - maxHeldBytes / 4096 - 1, `${before}`)
    assert.ok(await endsWithin(300, stream.close()))
    assert.equal(stream.dropped, 5000)
  })

  test('tears no line: the one that was cut is written again as a whole, where there is room', async (t) => {
    const file = join(makeFolder(t), 'log')
    const work: LogWork = { to: file, lines: 150, lengths: [1000], threads: 0, end: 'reopen' }
    // A limit of the system on a file's size fails in the middle of a line, as a full disk does.
    const child = startWriter(t, work, 'ignore', "trap '' XFSZ; ulimit -f 100;")
    const warned = new Promise((resolve) => child.stderr?.on('data', resolve))
    assert.match(String(await warned), /the log cannot be written and is tried again: EFBIG/)
    await eventually('it is full', () => statSync(file).size === 100 * 1024)
    renameSync(file, `${file}.full`)
    child.kill('SIGHUP')
    await exitOf(child)
    const full = readFileSync(`${file}.full`, 'utf8')
    const whole = full.slice(0, full.lastIndexOf('\n') + 1)
    assert.notEqual(whole, full, 'a line was cut')
    assert.deepEqual(wholeLines(whole + readFileSync(file, 'utf8')), numbered(150))
  })
})

describe('a pipe', { skip: !linux }, () => {
  test('whose reader stands still drops what is too much, and goes on where it stopped', async (t) => {
    const pipe = makePipe(t)
    const stream = openAt(pipe.path)
    const count = 25_000
    for (let i = 0; i < count; i++) {
      stream.write(toLine(0, i, 1000))
      if (i % 1000 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    const { dropped } = stream
    assert.ok(dropped > 0)
    assert.ok(stream.heldBytes <= maxHeldBytes + 4096)
    let text = ''
    while (stream.heldBytes > 0) {
      text += pipe.read()
      await sleep(1)
    }
    await stream.close()
    text += pipe.read()
    const numbers = wholeLines(text).map((line) => Number(line.slice(2)))
    assert.equal(numbers.length, count - dropped)
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
      'in order, each once',
    )
    assert.equal(stream.dropped, dropped)
  })

  test('whose reader stands still holds up the end for a second at most', async (t) => {
    const pipe = makePipe(t)
    const stream = openAt(pipe.path)
    for (let i = 0; i < 200; i++) stream.write(toLine(0, i, 1000))
    const startedAt = performance.now()
    await stream.close()
    const ms = performance.now() - startedAt
    assert.ok(ms > 900 && ms < 2_000, `${ms} ms`)
    assert.equal(wholeLines(pipe.read()).length + stream.dropped, 200)
  })

  test('whose reader is gone does not hold up the end; another reader gets what was held', async (t) => {
    const pipe = makePipe(t)
    const stream = openAt(pipe.path)
    pipe.close()
    stream.write(toLine(0, 0, 5000 - 904))
    await sleep(50)
    assert.ok(stream.heldBytes > 0)
    pipe.open()
    await eventually('it is written', () => stream.heldBytes === 0)
    assert.deepEqual(wholeLines(pipe.read()), ['0:0'])
    pipe.close()
    stream.write(toLine(0, 1, 1000))
    assert.ok(await endsWithin(300, stream.close()))
    assert.equal(stream.dropped, 1)
  })

  test('that nobody reads is an error, and no wait', (t) => {
    const pipe = makePipe(t)
    pipe.close()
    assert.throws(() => openAt(pipe.path), /^Error: the log cannot be written: ENXIO/)
  })
})

describe('threads', { skip: !linux }, () => {
  const lengths = [100, 4096, 1500, 4095, 60, 2049]
  const work = { lines: 400, lengths, threads: 3, end: 'drain' } as const
  const expected = [0, 1, 2, 3].flatMap((thread) => numbered(400, thread)).sort()

  test('never tear each other’s lines in a pipe, also where the reader is slow', async (t) => {
    const pipe = makePipe(t)
    const fd = openSync(pipe.path, 'w')
    const child = startWriter(t, { ...work, to: 'stdout' }, fd)
    closeSync(fd)
    let text = ''
    const exit = exitOf(child)
    while (!(await endsWithin(2, exit))) text += pipe.read()
    assert.deepEqual(wholeLines(text + pipe.read()).sort(), expected)
  })

  test('never tear each other’s lines in a file', async (t) => {
    const file = join(makeFolder(t), 'log')
    assert.equal(await exitOf(startWriter(t, { ...work, to: file }, 'ignore')), 0)
    assert.deepEqual(wholeLines(readFileSync(file, 'utf8')).sort(), expected)
  })
})

describe('a process', { skip: !linux }, () => {
  const work: LogWork = { to: 'stdout', lines: 500, lengths: [1000], threads: 0, end: 'close' }

  for (const end of ['close', 'exit'] as const) {
    const code = end === 'close' ? 0 : 3

    test(`ends in time where the reader of its output stands still: ${end}`, async (t) => {
      const pipe = makePipe(t)
      const fd = openSync(pipe.path, 'w')
      // One through a pipe, as a shell makes them, and one through a socket, as service managers do.
      const children = [startWriter(t, { ...work, end }, fd), startWriter(t, { ...work, end }, 'pipe')]
      closeSync(fd)
      const exits = Promise.all(children.map(exitOf))
      assert.ok(await endsWithin(6_000, exits))
      assert.deepEqual(await exits, [code, code])
    })

    test(`ends in time where nobody reads its output, or its disk is full: ${end}`, async (t) => {
      const pipe = makePipe(t)
      const fd = openSync(pipe.path, 'w')
      pipe.close()
      const full = openSync('/dev/full', 'w')
      const children = [startWriter(t, { ...work, end }, fd), startWriter(t, { ...work, end }, full)]
      closeSync(fd)
      closeSync(full)
      const exits = Promise.all(children.map(exitOf))
      assert.ok(await endsWithin(6_000, exits))
      assert.deepEqual(await exits, [code, code])
    })
  }

  test('that ends without closing its log has written its last lines', async (t) => {
    const file = join(makeFolder(t), 'log')
    const child = startWriter(t, { ...work, to: file, lines: 15, lengths: [100], end: 'exit' }, 'ignore')
    assert.equal(await exitOf(child), 3)
    assert.deepEqual(wholeLines(readFileSync(file, 'utf8')), numbered(15))
    assert.deepEqual(readdirSync(join(file, '..')), ['log'])
  })

  test('appends to a file that a shell made its output', async (t) => {
    const file = join(makeFolder(t), 'log')
    writeFileSync(file, 'before\n')
    const fd = openSync(file, 'a')
    const child = startWriter(t, { ...work, lines: 10 }, fd)
    closeSync(fd)
    assert.equal(await exitOf(child), 0)
    assert.deepEqual(wholeLines(readFileSync(file, 'utf8').slice(7)), numbered(10))
  })
})

test('a folder that was removed is made again', async (t) => {
  const folder = join(makeFolder(t), 'logs')
  mkdirSync(folder)
  const stream = openAt(join(folder, 'log'))
  rmSync(folder, { recursive: true })
  stream.reopen()
  stream.write('a\n')
  await stream.close()
  assert.equal(readFileSync(join(folder, 'log'), 'utf8'), 'a\n')
})
