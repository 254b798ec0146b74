// The reference as a service: one text a line of input, one answer a line of output, from libnftables in this process.
// A text that crashes the library ends the process; who asked starts another.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import koffi from 'koffi';

const [, , library, directory] = process.argv;
process.chdir(directory);
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
const setOutput = declare('void nft_ctx_output_set_flags(void *context, unsigned int flags)');
const setInput = declare('unsigned int nft_ctx_input_set_flags(void *context, unsigned int flags)');
const addIncludePath = declare('int nft_ctx_add_include_path(void *context, const char *path)');
const debugNetlink = 8;
const inputJson = 2;

/** What `list ruleset` prints with these output flags. */
function listing(context, flags) {
  setOutput(context, flags);
  const ok = run(context, 'list ruleset') === 0;
  setOutput(context, 0);
  return ok ? output(context) : '';
}

/** A context of its own for each text, so that nothing of one is left for the next. */
function inContext(action) {
  const context = create(0);
  bufferOutput(context);
  bufferError(context);
  addIncludePath(context, directory);
  try {
    return action(context);
  } finally {
    destroy(context);
  }
}

/** One command as a call of nft runs it, and the ruleset behind it. */
function step(command) {
  return inContext(context => {
    const ok = run(context, command) === 0;
    return { ok, stderr: error(context), listed: listing(context, 0) };
  });
}

function writeFiles(files) {
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
}

/**
 * Loads the text: some of what the kernel refuses it refuses only then, and not in a check. `json`: the text is JSON.
 * `before` is loaded first, in a run of its own; `files` are there to include. `listings`: flags of `list ruleset`, once
 * for each. `commands` then run one after the other.
 */
function load({ text, before, files, json = false, listings = [], commands = [] }) {
  if (files !== undefined) writeFiles(files);
  if (before !== undefined) {
    const answer = inContext(context => ({ ok: run(context, before) === 0, stderr: error(context) }));
    if (!answer.ok) return { ...answer, stdout: '', listed: [], steps: [], isBefore: true };
  }
  return inContext(context => {
    setDebug(context, debugNetlink);
    if (json) setInput(context, inputJson);
    const ok = run(context, text) === 0;
    const answer = { ok, stdout: output(context), stderr: error(context) };
    setDebug(context, 0);
    setInput(context, 0);
    const listed = ok ? listings.map(flags => listing(context, flags)) : [];
    const steps = ok ? commands.map(step) : [];
    if (ok || before !== undefined) run(context, 'flush ruleset');
    return { ...answer, listed, steps };
  });
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(load(JSON.parse(line)))}\n`);
