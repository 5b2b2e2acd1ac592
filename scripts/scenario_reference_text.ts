// The reference of scenario files as Markdown, made from their schema alone: one section a map, one line a key.

export interface SchemaNode {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  readonly then?: SchemaNode;
  readonly 'x-not-built'?: string;
}

export interface RootSchema extends SchemaNode {
  readonly $id: string;
  readonly $defs: Readonly<Record<string, SchemaNode>>;
}

/** The key a form stands under, and the section that has it. */
interface Place {
  readonly key: string;
  readonly of: string;
}

interface Section {
  readonly heading: string;
  readonly anchor: string;
  readonly node: SchemaNode;
}

export function scenarioReference(schema: RootSchema): string {
  const writer = new ReferenceWriter(schema);
  return `${writer.lines().join('\n')}\n`;
}

class ReferenceWriter {
  private readonly schema: RootSchema;
  /** In the order in which they are first mentioned; each is written once. */
  private readonly sections: Section[] = [];

  constructor(schema: RootSchema) {
    this.schema = schema;
  }

  lines(): string[] {
    const lines = [
      '# Scenario files',
      '',
      '<!-- Made from src/world/sim/scenario.schema.json by scripts/scenario_reference.ts: change it there. -->',
      '',
      this.schema.description ?? '',
      '',
      `Schema: \`${this.schema.$id}\` (\`netarium/scenario.schema.json\` in the package). An editor that knows YAML schemas completes and checks a file that begins with \`# yaml-language-server: $schema=...\`.`,
      '',
      'Units (`duration`, `rate`, `percentage`, `size`, addresses) have a grammar in [units.md](units.md). A key that is marked **not built** is known and checked, but a scenario that uses it cannot be run yet.',
      '',
      ...this.table('Top level', this.schema),
    ];
    // Grows while it is walked.
    for (const section of this.sections) lines.push('', ...this.table(section.heading, section.node, section.anchor));
    return lines;
  }

  private table(heading: string, node: SchemaNode, anchor?: string): string[] {
    const lines = [`## ${heading}`];
    if (anchor !== undefined) lines.push('', `<a id="${anchor}"></a>`);
    if (anchor !== undefined && node.description !== undefined) lines.push('', node.description);
    lines.push('', '| key | value | default | meaning |', '|---|---|---|---|');
    for (const [key, written] of Object.entries(node.properties ?? {})) {
      const value = this.resolved(written);
      const isRequired = node.required?.includes(key) === true;
      const fallback = isRequired ? '**required**' : value.default === undefined ? '' : `\`${shown(value.default)}\``;
      const notes = value['x-not-built'] === undefined ? '' : ' **Not built.**';
      lines.push(
        `| \`${key}\` | ${this.form(written, { key, of: heading })} | ${fallback} | ${cell(value.description ?? '')}${notes} |`,
      );
    }
    return lines;
  }

  /** What may stand there, in a few words; maps with fixed keys become sections of their own. */
  private form(written: SchemaNode, place?: Place): string {
    const node = this.resolved(written);
    const types = node.type === undefined ? [] : ([] as string[]).concat(node.type);
    if (node.enum !== undefined) return node.enum.map((value) => `\`${shown(value)}\``).join(', ');
    if (node.const !== undefined) return `\`${shown(node.const)}\``;
    const forms: string[] = [];
    for (const type of types) {
      if (type === 'string') forms.push(/^[a-zI]/.test(node.title ?? '') ? (node.title ?? '') : 'text');
      else if (type === 'boolean') forms.push('`true`, `false`');
      else if (type === 'integer' || type === 'number') forms.push(numberForm(node));
      else if (type === 'array')
        forms.push(`list of: ${node.items === undefined ? 'values' : this.form(node.items, place)}`);
      else if (type === 'object') forms.push(this.mapForm(written, node, place));
    }
    return forms.join('; or ') || 'any';
  }

  private mapForm(written: SchemaNode, node: SchemaNode, place?: Place): string {
    const inner = node.then === undefined ? node : this.resolved(node.then);
    if (inner.properties !== undefined) {
      const name = (node.then?.$ref ?? written.$ref)?.replace('#/$defs/', '');
      const inline = place === undefined ? 'map' : `\`${place.key}\` of: ${place.of}`;
      const isTitled = inner.title !== undefined && /^[A-Z]/.test(inner.title);
      const heading = name === undefined ? inline : isTitled ? (inner.title ?? '') : headingOf(name);
      const anchor = name ?? inline.replace(/[^A-Za-z]+/g, '-').replace(/^-|-$/g, '');
      if (!this.sections.some((section) => section.anchor === anchor)) {
        this.sections.push({ heading, anchor, node: inner });
      }
      return `[map](#${anchor})`;
    }
    const values = inner.additionalProperties;
    return typeof values === 'object' ? `map of names to: ${this.form(values, place)}` : 'map';
  }

  /** The referenced definition, with what is said where it is used going before. */
  private resolved(node: SchemaNode): SchemaNode {
    if (node.$ref === undefined) return node;
    const { $ref, ...own } = node;
    return { ...this.resolved(this.schema.$defs[$ref.replace('#/$defs/', '')] ?? {}), ...own };
  }
}

function numberForm({ minimum, maximum }: SchemaNode): string {
  if (minimum === undefined) return 'number';
  return maximum === undefined ? `whole number from ${minimum}` : `whole number, ${minimum} to ${maximum}`;
}

const headingOf = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
