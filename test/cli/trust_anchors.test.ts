import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rootCertificates } from 'node:tls';
import { room } from './command_line.ts';

test("each root that Node ships is read and counted, with the lecture's figures beside", async (context) => {
  const { netarium } = room(context);
  const { status, stdout, stderr } = await netarium('trust-anchors', '--json');
  assert.deepEqual([status, stderr], [0, '']);
  const found = JSON.parse(stdout);
  assert.equal(found.anchors, rootCertificates.length);
  const roots: { notAfter: number; key: string }[] = found.list.flatMap((owner: { roots: object[] }) => owner.roots);
  assert.equal(roots.length, rootCertificates.length);
  assert.equal(found.list.length, found.owners);
  assert.ok(found.owners > 20 && found.owners < found.anchors);
  assert.ok(roots.every(({ key }) => /^RSA \d{4}$|^P-\d{3}$/.test(key)));
  assert.deepEqual(
    found.others.map(({ anchors, owners }: { anchors: number; owners: number }) => [anchors, owners]),
    [
      [155, 55],
      [237, 86],
    ],
  );
});

test('as text, an owner stands once before all of its roots', async (context) => {
  const { netarium } = room(context);
  const { status, stdout } = await netarium('trust-anchors');
  assert.equal(status, 0);
  assert.equal(stdout.match(/ DigiCert Inc /g)?.length, 1);
  assert.match(stdout, /\nMozilla Firefox, 2023-02-27 +155 +55\nMicrosoft Windows, 2023-02-27 +237 +86\n/);
});
