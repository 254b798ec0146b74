// Walking the AST. The table says under which keys a node has nodes; a test compares it with what the parser makes.

import type {
  BaseChainSpec,
  ChainPolicy,
  Command,
  CtTimeoutState,
  Declaration,
  Element,
  ElementList,
  Expression,
  MapData,
  Name,
  NumberLiteral,
  ObjectReference,
  Priority,
  Rule,
  RulePosition,
  SetKey,
  Statement,
  TableReference,
  TextLiteral,
  TimeLiteral,
} from './nodes/index.ts';

/** Everything that has a kind and a span. */
export type AstNode =
  | Command
  | Declaration
  | Element
  | Expression
  | Name
  | NumberLiteral
  | Rule
  | SetKey
  | Statement
  | TextLiteral
  | TimeLiteral
  | BaseChainSpec
  | ChainPolicy
  | CtTimeoutState
  | MapData
  | Priority
  | TableReference
  | ObjectReference
  | RulePosition;

const none: readonly string[] = [];
const setKeys: readonly string[] = [
  'table',
  'name',
  'key',
  'data',
  'timeout',
  'gcInterval',
  'size',
  'elements',
  'statements',
  'comment',
];

/** Keys in the order of the text. A value is a node, a list of nodes or elements, or something without a kind. */
const childKeys: Readonly<Record<AstNode['kind'], readonly string[]>> = {
  // commands
  declare: ['declaration'],
  rule_command: ['table', 'chain', 'position', 'rule'],
  element_command: ['table', 'set', 'elements'],
  delete: ['object', 'block'],
  flush: ['object'],
  rename: ['table', 'chain', 'newName'],
  reset: ['table', 'name', 'handle'],
  inspect: none,
  position: ['number'],
  object_name: ['table', 'name', 'handle'],
  // declarations
  table: ['table', 'flags', 'comment', 'members'],
  table_reference: ['name'],
  chain: ['table', 'name', 'base', 'policy', 'devices', 'comment', 'rules'],
  base_chain: ['hook', 'devices', 'priority'],
  priority: ['name', 'variable'],
  policy: ['policy'],
  set_declaration: setKeys,
  map_declaration: setKeys,
  type: ['parts'],
  typeof: ['expression'],
  flowtable: ['table', 'name', 'hook', 'priority', 'devices'],
  object: [
    'table',
    'name',
    'comment',
    'packets',
    'bytes',
    'quota',
    'limit',
    'context',
    'synproxy',
    'helper',
    'policy',
    'dport',
    'timeout',
    'size',
    'id',
    'source',
    'destination',
    'sport',
    'ttl',
    'tos',
    'options',
  ],
  ct_timeout_state: ['state', 'timeout'],
  // rules and statements
  rule: ['statements', 'comment'],
  match: ['left', 'right', 'mask'],
  verdict_statement: ['verdict'],
  vmap: ['key', 'map'],
  anonymous_chain: ['rules'],
  counter: ['packets', 'bytes'],
  limit: ['rate', 'burst'],
  quota: ['amount', 'used'],
  connlimit: ['count'],
  last: ['used'],
  log: ['prefix', 'group', 'snaplen', 'queueThreshold'],
  reject: ['code'],
  nat: ['address', 'port'],
  tproxy: ['address', 'port'],
  queue: ['queue'],
  dup: ['to', 'device'],
  fwd: ['address', 'device'],
  synproxy: ['mss', 'wscale'],
  set_update: ['set', 'key', 'data'],
  meter: ['name', 'size', 'key', 'statement'],
  assign: ['target', 'value'],
  object_reference: ['object'],
  flow: ['flowtable'],
  notrack: none,
  option_strip: ['option'],
  xt: none,
  // expressions
  name: none,
  number: none,
  text: none,
  time: none,
  symbol: none,
  typed_symbol: none,
  // What a variable stands for belongs to its definition, and may be shared by many.
  variable: none,
  prefix: ['base', 'length'],
  range: ['from', 'to'],
  concat: ['parts'],
  list: ['items'],
  binary: ['left', 'right'],
  catchall: none,
  element: ['key', 'timeout', 'expires', 'comment', 'statements', 'data'],
  set: ['elements'],
  set_reference: none,
  map: ['key', 'map'],
  verdict: ['chain'],
  payload: none,
  raw_payload: ['offset', 'length'],
  inner: ['expression'],
  meta: none,
  ct: none,
  exthdr: ['index'],
  exthdr_exists: none,
  tcp_option: ['option'],
  raw_tcp_option: ['option', 'offset', 'length'],
  ip_option: none,
  sctp_chunk: none,
  dccp_option: ['option'],
  fib: none,
  rt: none,
  socket: ['level'],
  osf: none,
  numgen: ['modulus', 'offset'],
  jhash: ['expression', 'modulus', 'seed', 'offset'],
  symhash: ['modulus', 'offset'],
  ipsec: ['spnum'],
  tunnel: none,
};

const isNode = (value: object): value is AstNode => 'kind' in value && 'span' in value;
const isElementList = (value: object): value is ElementList =>
  'at' in value && 'length' in value && !Array.isArray(value);

/** Nodes in a value: itself, its members, or those of a record without a kind (an amount, options of a tunnel). */
function* nodesIn(value: unknown): Iterable<AstNode> {
  if (typeof value !== 'object' || value === null) return;
  if (isNode(value)) yield value;
  else if (isElementList(value)) for (let index = 0; index < value.length; index++) yield value.at(index);
  else for (const member of Object.values(value)) yield* nodesIn(member);
}

/** The nodes directly below a node, in the order of the text as far as the node keeps it. */
export function* childrenOf(node: AstNode): Iterable<AstNode> {
  for (const key of childKeys[node.kind]) yield* nodesIn((node as unknown as Record<string, unknown>)[key]);
}

/**
 * Calls `enter` for a node and everything below it, parents first. What `enter` returns false for is not entered.
 * Sets are walked element by element: return false for a `set` to leave a long list alone.
 */
export function walk(node: AstNode, enter: (node: AstNode) => boolean | undefined): void {
  if (enter(node) === false) return;
  for (const child of childrenOf(node)) walk(child, enter);
}
