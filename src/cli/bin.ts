#!/usr/bin/env node
// An old Node stops at the first module that it lacks, so the program is loaded only where the version will do.
const oldest = 24

if (Number(process.versions.node.split('.')[0]) < oldest) {
  console.error(`portcullis needs Node ${oldest} or newer; this is ${process.version} (${process.execPath}).`)
  process.exitCode = 2
} else await import('./main.ts')

export {}
