// The published schema, applied to a tree: keys, types and forms. What the validator says is put into words that fit the
// format, at the place where it is written. Not here: what names refer to, and whether things fit together.

import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import SCHEMA from '../scenario.schema.json' with { type: 'json' };
import type { Diagnostic, DiagnosticCode, Severity } from './diagnostic.ts';
import { diagnosticAt, plainValue, resolvePointer, type SourceNode, type Span } from './source_tree.ts';
import { nearest, suggestFrom } from './suggestion.ts';
import { UNIT_FORMS } from './units.ts';

/** Problems listed of one file; more would hardly be read. */
const MAX_PROBLEMS = 200;

/** What is right where a pattern fails that belongs to no unit, by the title of the schema that has it. */
const FORMS: Readonly<Record<string, string>> = {
  ...UNIT_FORMS,
  name: 'use letters, digits and hyphens, up to 63, no hyphen first or last',
  'domain name': 'write labels with dots between them, like www.foo.test, or "." for the root',
  path: 'write it from the first slash on, like /index.html',
  service: 'known: http, https, echo-tcp, echo-udp, discard-tcp, discard-udp',
  'range of ports': 'write the first and the last port, like 1024-65535',
  'field name': 'use letters, digits and hyphens',
  'field value': 'write it on one line',
};

/** What the validator's keywords say about their errors. */
interface Params {
  readonly additionalProperty: string;
  readonly missingProperty: string;
  readonly allowedValues: readonly unknown[];
  readonly allowedValue: unknown;
  readonly limit: number;
  readonly type: string | string[];
}

/** A problem before it has a place. */
type Words = { readonly code: DiagnosticCode; readonly message: string; readonly suggestion?: string | undefined };

type Validate = ReturnType<Ajv2020['compile']>;
let compiled: Validate | undefined;

/** Every problem that the schema can see, `not built yet` included. */
export function checkSchema(root: SourceNode): Diagnostic[] {
  const validate = schemaValidator();
  validate(plainValue(root));
  const diagnostics: Diagnostic[] = [];
  for (const error of validate.errors ?? []) {
    if (diagnostics.length >= MAX_PROBLEMS) break;
    // What a variant expects counts only once it is chosen, and its list is the scenario's own then.
    if (error.keyword === 'x-not-built' && error.instancePath.startsWith('/variants/')) continue;
    const found = inWords(root, error);
    if (found !== undefined) diagnostics.push(found);
  }
  return diagnostics;
}

// Compiled on first use: it takes some 30 ms.
function schemaValidator(): Validate {
  if (compiled === undefined) {
    const ajv = new Ajv2020({
      allErrors: true,
      verbose: true,
      strict: true,
      allowUnionTypes: true,
      validateSchema: false,
    });
    ajv.addKeyword({ keyword: 'x-not-built', schemaType: 'string', validate: () => false });
    compiled = ajv.compile(SCHEMA);
  }
  return compiled;
}

function inWords(root: SourceNode, error: ErrorObject): Diagnostic | undefined {
  const place = resolvePointer(root, error.instancePath);
  const where = place.path === '' ? 'the scenario' : place.path;
  const at = (span: Span, words: Words, severity: Severity = 'error'): Diagnostic =>
    diagnosticAt(span, severity, words.code, words.message, words.suggestion);
  switch (error.keyword) {
    case 'additionalProperties': {
      const { additionalProperty: key = '' }: Partial<Params> = error.params;
      const known = Object.keys(propertiesOf(error.parentSchema));
      const span = place.node.kind === 'map' ? (place.node.entries.get(key)?.key ?? place.node.span) : place.node.span;
      const message = `unknown key "${key}" in ${where}`;
      const near = nearest(key, known);
      const suggestion = near === undefined ? listOf('known keys', known) : `did you mean "${near}"?`;
      return at(span, { code: 'unknown-key', message, suggestion });
    }
    case 'required': {
      const { missingProperty: key = '' }: Partial<Params> = error.params;
      const span = place.key ?? firstOf(place.node.span);
      const description = propertyDescription(error.parentSchema, key);
      const suggestion = description === undefined ? undefined : `${key}: ${description}`;
      return at(span, { code: 'missing-key', message: `missing key "${key}" in ${where}`, suggestion });
    }
    case 'x-not-built':
      return at(place.key ?? firstOf(place.node.span), notBuilt(String(error.schema)), 'not-built');
    case 'propertyNames':
    case 'if':
      return undefined; // what is wrong with the name, or with the branch, is told by the error inside
    default: {
      const name = error.propertyName;
      if (name !== undefined) {
        const span =
          place.node.kind === 'map' ? (place.node.entries.get(name)?.key ?? place.node.span) : place.node.span;
        return at(span, formWords(name, error));
      }
      return at(place.node.span, valueWords(place.node, where, error));
    }
  }
}

function valueWords(node: SourceNode, where: string, error: ErrorObject): Words {
  const shown = node.kind === 'scalar' ? quoted(node.value) : node.kind === 'map' ? 'a map' : 'a list';
  const { allowedValue, limit }: Partial<Params> = error.params;
  const wrong = (message: string, suggestion?: string): Words => ({ code: 'wrong-value', message, suggestion });
  switch (error.keyword) {
    case 'type': {
      const { type = [] }: Partial<Params> = error.params;
      const unit = FORMS[titleOf(error.parentSchema)];
      const types = ([] as string[]).concat(type).map((type) => TYPE_WORDS[type] ?? type);
      const message = `${where} must be ${types.join(' or ')}, not ${shown}`;
      return { code: 'wrong-type', message, suggestion: unit };
    }
    case 'enum': {
      const { allowedValues: values = [] }: Partial<Params> = error.params;
      return wrong(`${where} cannot be ${shown}`, suggestFrom(String(plainValue(node)), values.map(String)));
    }
    case 'const':
      return wrong(`${where} cannot be ${shown}`, `write ${String(allowedValue)}`);
    case 'pattern':
      return formWords(String(plainValue(node)), error);
    case 'minimum':
      return wrong(`${where} cannot be ${shown}`, `the least is ${limit}`);
    case 'maximum':
      return wrong(`${where} cannot be ${shown}`, `the most is ${limit}`);
    case 'minProperties':
    case 'minItems':
    case 'minLength':
      return wrong(`${where} is empty`, listOf('known keys', Object.keys(propertiesOf(error.parentSchema))));
    case 'maxProperties':
      return wrong(`${where} has several keys, and may have one`, 'put each into an item of its own, with a "-"');
    case 'maxItems':
      return wrong(`${where} has more than ${limit} items`);
    default:
      return wrong(`${where} ${error.message ?? 'is not right'}`);
  }
}

function formWords(text: string, error: ErrorObject): Words {
  const title = titleOf(error.parentSchema);
  const form = FORMS[title];
  if (error.keyword === 'maxLength') return { code: 'wrong-value', message: `"${text.slice(0, 20)}..." is too long` };
  if (title === 'service') {
    const kinds = ['http', 'https', 'echo-tcp', 'echo-udp', 'discard-tcp', 'discard-udp'];
    return { code: 'unknown-name', message: `unknown service "${text}"`, suggestion: suggestFrom(text, kinds) };
  }
  if (form === undefined) return { code: 'wrong-value', message: `"${text}" is not of the right form` };
  return {
    code: 'bad-unit',
    message: `"${text}" is not ${/^[aeiouI]/.test(title) ? 'an' : 'a'} ${title}`,
    suggestion: form,
  };
}

const FEATURES: Readonly<Record<string, string>> = {
  pki: 'certificates and their authorities are not built yet',
  https: 'https is not built yet',
  tls: 'TLS is not built yet',
};

function notBuilt(feature: string): Words {
  const message = FEATURES[feature] ?? `${feature} is not built yet`;
  const suggestion = feature === 'https' ? 'serve and fetch the page over http:// until then' : undefined;
  return { code: 'not-built', message, suggestion };
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  object: 'a map',
  array: 'a list',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'nothing',
};

const quoted = (value: unknown): string =>
  value === null ? 'empty' : typeof value === 'string' ? `"${value}"` : `${value}`;

const listOf = (what: string, words: readonly string[]): string | undefined =>
  words.length === 0 || words.length > 24 ? undefined : `${what}: ${words.join(', ')}`;

const firstOf = (span: Span): Span => ({ source: span.source, start: span.start, end: span.start + 1 });

function titleOf(schema: ErrorObject['parentSchema']): string {
  const { title = '' } = (schema ?? {}) as { title?: unknown };
  return String(title);
}

function propertiesOf(schema: ErrorObject['parentSchema']): Record<string, unknown> {
  const { properties = {} } = (schema ?? {}) as { properties?: Record<string, unknown> };
  return properties;
}

function propertyDescription(schema: ErrorObject['parentSchema'], key: string): string | undefined {
  const property = propertiesOf(schema)[key];
  if (typeof property !== 'object' || property === null || !('description' in property)) return undefined;
  const sentence = String(property.description);
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '');
}
