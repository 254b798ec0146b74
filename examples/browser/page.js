// Translates what stands in the text area whenever it changes: here for the listing, in the worker for the rest.

import { listing, renderDiagnostics, translate } from './nft2bpf.js';

const ruleset = document.getElementById('ruleset');
const worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
let last = 0;

worker.onmessage = ({ data: { id, ok, diagnostics, output } }) => {
  // Only the answer to the newest text is of interest.
  if (id !== last) return;
  const lines = ok
    ? output.chains.map(({ chain, exact }) => `${chain}: exact on ${exact.join(', ') || 'nothing'}`)
    : diagnostics.map(({ rendered }) => rendered);
  document.getElementById('check').textContent = lines.join('\n');
  document.body.dataset.answered = id;
};

function show() {
  const { programs, sources, diagnostics } = translate(ruleset.value, { target: 'xdp' });
  const parts = [
    ...programs.map(program => listing(program, sources)),
    renderDiagnostics(diagnostics, sources),
  ];
  document.getElementById('listing').textContent = parts.join('\n');
  worker.postMessage({ id: ++last, op: 'check', ruleset: ruleset.value });
}

ruleset.oninput = show;
show();
