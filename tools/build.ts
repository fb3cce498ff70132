// Builds what is published: dist/ (JavaScript and declarations) and schema/ (the JSON Schema of the policy file).
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

compile()
prepareCommand()
await writeSchema()

function compile(): void {
  // A file whose source is gone must not be published.
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}

function prepareCommand(): void {
  const command = join(root, 'dist/cli/bin.js')
  if (!readFileSync(command, 'utf8').startsWith('#!/usr/bin/env node\n')) {
    console.error('src/cli/bin.ts must begin with #!/usr/bin/env node, or no shell could run the installed command.')
    process.exit(1)
  }
  chmodSync(command, 0o755)
}

async function writeSchema(): Promise<void> {
  const { buildJsonSchema } = await import(pathToFileURL(join(root, 'src/config/json-schema.ts')).href)
  mkdirSync(join(root, 'schema'), { recursive: true })
  writeFileSync(join(root, 'schema/portcullis.schema.json'), `${JSON.stringify(buildJsonSchema(), null, 2)}\n`)
}
