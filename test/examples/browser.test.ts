// examples/browser in Chromium, under a Content-Security-Policy without unsafe-eval; and the size of what is loaded.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain } from '../../src/lower/explain.ts';
import { listing } from '../../src/lower/output/listing.ts';
import { translate, translateStages } from '../../src/translate.ts';
import { browserBundle } from '../support/browser-bundle.ts';
import { Chromium } from '../support/chromium.ts';
import { exampleText } from '../support/examples.ts';
import { isMissing } from '../support/requirements.ts';

/** KiB of the minified bundle, packed by gzip. Raise one knowingly. */
const ceilings: readonly (readonly [what: string, names: readonly string[] | undefined, ceiling: number])[] =
  [
    ['everything', undefined, 280],
    ['translate and listing', ['translate', 'listing'], 215],
  ];

describe('the bundle for browsers', () => {
  it.each(ceilings)('%s', async (what, names, ceiling) => {
    const bundle = await browserBundle(names);
    const size = gzipSync(bundle).length / 1024;
    console.info(`browser bundle of ${what}: ${size.toFixed(1)} KiB gzip`);
    expect(size).toBeLessThan(ceiling);
  });
});

const policy = "default-src 'none'; script-src 'self'; worker-src 'self'";

function server(files: ReadonlyMap<string, string | Uint8Array>): Server {
  return createServer(({ url = '' }, response) => {
    const body = files.get(url);
    const type = url.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.writeHead(body === undefined ? 404 : 200, {
      'Content-Type': type,
      // Workers have the policy of their own script.
      'Content-Security-Policy': policy,
    });
    response.end(body);
  });
}

const watch = `
  globalThis.violations = [];
  document.addEventListener('securitypolicyviolation', event => violations.push(event.violatedDirective + ' ' + event.blockedURI));
  addEventListener('error', event => violations.push(event.message));
`;

describe.skipIf(isMissing('chromium'))('examples/browser', () => {
  let chromium: Chromium;
  let pages: Server;
  let evaluate: (expression: string) => Promise<unknown>;

  beforeAll(async () => {
    const names = ['index.html', 'page.js', 'worker.js'];
    const files = names.map(name => [`/${name}`, exampleText(`browser/${name}`)] as const);
    pages = server(new Map<string, string | Uint8Array>(files).set('/nft2bpf.js', await browserBundle()));
    pages.listen(0, '127.0.0.1');
    await once(pages, 'listening');
    chromium = new Chromium();
    const { port } = pages.address() as AddressInfo;
    evaluate = await chromium.open(`http://127.0.0.1:${port}/index.html`, watch);
  }, 120_000);
  afterAll(async () => {
    await chromium?.close();
    pages?.close();
  }, 60_000);

  /** What stands in an element once the worker has answered request `id`. */
  const textOf = (element: string, id: number): Promise<unknown> =>
    evaluate(`new Promise(resolve => {
      const look = () => document.body?.dataset.answered === '${id}'
        ? resolve(document.getElementById('${element}').textContent)
        : setTimeout(look, 20);
      look();
    })`);

  it('has the policy that the page itself asks for', () => {
    expect(exampleText('browser/index.html')).toContain(`content="${policy}"`);
  });

  it('shows the listing, from the page, and what is exact, from the worker', async () => {
    const ruleset = (await textOf('ruleset', 1)) as string;
    const { programs, sources } = translate(ruleset, { target: 'xdp' });
    expect(await textOf('listing', 1)).toBe(`${listing(programs[0]!, sources)}\n`);
    const [chain] = explain(translateStages(ruleset).ir!);
    expect(await textOf('check', 1)).toBe(`from_wan: exact on ${chain!.exact.join(', ')}`);
  });

  it('shows errors', async () => {
    await evaluate(`{
      const area = document.getElementById('ruleset');
      area.value = 'table ip t { chain c { tcp dprot 22 accept; }; }';
      area.dispatchEvent(new Event('input'));
    }`);
    expect(await textOf('check', 2)).toContain("did you mean 'dport'?");
    expect(await textOf('listing', 2)).toContain("did you mean 'dport'?");
  });

  it('keeps to the policy, which allows no eval', async () => {
    expect(await evaluate('violations.join()')).toBe('');
    const forbidden = `try { new Function('return 1')(); 'allowed' } catch (error) { error.name }`;
    expect(await evaluate(forbidden)).toBe('EvalError');
  });
});
