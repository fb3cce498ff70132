/** Programs that are run to see whether anything is: their name alone says enough. */
export const alone = new Set(
  [
    'id',
    'whoami',
    'ls',
    'dir',
    'pwd',
    'uname',
    'ifconfig',
    'ipconfig',
    'systeminfo',
    'printenv',
    'hostname',
    'netstat',
  ].concat(['tasklist', 'ps', 'env', 'w', 'reboot', 'shutdown', 'halt', 'ver', 'set', 'sh', 'bash', 'zsh']),
)

/** Programs whose arguments have to look like arguments too, because their names are words. */
export const withArguments = new Set(
  ['cat', 'tac', 'less', 'more', 'head', 'tail', 'nl', 'grep', 'find', 'curl', 'wget', 'fetch', 'nc', 'ncat', 'netcat']
    .concat([
      'socat',
      'telnet',
      'ping',
      'nslookup',
      'dig',
      'host',
      'traceroute',
      'python',
      'python2',
      'python3',
      'perl',
    ])
    .concat([
      'ruby',
      'php',
      'node',
      'rm',
      'mv',
      'cp',
      'touch',
      'chmod',
      'chown',
      'kill',
      'echo',
      'printf',
      'sleep',
      'type',
    ])
    .concat([
      'net',
      'cmd',
      'powershell',
      'pwsh',
      'certutil',
      'bitsadmin',
      'wmic',
      'reg',
      'base64',
      'xxd',
      'mkfifo',
      'mkdir',
    ])
    .concat([
      'tftp',
      'ftp',
      'scp',
      'ssh',
      'awk',
      'sed',
      'dd',
      'tee',
      'crontab',
      'useradd',
      'passwd',
      'sudo',
      'su',
      'eval',
    ])
    .concat([
      'exec',
      'source',
      'timeout',
      'nohup',
      'xargs',
      'strings',
      'sort',
      'rev',
      'od',
      'expr',
      'shred',
      'start',
      'del',
    ]),
)

/** What people begin examples with; a value of this name in front of `|` or `&&` is a command itself. */
export const programs = new Set(
  [
    'cd',
    'make',
    'npm',
    'yarn',
    'git',
    'docker',
    'sudo',
    'dmesg',
    'history',
    'clear',
    'mount',
    'lsof',
    'journalctl',
    'top',
  ]
    .concat([
      'df',
      'du',
      'free',
      'uptime',
      'date',
      'who',
      'last',
      'jobs',
      'alias',
      'export',
      'exit',
      'true',
      'false',
      'pnpm',
    ])
    .concat([
      'set',
      'ls',
      'ps',
      'cat',
      'echo',
      'env',
      'pwd',
      'id',
      'whoami',
      'uname',
      'sort',
      'ipconfig',
      'ifconfig',
      'netstat',
    ])
    .concat([
      'dir',
      'tasklist',
      'printenv',
      'hostname',
      'lsblk',
      'lscpu',
      'ip',
      'ss',
      'kubectl',
      'helm',
      'cargo',
      'go',
    ]),
)

/** Arguments rather than the words of a sentence: a path, an option, a variable, a number, an address, a redirection. */
export function looksLikeArguments(rest: string): boolean {
  const first = /^[\s,]{0,8}(\S{1,100})/.exec(rest.replace(/^(?:\$\{ifs\}|\$ifs(?:\$9)?|%09|\+)/, ' '))?.[1]
  if (first === undefined || rest === '') return false
  if (!/^[\s,<>+$]/.test(rest)) return false
  return (
    /^[-/.<>$~"'\\*?]|[/\\$*>]|^\d|\.\w|^[a-z]:|^\w+=|^\w+\(/.test(first) ||
    /^(?:user|hello|test|vuln\w*|pwned)\b/.test(first)
  )
}
