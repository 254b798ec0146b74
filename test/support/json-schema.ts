// As much of JSON Schema as docs/manifest.schema.json uses. A keyword that is not known here is an error, so that
// nothing in the schema goes unchecked.

type Schema = Readonly<Record<string, unknown>>;

/** What is wrong with a value, as `path: reason`; empty if it is valid. */
export function schemaErrors(root: Schema, value: unknown): string[] {
  return errorsOf(root, root, value, '$');
}

const annotations: ReadonlySet<string> = new Set(['$schema', '$id', '$defs', 'title', 'description']);

function errorsOf(root: Schema, schema: Schema, value: unknown, path: string): string[] {
  return Object.entries(schema).flatMap(([keyword, argument]) => {
    if (annotations.has(keyword)) return [];
    const check = keywords[keyword];
    if (check === undefined) throw new Error(`schema keyword ${keyword} is not supported`);
    return check(root, argument, value, path);
  });
}

type Check = (root: Schema, argument: unknown, value: unknown, path: string) => string[];

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function unless(holds: boolean, path: string, reason: string): string[] {
  return holds ? [] : [`${path}: ${reason}`];
}

const keywords: Readonly<Record<string, Check>> = {
  $ref: (root, reference, value, path) => {
    const name = String(reference).replace('#/$defs/', '');
    const target = (root['$defs'] as Record<string, Schema>)[name];
    if (target === undefined) throw new Error(`no definition ${name}`);
    return errorsOf(root, target, value, path);
  },
  type: (_, type, value, path) => unless(hasType(value, type), path, `is no ${type}`),
  const: (_, expected, value, path) => unless(value === expected, path, `is not ${expected}`),
  enum: (_, list, value, path) => unless((list as unknown[]).includes(value), path, `is none of ${list}`),
  pattern: (_, pattern, value, path) =>
    unless(
      typeof value !== 'string' || new RegExp(String(pattern)).test(value),
      path,
      `does not match ${pattern}`,
    ),
  minimum: (_, limit, value, path) => unless(!(Number(value) < Number(limit)), path, `is below ${limit}`),
  maximum: (_, limit, value, path) => unless(!(Number(value) > Number(limit)), path, `is above ${limit}`),
  minItems: (_, limit, value, path) =>
    unless(!Array.isArray(value) || value.length >= Number(limit), path, `has fewer than ${limit} items`),
  maxItems: (_, limit, value, path) =>
    unless(!Array.isArray(value) || value.length <= Number(limit), path, `has more than ${limit} items`),
  required: (_, names, value, path) =>
    isObject(value) ? (names as string[]).flatMap(name => unless(name in value, path, `has no ${name}`)) : [],
  properties: (root, properties, value, path) =>
    isObject(value)
      ? Object.entries(properties as Record<string, Schema>).flatMap(([name, schema]) =>
          name in value ? errorsOf(root, schema, value[name], `${path}.${name}`) : [],
        )
      : [],
  items: (root, schema, value, path) =>
    Array.isArray(value)
      ? value.flatMap((item, index) => errorsOf(root, schema as Schema, item, `${path}[${index}]`))
      : [],
  oneOf: (root, choices, value, path) => {
    const fitting = (choices as Schema[]).filter(choice => errorsOf(root, choice, value, path).length === 0);
    return unless(fitting.length === 1, path, `fits ${fitting.length} of the choices`);
  },
};
