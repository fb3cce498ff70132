// The first thing that runs in a fresh clone: installs what is missing, then starts Node 26 with the given
// arguments. This file keeps to syntax that old versions of Node can parse, so that they can be told what is wrong.
const oldest = 18

if (Number(process.versions.node.split('.')[0]) < oldest) {
  console.error(
    'Portcullis needs Node ' +
      oldest +
      ' or newer to install itself; this is ' +
      process.version +
      ' (' +
      process.execPath +
      ').\n' +
      "Install a current Node from https://nodejs.org or your system's packages, then run the same command again.",
  )
  process.exitCode = 1
} else {
  import('./bootstrap/start.mjs')
    .then((bootstrap) => bootstrap.start(process.argv.slice(2)))
    .catch((error) => {
      console.error(error.expected ? error.message : error)
      process.exitCode = 1
    })
}
