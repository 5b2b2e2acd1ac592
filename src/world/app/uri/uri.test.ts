import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { URI_SAMPLES } from './samples.ts';
import { formatUri, hostHeader, isUriError, MAX_URI_LENGTH, parseUri, portOf, requestTarget, type Uri } from './uri.ts';
import { normalizeUri, percentDecode, percentEncode, removeDotSegments, resolveUri } from './uri_resolve.ts';

function parse(text: string): Uri {
  const uri = parseUri(text);
  assert.ok(!isUriError(uri), `${text}: ${isUriError(uri) ? uri.message : ''}`);
  return uri;
}

const show = ({ scheme, authority, path, query, fragment }: Uri): string =>
  [scheme, authority?.userInfo, authority?.host, authority?.port, path, query, fragment]
    .map((part) => part ?? '-')
    .join(' | ');

test('the parts of the lecture’s seven examples', () => {
  const examples = [
    'https://kytos02.cs.virginia.edu:443/cs3130-spring2023/quizzes/quiz.php?qid=02#q2',
    'https://kytos02.cs.virginia.edu/cs3130-spring2023/quizzes/quiz.php?qid=02',
    'https://www.cs.virginia.edu/',
    'sftp://cr4bd@portal.cs.virginia.edu/u/cr4bd/file.txt',
    'tel:+1-434-982-2200',
    '//www.cs.virginia.edu/~cr4bd/3130/S2023/',
    '/~cr4bd/3130/S2023',
  ];
  assert.equal(
    `\n${examples.map((text) => show(parse(text))).join('\n')}`,
    `
https | - | kytos02.cs.virginia.edu | 443 | /cs3130-spring2023/quizzes/quiz.php | qid=02 | q2
https | - | kytos02.cs.virginia.edu | - | /cs3130-spring2023/quizzes/quiz.php | qid=02 | -
https | - | www.cs.virginia.edu | - | / | - | -
sftp | cr4bd | portal.cs.virginia.edu | - | /u/cr4bd/file.txt | - | -
tel | - | - | - | +1-434-982-2200 | - | -
- | - | www.cs.virginia.edu | - | /~cr4bd/3130/S2023/ | - | -
- | - | - | - | /~cr4bd/3130/S2023 | - | -`,
  );
  for (const text of examples) assert.equal(formatUri(parse(text)), text);
});

test('scheme and host of a reference are implied from where it stands', () => {
  const base = parse('https://www.cs.virginia.edu/people/');
  const resolve = (text: string): string => formatUri(resolveUri(base, parse(text)));
  assert.equal(resolve('//www.cs.virginia.edu/~cr4bd/3130/S2023/'), 'https://www.cs.virginia.edu/~cr4bd/3130/S2023/');
  assert.equal(resolve('/~cr4bd/3130/S2023'), 'https://www.cs.virginia.edu/~cr4bd/3130/S2023');
  assert.equal(resolve('tel:+1-434-982-2200'), 'tel:+1-434-982-2200');
});

// RFC 3986 §5.4.1 and §5.4.2, all of them.
const REFERENCES: readonly (readonly [reference: string, target: string])[] = [
  ['g:h', 'g:h'],
  ['g', 'http://a/b/c/g'],
  ['./g', 'http://a/b/c/g'],
  ['g/', 'http://a/b/c/g/'],
  ['/g', 'http://a/g'],
  ['//g', 'http://g'],
  ['?y', 'http://a/b/c/d;p?y'],
  ['g?y', 'http://a/b/c/g?y'],
  ['#s', 'http://a/b/c/d;p?q#s'],
  ['g#s', 'http://a/b/c/g#s'],
  ['g?y#s', 'http://a/b/c/g?y#s'],
  [';x', 'http://a/b/c/;x'],
  ['g;x', 'http://a/b/c/g;x'],
  ['g;x?y#s', 'http://a/b/c/g;x?y#s'],
  ['', 'http://a/b/c/d;p?q'],
  ['.', 'http://a/b/c/'],
  ['./', 'http://a/b/c/'],
  ['..', 'http://a/b/'],
  ['../', 'http://a/b/'],
  ['../g', 'http://a/b/g'],
  ['../..', 'http://a/'],
  ['../../', 'http://a/'],
  ['../../g', 'http://a/g'],
  ['../../../g', 'http://a/g'],
  ['../../../../g', 'http://a/g'],
  ['/./g', 'http://a/g'],
  ['/../g', 'http://a/g'],
  ['g.', 'http://a/b/c/g.'],
  ['.g', 'http://a/b/c/.g'],
  ['g..', 'http://a/b/c/g..'],
  ['..g', 'http://a/b/c/..g'],
  ['./../g', 'http://a/b/g'],
  ['./g/.', 'http://a/b/c/g/'],
  ['g/./h', 'http://a/b/c/g/h'],
  ['g/../h', 'http://a/b/c/h'],
  ['g;x=1/./y', 'http://a/b/c/g;x=1/y'],
  ['g;x=1/../y', 'http://a/b/c/y'],
  ['g?y/./x', 'http://a/b/c/g?y/./x'],
  ['g?y/../x', 'http://a/b/c/g?y/../x'],
  ['g#s/./x', 'http://a/b/c/g#s/./x'],
  ['g#s/../x', 'http://a/b/c/g#s/../x'],
  ['http:g', 'http:g'],
];

test('references resolve as in RFC 3986 §5.4', () => {
  const base = parse('http://a/b/c/d;p?q');
  for (const [reference, target] of REFERENCES) {
    assert.equal(formatUri(resolveUri(base, parse(reference))), target, reference);
  }
});

test('dot segments go as in RFC 3986 §5.2.4', () => {
  const table: readonly (readonly [string, string])[] = [
    ['/a/b/c/./../../g', '/a/g'],
    ['mid/content=5/../6', 'mid/6'],
    ['../../a', 'a'],
    ['./..', ''],
    ['a/../b', '/b'],
    ['/a//../b', '/a/b'],
    ['/..', '/'],
    ['', ''],
  ];
  for (const [path, expected] of table) assert.equal(removeDotSegments(path), expected, path);
});

test('a result never begins with two slashes that would be read as an authority', () => {
  assert.equal(formatUri(resolveUri(parse('foo:/a'), parse('/..//bar'))), 'foo:/.//bar');
  assert.equal(formatUri(resolveUri(parse('http://a/b'), parse('foo:/..//bar'))), 'foo:/.//bar');
});

test('hosts are names, IPv4 addresses or literals in brackets', () => {
  const table: readonly (readonly [string, string | undefined, string])[] = [
    ['http://www.foo.com/', 'name', 'www.foo.com'],
    ['http://10.0.0.1/', 'ipv4', '10.0.0.1'],
    ['http://10.0.0.256/', 'name', '10.0.0.256'],
    ['http://[2001:db8::7]:80/', 'ipv6', '2001:db8::7'],
    ['http://[::ffff:192.0.2.1]', 'ipv6', '::ffff:192.0.2.1'],
    ['http://[v1.fe80::a+en1]', 'future', 'v1.fe80::a+en1'],
    ['file:///etc/hosts', 'name', ''],
    ['http://a%20b/', 'name', 'a%20b'],
  ];
  for (const [text, kind, host] of table) {
    const uri = parse(text);
    assert.deepEqual([uri.authority?.hostKind, uri.authority?.host], [kind, host], text);
    assert.equal(formatUri(uri), text);
  }
});

test('what cannot be is refused at the character where it goes wrong', () => {
  const table: readonly (readonly [string, number, string])[] = [
    ['http://a b/', 8, 'has the character " " in its host'],
    ['http://a/%zz', 9, 'has a percent sign without two hex digits in its path'],
    ['http://a/%2', 9, 'has a percent sign without two hex digits in its path'],
    ['http://a:8o/', 10, 'has the character "o" in its port'],
    ['http://a:65536/', 9, 'has a port above 65535'],
    ['http://[::1/', 7, 'has an address literal without an end'],
    ['http://[::1]80/', 12, 'has something behind its address literal'],
    ['http://[1::2::3]/', 8, 'has an address literal that is none'],
    ['http://u@v@w/', 8, 'has the character "@" in its user'],
    ['1a:b', 0, 'has a scheme that cannot be'],
    ['a_b:c', 1, 'has a scheme that cannot be'],
    [':a', 0, 'has a scheme that cannot be'],
    ['a#b#c', 3, 'has the character "#" in its fragment'],
    ['a?b[c', 3, 'has the character "[" in its query'],
    ['a/\u00e9', 2, 'has the character "\u00e9" in its path'],
    ['a\\b', 1, 'has the character "\\\\" in its path'],
    [`a${'b'.repeat(MAX_URI_LENGTH)}`, MAX_URI_LENGTH, 'is too long'],
  ];
  for (const [text, index, message] of table) {
    assert.deepEqual(parseUri(text), { kind: 'UriError', index, message }, text.slice(0, 40));
  }
});

test('what HTTP says of a URI: the target, the host with a written port, the port to connect to', () => {
  const uri = parse('http://cr4bd@www.foo.com:80/foo/bar?quux#q1');
  assert.equal(requestTarget(uri), '/foo/bar?quux');
  assert.equal(hostHeader(uri), 'www.foo.com:80');
  assert.equal(portOf(uri), 80);
  assert.equal(requestTarget(parse('http://www.foo.com')), '/');
  assert.equal(requestTarget(parse('http://www.foo.com?a')), '/?a');
  assert.equal(hostHeader(parse('https://[2001:db8::7]:/')), '[2001:db8::7]');
  assert.equal(portOf(parse('https://[2001:db8::7]:/')), 443);
  assert.equal(portOf(parse('tel:+1')), undefined);
});

test('percent-encoding goes there and back, and never throws', () => {
  assert.equal(percentEncode('a b/ü~'), 'a%20b%2F%C3%BC~');
  assert.equal(percentDecode('a%20b%2F%C3%BC~'), 'a b/ü~');
  assert.equal(percentDecode('%ff%zz%'), '\ufffd%zz%');
  const text = fc.string({ unit: 'binary' }).filter((sample) => sample.isWellFormed());
  fc.assert(fc.property(text, (sample) => percentDecode(percentEncode(sample)) === sample));
});

test('one resource, one normal form', () => {
  const forms = ['HTTP://www.Foo.com/%7efoo/./a%2fb', 'http://www.foo.com/x/../~foo/a%2Fb'];
  for (const form of forms) assert.equal(formatUri(normalizeUri(parse(form))), 'http://www.foo.com/~foo/a%2Fb');
});

test('whatever parses is written back letter by letter, and resolves to something that parses', () => {
  const letters = fc.constantFrom(...'ab:/?#[]@.%2e1'.split(''), '//', '..', '%41', '::1');
  const base = parse('http://a/b/c');
  let parsed = 0;
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      const uri = parseUri(text);
      if (isUriError(uri)) return uri.index >= 0 && uri.index <= text.length;
      parsed++;
      const target = parseUri(formatUri(resolveUri(base, uri)));
      return formatUri(uri) === text && !isUriError(target);
    }),
    { numRuns: 3000 },
  );
  assert.ok(parsed > 300, `only ${parsed} of the texts parsed`);
});

test('mutated samples never throw', () => {
  fc.assert(
    fc.property(fc.constantFrom(...URI_SAMPLES), fc.nat(), fc.string({ maxLength: 3 }), (sample, at, insert) => {
      const place = at % (sample.length + 1);
      const text = sample.slice(0, place) + insert + sample.slice(place + 1);
      const uri = parseUri(text);
      return isUriError(uri) || formatUri(uri) === text;
    }),
  );
});
