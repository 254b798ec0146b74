// The reference as a service: one text a line of input, one answer a line of output, from libnftables in this process.
// A text that crashes the library ends the process; who asked starts another.

import { createInterface } from 'node:readline';
import koffi from 'koffi';

const [, , library] = process.argv;
const nftables = koffi.load(library);
const declare = text => nftables.func(text);
const create = declare('void *nft_ctx_new(uint32_t flags)');
const destroy = declare('void nft_ctx_free(void *context)');
const run = declare('int nft_run_cmd_from_buffer(void *context, const char *text)');
const bufferOutput = declare('int nft_ctx_buffer_output(void *context)');
const bufferError = declare('int nft_ctx_buffer_error(void *context)');
const output = declare('const char *nft_ctx_get_output_buffer(void *context)');
const error = declare('const char *nft_ctx_get_error_buffer(void *context)');
const setDebug = declare('void nft_ctx_output_set_debug(void *context, unsigned int mask)');
const debugNetlink = 8;

/** Loads the text: some of what the kernel refuses it refuses only then, and not in a check. */
function load(text) {
  const context = create(0);
  bufferOutput(context);
  bufferError(context);
  setDebug(context, debugNetlink);
  const ok = run(context, text) === 0;
  const answer = { ok, stdout: output(context), stderr: error(context) };
  setDebug(context, 0);
  if (ok) run(context, 'flush ruleset');
  destroy(context);
  return answer;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { text } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(load(text))}\n`);
}
