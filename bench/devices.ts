// A namespace with devices that only receive.

import { Namespace } from '../test/support/net/namespace.ts';
import { Tap } from '../test/support/net/tap.ts';
import { nftPath } from '../test/support/requirements.ts';

export class LinkDevices {
  readonly namespace: Namespace = new Namespace();
  private readonly taps: Tap[] = [];

  constructor(names: readonly string[]) {
    this.namespace.sysctl({ 'ipv6/conf/all/disable_ipv6': 1, 'ipv6/conf/default/disable_ipv6': 1 });
    for (const name of names) this.taps.push(new Tap(this.namespace, name));
    this.namespace.configure(names.map(name => `link set dev ${name} up`));
  }

  loadRuleset(ruleset: string): void {
    this.namespace.execute(nftPath, ['-f', '-'], ruleset);
  }

  close(): void {
    for (const tap of this.taps) tap.close();
    this.namespace.close();
  }
}
