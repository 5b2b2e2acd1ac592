import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { joinBytes, textOf, utf8 } from '../../core/bytes.ts';
import { StreamReplacer } from './stream_replacer.ts';

const replacer = (texts: Readonly<Record<string, string>>): StreamReplacer =>
  new StreamReplacer(Object.entries(texts).map(([from, to]) => ({ from: utf8(from), to: utf8(to) })));

test('wherever a stream is cut, the outcome is that of replacing in the whole', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '1'), maxLength: 60 });
  fc.assert(
    fc.property(letters, fc.array(fc.nat(5)), fc.constantFrom('aab', 'aba', 'a', '1b'), (text, cuts, from) => {
      const stream = replacer({ [from]: 'XYZ' });
      const out: Uint8Array[] = [];
      let rest = text;
      for (const cut of cuts) {
        out.push(stream.feed(utf8(rest.slice(0, cut))));
        rest = rest.slice(cut);
      }
      out.push(stream.feed(utf8(rest)), stream.end());
      assert.equal(textOf(joinBytes(out)), text.replaceAll(from, 'XYZ'));
      assert.equal(stream.hits, text.split(from).length - 1);
    }),
  );
});

test('nothing waits that cannot be the beginning of a text', () => {
  const stream = replacer({ $100: '$999' });
  assert.equal(textOf(stream.feed(utf8('Pay $10'))), 'Pay ');
  assert.equal(textOf(stream.feed(utf8('5 now $'))), '$105 now ');
  assert.equal(textOf(stream.end()), '$');
});

test('an empty text is refused', () => {
  assert.throws(() => replacer({ '': 'x' }), RangeError);
});
