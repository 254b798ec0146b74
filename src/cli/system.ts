// Names that belong to a machine, read from the running system: what `translate` takes as `options.names`.

import { readdirSync, readFileSync } from 'node:fs';

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** `name:x:number:…` lines of passwd(5) and group(5). */
function readAccounts(path: string): Record<string, number> {
  const rows = tryRead(path)
    .split('\n')
    .map(line => line.split(':'))
    .filter(fields => fields.length >= 3);
  return Object.fromEntries(rows.map(([name = '', , id]) => [name, Number(id)]));
}

function readInterfaces(): Record<string, number> {
  const directory = '/sys/class/net';
  try {
    const entries = readdirSync(directory).map(
      name => [name, Number(tryRead(`${directory}/${name}/ifindex`))] as const,
    );
    return Object.fromEntries(entries.filter(([, index]) => index > 0));
  } catch {
    return {};
  }
}

/** hosts(5): a name may stand for several addresses. */
function readHosts(): Record<string, string[]> {
  const hosts: Record<string, string[]> = {};
  for (const line of tryRead('/etc/hosts').split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').split(/\s+/).filter(Boolean);
    if (address === undefined) continue;
    for (const name of names) {
      hosts[name] ??= [];
      hosts[name].push(address);
    }
  }
  return hosts;
}

export interface SystemNames {
  readonly interfaces: Readonly<Record<string, number>>;
  readonly users: Readonly<Record<string, number>>;
  readonly groups: Readonly<Record<string, number>>;
  readonly hosts: Readonly<Record<string, readonly string[]>>;
}

/** A function that works its value out when it is first asked. */
function once<T>(make: () => T): () => T {
  let known: T | undefined;
  return () => {
    known ??= make();
    return known;
  };
}

/** `given` come before what the system says. Each table is read when it is asked for: most rulesets need none. */
export function systemNames(given: Omit<SystemNames, 'hosts'>): SystemNames {
  const interfaces = once(() => ({ ...readInterfaces(), ...given.interfaces }));
  const users = once(() => ({ ...readAccounts('/etc/passwd'), ...given.users }));
  const groups = once(() => ({ ...readAccounts('/etc/group'), ...given.groups }));
  const hosts = once(readHosts);
  return {
    get interfaces() {
      return interfaces();
    },
    get users() {
      return users();
    },
    get groups() {
      return groups();
    },
    get hosts() {
      return hosts();
    },
  };
}
