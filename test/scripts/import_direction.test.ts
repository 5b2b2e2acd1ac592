import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importViolations } from '../../scripts/import_direction.ts';

const violations = (path: string, source: string): number => importViolations(path, source).length;

test('an import from a floor above is found, however it is written', () => {
  const upward = [
    "import { Host } from '../world/host/host.ts';",
    "import type { Host } from '../world/host/host.ts';",
    "import {\n  type Host,\n  boot,\n} from '../world/host/host.ts';",
    "import * as host from '../world/host/host.ts';",
    "import '../world/host/host.ts';",
    'export * from "../world/host/host.ts";',
    "export { Host } from '../world/host/host.ts';",
    "const host = await import('../world/host/host.ts');",
    "let host: import('../world/host/host.ts').Host;",
    "import { assert } from './assert.ts'; import { Host } from '../world/host/host.ts';",
  ];
  for (const source of upward) {
    assert.deepEqual(importViolations('core/arena.ts', source), [
      'core/arena.ts: core imports world/host/host.ts, from the room above it',
    ]);
  }
});

test('within a floor, rooms import in the order written', () => {
  assert.equal(violations('stack/net/route.ts', "import { a } from '../link/device.ts';"), 0);
  assert.equal(violations('stack/link/device.ts', "import { a } from '../net/route.ts';"), 1);
  assert.equal(violations('world/view/ladder.ts', "import { a } from '../sim/run.ts';"), 1);
  assert.equal(violations('world/sim/run.ts', "import { a } from '../view/ladder.ts';"), 0);
  assert.equal(violations('secure/crypto/a.ts', "import { a } from '../../stack/transport/tcp/tcb.ts';"), 0);
});

test('imports from below and from the same room are allowed, deeper folders included', () => {
  assert.equal(violations('stack/transport/tcp/tcb.ts', "import { a } from '../../net/route.ts';"), 0);
  assert.equal(violations('stack/transport/tcp/tcb.ts', "import { a } from '../ports.ts';"), 0);
  assert.equal(violations('doors/cli/main.ts', "import { a } from '../../core/arena.ts';"), 0);
});

test('only the doors and the provider of platform crypto import node:*', () => {
  const source = "import { readFileSync } from 'node:fs';";
  assert.equal(violations('doors/cli/main.ts', source), 0);
  assert.equal(violations('secure/crypto/node.ts', source), 0);
  assert.equal(violations('secure/crypto/noble.ts', source), 1);
  assert.equal(violations('world/sim/run.ts', source), 1);
});

test('comments and text that speak of imports are none', () => {
  assert.equal(violations('core/arena.ts', "// import { a } from '../world/host/host.ts';"), 0);
  assert.equal(violations('core/arena.ts', "/**\n * import { a } from '../world/host/host.ts'\n */"), 0);
});

test('a file outside of every room is found', () => {
  assert.equal(violations('stack/route.ts', ''), 1);
  assert.equal(violations('helpers/a.ts', ''), 1);
});
