// RFC 8448 as somebody hears it who has the traces' secrets: every record opens, and every byte is told of.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hexOf } from '../../src/core/bytes.ts';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { portableCrypto } from '../../src/secure/crypto/portable.ts';
import { TlsEavesdropper } from '../../src/secure/tls/eavesdropper.ts';
import { explainOpened, explainRecord } from '../../src/secure/tls/explain.ts';
import { isFailure } from '../../src/secure/tls/failure.ts';
import { writeHandshakeMessage } from '../../src/secure/tls/handshake_writer.ts';
import type { SecretLabel } from '../../src/secure/tls/tls_event.ts';
import { stepsOf, TRACES } from './rfc8448.ts';

/** The RFC's names for what key logs have. */
const NAMES: Readonly<Record<SecretLabel, string>> = {
  CLIENT_EARLY_TRAFFIC_SECRET: 'c e traffic',
  CLIENT_HANDSHAKE_TRAFFIC_SECRET: 'c hs traffic',
  SERVER_HANDSHAKE_TRAFFIC_SECRET: 's hs traffic',
  CLIENT_TRAFFIC_SECRET_0: 'c ap traffic',
  SERVER_TRAFFIC_SECRET_0: 's ap traffic',
  EXPORTER_SECRET: 'exp master',
};

for (const provider of [nodeCrypto, portableCrypto]) {
  for (const [section, title] of Object.entries(TRACES)) {
    const steps = stepsOf(Number(section));

    test(`RFC 8448 §${section}, ${title}, with ${provider.name}: heard, opened and explained`, () => {
      const eavesdropper = new TlsEavesdropper({
        provider,
        secretOf: (label) => steps.find((step) => step.label === NAMES[label])?.value('expanded'),
      });
      let messages = 0;
      for (const { by, what, value } of steps) {
        if (!what.startsWith('send') || (by !== 'client' && by !== 'server')) continue;
        const { records, failure } = eavesdropper.receive(by, value('complete record'));
        assert.equal(failure, undefined);
        const [record] = records;
        assert.ok(record?.content !== undefined && records.length === 1, what);
        assert.equal(hexOf(record.content.data), hexOf(value('payload')), what);
        for (const { whole } of record.content.fragments) {
          assert.ok(whole !== undefined && !isFailure(whole.message), what);
          messages++;
        }
        const told = [...explainRecord(record), ...(explainOpened(record)?.explanation ?? [])];
        assert.deepEqual(
          told.filter(({ label }) => label.startsWith('not read')),
          [],
          what,
        );
      }
      assert.ok(messages >= 6, `${messages} messages`);
    });
  }
}

test('the hellos of RFC 8448 that hold nothing but what is known here are written byte for byte', () => {
  let written = 0;
  for (const section of Object.keys(TRACES).map(Number)) {
    const eavesdropper = new TlsEavesdropper();
    for (const { by, what, value } of stepsOf(section)) {
      if (!what.startsWith('send handshake') || (by !== 'client' && by !== 'server')) continue;
      for (const { content } of eavesdropper.receive(by, value('complete record')).records) {
        for (const { whole } of content?.fragments ?? []) {
          if (whole === undefined || isFailure(whole.message) || whole.message.kind === 'client-hello') continue;
          assert.equal(hexOf(writeHandshakeMessage(whole.message)), hexOf(whole.bytes));
          written++;
        }
      }
    }
  }
  assert.equal(written, 6);
});
